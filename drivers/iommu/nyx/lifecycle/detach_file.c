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
#include <asm/barrier.h>

#include <nyx/remedy.h>

#include "lifecycle.h"

static struct kobject *nyx_kobj;
static bool nyx_detach_offered;

static ssize_t nyx_detach_store(struct kobject *kobj,
				struct kobj_attribute *attr, const char *buf,
				size_t count)
{
	unsigned int value;
	int ret;

	if (kstrtouint(buf, 10, &value) || value != 1)
		return -EINVAL;
	/* Pairs with nyx_detach_offer(). */
	if (!smp_load_acquire(&nyx_detach_offered))
		return -EBUSY;
	ret = nyx_detach();
	return ret ?: count;
}

static struct kobj_attribute nyx_detach_attr =
	__ATTR(detach, 0200, NULL, nyx_detach_store);

/**
 * nyx_detach_init() - create the file, which refuses all writes with EBUSY
 *
 * The file is created while loading can still fail: without it, nothing could
 * release the devices until a reboot.
 *
 * Context: May sleep.
 * Return: 0; -ENOMEM or another error of sysfs, after a log message.
 *	nyx_detach_withdraw() undoes what was done.
 */
int nyx_detach_init(void)
{
	int ret = -ENOMEM;

	nyx_kobj = kobject_create_and_add("nyx", kernel_kobj);
	if (nyx_kobj)
		ret = sysfs_create_file(nyx_kobj, &nyx_detach_attr.attr);
	if (ret)
		pr_err("cannot create /sys/kernel/nyx/detach (%d): " NYX_REMEDY_MEMORY "\n",
		       ret);
	return ret;
}

/**
 * nyx_detach_offer() - accept writes to the file
 *
 * To be called when all units have been registered, because a detach needs a
 * complete setup.
 *
 * Context: Any.
 */
void nyx_detach_offer(void)
{
	/*
	 * What loading has set up is stored before the flag. Pairs with
	 * smp_load_acquire() in the write to the file.
	 */
	smp_store_release(&nyx_detach_offered, true);
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
