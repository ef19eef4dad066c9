/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets module parameters in a kernel with the module built in.
 */
#ifndef NYX_KUNIT_PARAM_SET_H
#define NYX_KUNIT_PARAM_SET_H

#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

extern const struct kernel_param __start___param[], __stop___param[];

/* Returns the result of setting the parameter at load, or -ENOENT. */
static inline int set_param(const char *name, const char *val)
{
	const struct kernel_param *p;

	for (p = __start___param; p < __stop___param; p++)
		if (!strcmp(p->name, name))
			return p->ops->set(val, p);
	return -ENOENT;
}

#endif /* NYX_KUNIT_PARAM_SET_H */
