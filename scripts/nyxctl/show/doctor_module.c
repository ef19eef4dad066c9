// SPDX-License-Identifier: GPL-2.0-only
/* What the module and the kernel are set to. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../drivers/iommu/nyx/version.h"
#include "doctor.h"
#include "nyxctl.h"

#define UNLOAD "detach and unload the module, and load it without "

/**
 * struct setting - a parameter of a module that weakens the protection
 * @module: the module
 * @name: the parameter
 * @value: the value that does; NULL for any that is not empty
 * @result: NOTE or ATTENTION
 * @text: what it does
 */
struct setting {
	const char *module, *name, *value;
	int result;
	const char *text;
};

static const struct setting settings[] = {
	{ "nyx_iommu", "adopt_interrupts", "N", NOTE,
	  "interrupts that were in use before the module was loaded are not remapped" },
	{ "nyx_iommu", "intr_entries", "0", ATTENTION,
	  "interrupts are not remapped, so any device can forge them" },
	{ "nyx_iommu", "register_based", "Y", ATTENTION,
	  "interrupts are not remapped, so any device can forge them, and no device has ATS" },
	{ "nyx_iommu", "relax_reserved", NULL, NOTE,
	  "VFIO may have devices although firmware reserves memory for them" },
	{ "nyx_iommu", "intr_any_source", NULL, NOTE,
	  "any device below the unit can raise the interrupts of these devices" },
	{ "nyx_iommu", "igfx", "identity", NOTE, "the integrated graphics reach all memory" },
	{ "nyx_iommu", "fault_action", "log", NOTE,
	  "a device that causes many faults is not cut off" },
	{ "nyx_iommu", "takeover", "N", NOTE,
	  "the module is not loaded on a machine that firmware left with a running unit" },
	{ "vfio_iommu_type1", "allow_unsafe_interrupts", "Y", ATTENTION,
	  "VFIO accepts devices that can forge interrupts" },
	{ "iommufd", "allow_unsafe_interrupts", "Y", ATTENTION,
	  "IOMMUFD accepts devices that can forge interrupts" },
};

static bool applies(const struct setting *setting, const char *value)
{
	if (setting->value)
		return !strcmp(value, setting->value);
	return *value && strcmp(value, "(null)");
}

/**
 * doctor_module() - check which module is loaded, and how
 * @findings: a list, to which what is found is added
 * @state: not used
 */
void doctor_module(struct findings *findings, const struct state *state)
{
	char *version = read_line("module/nyx_iommu/version");
	char *diagnose = read_line("module/nyx_iommu/parameters/diagnose");

	(void)state;
	if (version && strcmp(version, NYX_VERSION))
		found(findings, ATTENTION,
		      text_of("the module has version %s, and nyxctl " NYX_VERSION, version),
		      text_of("install both from the same source, and reboot, or detach and unload "
			      "the module and load it again"));
	if (diagnose && !strcmp(diagnose, "Y"))
		found(findings, ATTENTION,
		      text_of("the module drives no unit, because it was loaded with diagnose=1"),
		      text_of("see notes in %s, run rmmod nyx_iommu, and load it without "
			      "diagnose",
			      options.debugfs));
	else if (access(options.debugfs, F_OK))
		found(findings, ATTENTION,
		      text_of("there is no %s, so little can be checked", options.debugfs),
		      text_of("mount debugfs, or boot without debugfs=off"));
	free(diagnose);
	free(version);
}

/**
 * doctor_parameters() - find parameters that weaken the protection
 * @findings: a list, to which what is found is added
 * @state: not used
 */
void doctor_parameters(struct findings *findings, const struct state *state)
{
	const struct setting *setting;
	char *value;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(settings); i++) {
		setting = &settings[i];
		value = read_line("module/%s/parameters/%s", setting->module, setting->name);
		if (value && applies(setting, value))
			found(findings, setting->result,
			      text_of("%s=%s: %s", setting->name, value, setting->text),
			      strcmp(setting->module, "nyx_iommu") ?
			      text_of("echo N > /sys/module/%s/parameters/%s", setting->module,
				      setting->name) :
			      text_of(UNLOAD "%s, unless that is wanted", setting->name));
		free(value);
	}
}

/**
 * doctor_kernel() - check for errors of the kernel, and for lockdown
 * @findings: a list, to which what is found is added
 * @state: not used
 */
void doctor_kernel(struct findings *findings, const struct state *state)
{
	/* Documentation/admin-guide/tainted-kernels.rst of the kernel. */
	static const struct {
		int bit;
		const char *what;
	} taints[] = {
		{ 4, "a machine check" },
		{ 7, "an oops" },
		{ 9, "a warning" },
		{ 14, "a soft lockup" },
	};
	char *path = path_of(options.procfs, "sys/kernel/tainted"), *text;
	unsigned long taint = 0;
	size_t i;

	(void)state;
	if (!read_path(path, &text))
		taint = strtoul(text, NULL, 10);
	for (i = 0; i < COUNT_OF(taints); i++)
		if (taint & 1ul << taints[i].bit)
			found(findings, NOTE,
			      text_of("the kernel has reported %s since it "
				      "booted", taints[i].what),
			      text_of("look for it in dmesg or journalctl -k, and report it if "
				      "nyx is in the call trace"));
	if (is_locked_down())
		found(findings, NOTE,
		      text_of("the kernel is locked down: the commands disable, reset, policy "
			      "and forensics do not work"),
		      text_of("set policies in /sys/bus/pci/devices/*/nyx/policy, and recover a "
			      "device by unbinding and binding its driver"));
	free(text);
	free(path);
}
