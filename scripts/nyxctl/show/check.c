// SPDX-License-Identifier: GPL-2.0-only
/* The command check: whether the module can be used on this machine, before it is loaded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "acpi/apic.h"
#include "base/list.h"
#include "commands.h"
#include "finding.h"
#include "nyxctl.h"

#define BLANKS "\n\t "

static bool exists(const char *folder, const char *name)
{
	char *path = path_of(folder, name);
	bool found = !access(path, F_OK);

	free(path);
	return found;
}

static bool is_amd(void)
{
	return exists(options.sysfs, "firmware/acpi/tables/IVRS");
}

static bool is_intel(void)
{
	return exists(options.sysfs, "firmware/acpi/tables/DMAR");
}

static void check_firmware(struct findings *findings)
{
	if (is_amd() || is_intel())
		found(findings, FINE,
		      text_of("firmware has an %s table", is_amd() ? "IVRS" : "DMAR"), NULL);
	else
		found(findings, ATTENTION,
		      text_of("firmware has neither a DMAR nor an IVRS table"),
		      text_of("enable the IOMMU (VT-d, AMD-Vi, SVM) in the firmware's setup"));
}

static void check_kernel(struct findings *findings)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	if (sscanf(name.release, "%u.%u", &major, &minor) != 2)
		found(findings, NOTE, text_of("the kernel is %s", name.release),
		      text_of("use a kernel from 6.12 on"));
	else if (strcmp(name.machine, "x86_64"))
		found(findings, ATTENTION, text_of("the machine is %s", name.machine),
		      text_of("use an x86-64 machine"));
	else if (major < 6 || (major == 6 && minor < 12))
		found(findings, ATTENTION, text_of("the kernel is %s", name.release),
		      text_of("use a kernel from 6.12 on"));
	else
		found(findings, FINE, text_of("the kernel is %s", name.release), NULL);
}

static bool has_word(char *words, const char *word)
{
	char *rest = NULL, *one;

	for (one = strtok_r(words, ",", &rest); one; one = strtok_r(NULL, ",", &rest))
		if (!strcmp(one, word))
			return true;
	return false;
}

/*
 * Whether a parameter of the kernel has a word, such as "off" in intel_iommu=on,off. If it
 * is given several times, the last one counts.
 */
static bool has_parameter(const char *line, const char *name, const char *word)
{
	char *copy = must(strdup(line)), *rest = NULL, *one;
	size_t length = strlen(name);
	bool has = false;

	for (one = strtok_r(copy, BLANKS, &rest); one; one = strtok_r(NULL, BLANKS, &rest))
		if (!strncmp(one, name, length) && one[length] == '=')
			has = has_word(one + length + 1, word);
	free(copy);
	return has;
}

static void check_parameters(struct findings *findings)
{
	char *path = path_of(options.procfs, "cmdline"), *line;

	if (read_path(path, &line))
		found(findings, NOTE, text_of("%s cannot be read", path),
		      text_of("mount /proc"));
	else if (is_amd() && !has_parameter(line, "amd_iommu", "off"))
		found(findings, ATTENTION, text_of("the built-in driver is not disabled"),
		      text_of("boot with amd_iommu=off"));
	else if (is_intel() && !has_parameter(line, "intel_iommu", "off"))
		found(findings, ATTENTION, text_of("the built-in driver is not disabled"),
		      text_of("boot with intel_iommu=off intremap=off"));
	else if (!is_amd() && !is_intel())
		found(findings, NOTE,
		      text_of("which parameters are needed depends on the firmware table"),
		      text_of("enable the IOMMU first"));
	else if (is_intel() && !has_parameter(line, "intremap", "off"))
		found(findings, ATTENTION, text_of("the kernel remaps interrupts itself"),
		      text_of("boot with intremap=off"));
	else
		found(findings, FINE, text_of("the built-in driver is disabled"), NULL);
	free(line);
	free(path);
}

/* Units of this module are named after the vendor, as vtd0 and amd0. */
static void check_driver(struct findings *findings)
{
	struct names units = names_in("class/iommu");
	size_t i;

	for (i = 0; i < units.count; i++)
		if (strncmp(units.name[i], "vtd", 3) && strncmp(units.name[i], "amd", 3))
			break;
	if (i < units.count)
		found(findings, ATTENTION, text_of("another driver uses %s", units.name[i]),
		      text_of("disable that driver and reboot"));
	else
		found(findings, FINE, text_of("no other driver uses the units"), NULL);
	names_free(&units);
}

