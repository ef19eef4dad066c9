// SPDX-License-Identifier: GPL-2.0-only
/* What the next boot and the capture kernel find. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../../../drivers/iommu/nyx/version.h"
#include "base/list.h"
#include "base/program.h"
#include "doctor.h"
#include "nyxctl.h"

#define MODULE_FILE "/nyx_iommu.ko"	/* .xz or the like may follow */
#define MODULES "/lib/modules"
#define REBUILD "add nyx_iommu to /etc/initramfs-tools/modules, and run "

/* Whether an initramfs has the module: 1, 0, or -1 if it cannot be listed. */
static int initramfs_has_module(const char *path)
{
	static const char * const listers[] = { "lsinitramfs", "lsinitrd" };
	int has = -1;
	size_t i;

	for (i = 0; has < 0 && i < COUNT_OF(listers); i++)
		has = program_prints((const char * const []){ listers[i], path, NULL },
				     MODULE_FILE);
	return has;
}

/* The first path that exists, which the caller frees. %s stands for the kernel's release. */
static char *first_of(const char * const *formats, const char *release)
{
	const char *rest;
	char *path;

	for (; *formats; formats++) {
		rest = strstr(*formats, "%s");
		path = rest ? text_of("%.*s%s%s", (int)(rest - *formats), *formats, release,
				      rest + 2) : text_of("%s", *formats);
		if (!access(path, F_OK))
			return path;
		free(path);
	}
	return NULL;
}

/**
 * doctor_initramfs() - check whether the initramfs of the running kernel has the module
 * @findings: a list, to which what is found is added
 * @state: not used
 */
void doctor_initramfs(struct findings *findings, const struct state *state)
{
	/* The names of Debian and of Fedora. */
	static const char * const paths[] = { "/boot/initrd.img-%s", "/boot/initramfs-%s.img",
					      NULL };
	struct utsname name;
	char *path;
	int has;

	(void)state;
	uname(&name);
	path = first_of(paths, name.release);
	has = path ? initramfs_has_module(path) : -1;
	if (has < 0)
		found(findings, NOTE,
		      text_of("it is not known whether the initramfs of %s has the module",
			      name.release),
		      text_of("look for nyx_iommu in it with the tools of the distribution"));
	else if (!has)
		found(findings, NOTE,
		      text_of("%s does not have the module: devices whose drivers start there, "
			      "such as disks, are untranslated until they are unbound", path),
		      text_of(REBUILD "update-initramfs -u"));
	free(path);
}

/* Whether depmod knows the module for a kernel. */
static bool kernel_has_module(const char *release)
{
	char *path = text_of(MODULES "/%s/modules.dep", release), *text;
	bool has = !read_path(path, &text) && strstr(text, MODULE_FILE);

	free(text);
	free(path);
	return has;
}

/* The newest kernel that can be booted, which the caller frees; NULL if none is found. */
static char *newest_kernel(void)
{
	static const char * const images[] = { "/boot/vmlinuz-%s", MODULES "/%s/vmlinuz", NULL };
	struct names releases = names_at(MODULES);
	char *newest = NULL, *image;
	size_t i;

	for (i = 0; i < releases.count; i++) {
		image = first_of(images, releases.name[i]);
		if (image && (!newest || strverscmp(releases.name[i], newest) > 0)) {
			free(newest);
			newest = must(strdup(releases.name[i]));
		}
		free(image);
	}
	names_free(&releases);
	return newest;
}

/**
 * doctor_next_kernel() - check whether the newest installed kernel has the module
 * @findings: a list, to which what is found is added
 * @state: not used
 */
void doctor_next_kernel(struct findings *findings, const struct state *state)
{
	char *newest = newest_kernel();

	(void)state;
	if (!newest)
		found(findings, NOTE, text_of("no installed kernel was found"),
		      text_of("make sure that the kernel of the next boot has the module"));
	else if (!kernel_has_module(newest))
		found(findings, ATTENTION,
		      text_of("the newest kernel, %s, does not have the module: after the next "
			      "boot nothing is translated", newest),
		      text_of("install linux-headers-%s, and run dkms install nyx-iommu/%s -k %s",
			      newest, NYX_VERSION, newest));
	free(newest);
}

/* A number in sysfs; 0 if there is no such file. */
static unsigned long long number_in(const char *name)
{
	char *line = read_line("kernel/%s", name);
	unsigned long long number = line ? strtoull(line, NULL, 0) : 0;

	free(line);
	return number;
}

/**
 * doctor_kdump() - check whether a crash dump would be written
 * @findings: a list, to which what is found is added
 * @state: not used
 */
void doctor_kdump(struct findings *findings, const struct state *state)
{
	/* The names of Debian and of Fedora. */
	static const char * const paths[] = { "/var/lib/kdump/initrd.img-%s",
					      "/var/lib/kdump/initrd.img",
					      "/boot/initramfs-%skdump.img", NULL };
	struct utsname name;
	char *path;
	int has;

	(void)state;
	uname(&name);
	if (!number_in("kexec_crash_size")) {
		found(findings, NOTE,
		      text_of("no crash dump would be written: no memory is reserved for a "
			      "capture kernel"),
		      text_of("if dumps are wanted, install kdump-tools and boot with "
			      "crashkernel=256M"));
		return;
	}
	if (!number_in("kexec_crash_loaded")) {
		found(findings, ATTENTION,
		      text_of("no crash dump would be written: memory is reserved, but no "
			      "capture kernel is loaded"),
		      text_of("kdump-config load"));
		return;
	}
	path = first_of(paths, name.release);
	has = path ? initramfs_has_module(path) : -1;
	if (has < 0)
		found(findings, NOTE,
		      text_of("it is not known whether the initramfs of the capture kernel has "
			      "the module"),
		      text_of("look for nyx_iommu in it with the tools of the distribution"));
	else if (!has)
		found(findings, ATTENTION,
		      text_of("a crash dump may fail: %s does not have the module", path),
		      text_of(REBUILD "/etc/kernel/postinst.d/kdump-tools %s and kdump-config "
				      "reload",
			      name.release));
	free(path);
}
