// SPDX-License-Identifier: GPL-2.0-only
/*
 * In place of nyx_iommu: a module whose loading never ends, as after an error in
 * the module or in hardware. It reports this every second, so that a test need
 * not measure time.
 */
#include <linux/delay.h>
#include <linux/module.h>

static int __init hang_init(void)
{
	unsigned int seconds;

	for (seconds = 0; seconds < UINT_MAX; seconds++) {
		pr_info("nyx: test: loading hangs since %u s\n", seconds);
		msleep(1000);
	}
	return -ETIMEDOUT;
}
module_init(hang_init);

MODULE_DESCRIPTION("A module whose loading never ends");
MODULE_LICENSE("GPL");
