// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/nyx/detach: writing 1 releases all devices and disables
 * translation.
 *
 * The file is in sysfs because debugfs may be missing, and because no file of
 * debugfs can be opened for writing where the kernel is locked down.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/errno.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/printk.h>
#include <linux/sysfs.h>

#include "lifecycle.h"

static struct kobject *nyx_kobj;

static ssize_t nyx_detach_store(struct kobject *kobj,
				struct kobj_attribute *attr, const char *buf,
				size_t count)
{
	unsigned int value;
	int ret;

	if (kstrtouint(buf, 10, &value) || value != 1)
		return -EINVAL;
	ret = nyx_detach();
	return ret ?: count;
}

static struct kobj_attribute nyx_detach_attr =
	__ATTR(detach, 0200, NULL, nyx_detach_store);

/**
 * nyx_detach_offer() - create the file
 *
 * To be called when all units have been registered, because a detach needs a
 * complete setup. If the file cannot be created, the log reports the
 * consequences: there is no other way to detach.
 *
 * Context: May sleep.
 */
void nyx_detach_offer(void)
{
	int ret = -ENOMEM;

	nyx_kobj = kobject_create_and_add("nyx", kernel_kobj);
	if (nyx_kobj)
		ret = sysfs_create_file(nyx_kobj, &nyx_detach_attr.attr);
	if (ret)
		pr_warn("cannot create /sys/kernel/nyx/detach (%d): a detach is not possible, and the module cannot be unloaded until a reboot\n",
			ret);
}

/**
 * nyx_detach_withdraw() - remove the file
 *
 * Context: May sleep; waits for a detach that was started with the file. No
 *	lock that nyx_detach() takes is held.
 */
void nyx_detach_withdraw(void)
{
	kobject_del(nyx_kobj);
	kobject_put(nyx_kobj);
}