/* The kernel enters x2APIC mode only if its built-in driver remaps interrupts at boot. */
static void check_x2apic(struct findings *findings)
{
	int cpus = count_wide_cpus();

	if (cpus > 0)
		found(findings, ATTENTION,
		      text_of("%d CPU%s an APIC ID above 254, and stay%s offline without x2APIC "
			      "mode", cpus, cpus == 1 ? " has" : "s have", cpus == 1 ? "s" : ""),
		      text_of("use the built-in driver if they are needed, or firmware that "
			      "enters x2APIC mode itself"));
	else if (cpus < 0)
		found(findings, NOTE, text_of("it is not known whether CPUs need x2APIC mode"),
		      text_of("run the command as root"));
	else
		found(findings, FINE, text_of("no CPU needs x2APIC mode"), NULL);
}

static void check_lockdown(struct findings *findings)
{
	if (is_locked_down())
		found(findings, NOTE,
		      text_of("the kernel is locked down: it takes only signed modules, and "
			      "some files in debugfs cannot be used"),
		      text_of("sign the module, as DKMS does with the owner's key (mokutil)"));
	else
		found(findings, FINE, text_of("the kernel is not locked down"), NULL);
}

static void check_headers(struct findings *findings)
{
	struct utsname name;
	char *path;

	uname(&name);
	path = text_of("/lib/modules/%s/build/Makefile", name.release);
	if (!access(path, F_OK))
		found(findings, FINE, text_of("the headers of the kernel are installed"), NULL);
	else
		found(findings, NOTE,
		      text_of("the headers of the kernel are not installed, so the module "
			      "cannot be built"),
		      text_of("install linux-headers-$(uname -r), or a package with the module"));
	free(path);
}

static void check_debugfs(struct findings *findings)
{
	char *folder = must(strdup(options.debugfs)), *slash = strrchr(folder, '/');

	if (slash)
		*slash = '\0';
	if (!access(folder, F_OK) || geteuid())
		found(findings, FINE, text_of("%s has debugfs", folder), NULL);
	else
		found(findings, NOTE,
		      text_of("there is no debugfs at %s: the module works, but shows "
			      "less", folder),
		      text_of("mount -t debugfs none /sys/kernel/debug"));
	free(folder);
}

static void check_loaded(struct findings *findings)
{
	char *version = read_line("module/nyx_iommu/version");

	if (version)
		found(findings, FINE, text_of("the module is loaded, version %s", version), NULL);
	else
		found(findings, NOTE, text_of("the module is not loaded"),
		      text_of("modprobe nyx_iommu"));
	free(version);
}

static const struct {
	const char *name;
	void (*run)(struct findings *findings);
} checks[] = {
	{ "kernel", check_kernel },
	{ "firmware", check_firmware },
	{ "parameters", check_parameters },
	{ "driver", check_driver },
	{ "x2apic", check_x2apic },
	{ "lockdown", check_lockdown },
	{ "headers", check_headers },
	{ "debugfs", check_debugfs },
	{ "module", check_loaded },
};

/**
 * cmd_check() - check whether the module can be used on this machine
 * @argc: number of arguments, with the command
 * @argv: the command
 *
 * Return: NYX_OK; NYX_ATTENTION if the module would not work.
 */
int cmd_check(int argc, char **argv)
{
	static const char * const results[] = { "good", "note", "bad" };
	struct findings findings = { 0 };
	bool bad, notes;
	size_t i;

	(void)argc;
	(void)argv;
	for (i = 0; i < COUNT_OF(checks); i++) {
		findings.check = checks[i].name;
		checks[i].run(&findings);
	}
	findings_print(&findings, results);
	bad = findings_count(&findings, ATTENTION);
	notes = findings_count(&findings, NOTE);
	if (!options.json)
		puts(bad ? "the module would not work here" :
		     notes ? "the module can be used, with the notes above" :
			     "the module can be used");
	findings_free(&findings);
	return bad ? NYX_ATTENTION : NYX_OK;
}
