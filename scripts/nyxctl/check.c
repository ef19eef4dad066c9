// SPDX-License-Identifier: GPL-2.0-only
/* The command check: whether the module can be used on this machine, before it is loaded. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "commands.h"
#include "nyxctl.h"
#include "output.h"
#include "list.h"

#define BLANKS "\n\t "

enum { GOOD, NOTE, BAD_RESULT };

/**
 * struct finding - the result of a check
 * @result: GOOD; NOTE if it limits what the module can do; BAD_RESULT if the module would
 *	not work
 * @text: what was found
 * @remedy: what to do; NULL if nothing has to be done
 */
struct finding {
	int result;
	char *text;
	const char *remedy;
};

static __attribute__((format(printf, 3, 4)))
struct finding found(int result, const char *remedy, const char *format, ...)
{
	struct finding finding = { .result = result, .remedy = remedy };
	va_list args;

	va_start(args, format);
	finding.text = format_text(format, args);
	va_end(args);
	return finding;
}

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

static struct finding check_firmware(void)
{
	if (is_amd() || is_intel())
		return found(GOOD, NULL, "firmware has an %s table",
			     is_amd() ? "IVRS" : "DMAR");
	return found(BAD_RESULT,
		     "enable the IOMMU (VT-d, AMD-Vi, SVM) in the firmware's setup",
		     "firmware has neither a DMAR nor an IVRS table");
}

static struct finding check_kernel(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	if (sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return found(NOTE, "use a kernel from 6.12 on", "the kernel is %s",
			     name.release);
	if (strcmp(name.machine, "x86_64"))
		return found(BAD_RESULT, "use an x86-64 machine", "the machine is %s",
			     name.machine);
	if (major < 6 || (major == 6 && minor < 12))
		return found(BAD_RESULT, "use a kernel from 6.12 on", "the kernel is %s",
			     name.release);
	return found(GOOD, NULL, "the kernel is %s", name.release);
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

static struct finding check_parameters(void)
{
	char *path = path_of(options.procfs, "cmdline"), *line;
	struct finding finding;

	if (read_path(path, &line))
		finding = found(NOTE, "mount /proc", "%s cannot be read", path);
	else if (is_amd() && !has_parameter(line, "amd_iommu", "off"))
		finding = found(BAD_RESULT, "boot with amd_iommu=off",
				"the built-in driver is not disabled");
	else if (is_intel() && !has_parameter(line, "intel_iommu", "off"))
		finding = found(BAD_RESULT, "boot with intel_iommu=off intremap=off",
				"the built-in driver is not disabled");
	else if (is_intel() && !has_parameter(line, "intremap", "off"))
		finding = found(BAD_RESULT, "boot with intremap=off",
				"the kernel remaps interrupts itself");
	else
		finding = found(GOOD, NULL, "the built-in driver is disabled");
	free(line);
	free(path);
	return finding;
}

/* Units of this module are named after the vendor, as vtd0 and amd0. */
static struct finding check_driver(void)
{
	struct names units = names_in("class/iommu");
	struct finding finding = found(GOOD, NULL, "no other driver uses the units");
	size_t i;

	for (i = 0; i < units.count; i++) {
		if (!strncmp(units.name[i], "vtd", 3) || !strncmp(units.name[i], "amd", 3))
			continue;
		free(finding.text);
		finding = found(BAD_RESULT, "disable that driver and reboot",
				"another driver uses %s", units.name[i]);
		break;
	}
	names_free(&units);
	return finding;
}

static struct finding check_lockdown(void)
{
	char *line = read_line("kernel/security/lockdown");
	struct finding finding;

	if (!line || strstr(line, "[none]"))
		finding = found(GOOD, NULL, "the kernel is not locked down");
	else
		finding = found(NOTE,
				"sign the module, as DKMS does with the owner's key (mokutil)",
				"the kernel is locked down: it takes only signed modules, and some files in debugfs cannot be used");
	free(line);
	return finding;
}

static struct finding check_headers(void)
{
	struct utsname name;
	char *path;
	bool found_headers;

	uname(&name);
	path = text_of("/lib/modules/%s/build/Makefile", name.release);
	found_headers = !access(path, F_OK);
	free(path);
	if (found_headers)
		return found(GOOD, NULL, "the headers of the kernel are installed");
	return found(NOTE, "install linux-headers-$(uname -r), or a package with the module",
		     "the headers of the kernel are not installed, so the module cannot be built");
}

static struct finding check_debugfs(void)
{
	char *folder = must(strdup(options.debugfs)), *slash = strrchr(folder, '/');
	struct finding finding;

	if (slash)
		*slash = '\0';
	if (!access(folder, F_OK) || geteuid())
		finding = found(GOOD, NULL, "%s has debugfs", folder);
	else
		finding = found(NOTE, "mount -t debugfs none /sys/kernel/debug",
				"there is no debugfs at %s: the module works, but shows less",
				folder);
	free(folder);
	return finding;
}

static struct finding check_loaded(void)
{
	char *version = read_line("module/nyx_iommu/version");
	struct finding finding;

	if (version)
		finding = found(GOOD, NULL, "the module is loaded, version %s", version);
	else
		finding = found(NOTE, "modprobe nyx_iommu", "the module is not loaded");
	free(version);
	return finding;
}

static const struct {
	const char *name;
	struct finding (*run)(void);
} checks[] = {
	{ "kernel", check_kernel },
	{ "firmware", check_firmware },
	{ "parameters", check_parameters },
	{ "driver", check_driver },
	{ "lockdown", check_lockdown },
	{ "headers", check_headers },
	{ "debugfs", check_debugfs },
	{ "module", check_loaded },
};

static const char * const results[] = { "good", "note", "bad" };

static json_t *finding_json(const char *name, const struct finding *finding)
{
	return must(json_pack("{s:s, s:s, s:s, s:s?}", "check", name, "result",
			      results[finding->result], "text", finding->text, "remedy",
			      finding->remedy));
}

static void print_finding(const char *name, const struct finding *finding)
{
	bool bad = finding->result == BAD_RESULT;

	printf("%s%-4s%s  %-10s  %s\n", bad ? color(BAD) : "", results[finding->result],
	       bad ? color(PLAIN) : "", name, finding->text);
	if (finding->remedy)
		printf("%18s%s\n", "", finding->remedy);
}

/**
 * cmd_check() - check whether the module can be used on this machine
 * @argc: number of arguments, with the command
 * @argv: the command
 *
 * Return: NYX_OK; NYX_ATTENTION if the module would not work.
 */
int cmd_check(int argc, char **argv)
{
	json_t *json = must(json_array());
	struct finding finding;
	int worst = GOOD;
	size_t i;

	(void)argc;
	(void)argv;
	for (i = 0; i < COUNT_OF(checks); i++) {
		finding = checks[i].run();
		if (options.json)
			json_array_append_new(json, finding_json(checks[i].name, &finding));
		else
			print_finding(checks[i].name, &finding);
		if (finding.result > worst)
			worst = finding.result;
		free(finding.text);
	}
	if (options.json)
		print_json(json_incref(json));
	else
		puts(worst == BAD_RESULT ? "the module would not work here" :
		     worst == NOTE ? "the module can be used, with the notes above" :
				     "the module can be used");
	json_decref(json);
	return worst == BAD_RESULT ? NYX_ATTENTION : NYX_OK;
}
