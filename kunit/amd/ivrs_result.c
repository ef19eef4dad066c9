// SPDX-License-Identifier: GPL-2.0-only
#include <linux/slab.h>
#include <linux/string.h>

#include "ivrs_result.h"

static void free_ivrs(void *ivrs)
{
	amd_ivrs_free(ivrs);
}

/**
 * ivrs_table_new() - allocate and build an IVRS table
 * @test: the test, which frees the table
 * @make: function that builds it
 *
 * Return: the table.
 */
struct fw_bytes *ivrs_table_new(struct kunit *test,
				void (*make)(struct fw_bytes *t))
{
	struct fw_bytes *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	make(t);
	return t;
}

/**
 * ivrs_parse() - parse the beginning of an IVRS table
 * @test: the test, which frees the result
 * @t: the table
 * @mapped: number of bytes that are present. The parser gets them in a buffer
 *	of this size, which is freed when it returns
 *
 * Return: the outcome, part of a struct ivrs_result.
 */
struct fw_result *ivrs_parse(struct kunit *test, const struct fw_bytes *t,
			     u32 mapped)
{
	struct ivrs_result *i = kunit_kzalloc(test, sizeof(*i), GFP_KERNEL);
	u8 *copy = kmemdup(t->b, mapped, GFP_KERNEL);
	struct amd_ivrs_unit *unit;
	unsigned int usable = 0;

	KUNIT_ASSERT_NOT_NULL(test, i);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	i->r.ret = amd_ivrs_parse(copy, mapped, &i->ivrs, fw_take_note, &i->r);
	kfree(copy);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_ivrs,
							&i->ivrs), 0);
	for (unit = i->ivrs.unit; unit < i->ivrs.unit + i->ivrs.nr_unit; unit++)
		usable += unit->usable;
	snprintf(i->r.left, sizeof(i->r.left), "%u/%u %u %u %u %u", usable,
		 i->ivrs.nr_unit, i->ivrs.nr_range, i->ivrs.nr_special,
		 i->ivrs.nr_acpi, i->ivrs.nr_memory);
	return &i->r;
}

/**
 * ivrs_result() - parse a complete IVRS table
 * @test: the test, which frees the result
 * @t: the table
 *
 * Return: the result.
 */
struct ivrs_result *ivrs_result(struct kunit *test, const struct fw_bytes *t)
{
	return container_of(ivrs_parse(test, t, t->len), struct ivrs_result, r);
}

/**
 * ivrs_expect_device() - expect that a unit serves a DeviceID
 * @test: the test
 * @i: the parsed table
 * @segment: PCI segment
 * @device_id: the DeviceID
 * @unit: index of the unit
 * @alias: DeviceID that requests of the device carry
 */
void ivrs_expect_device(struct kunit *test, const struct ivrs_result *i,
			u16 segment, u16 device_id, unsigned int unit,
			u16 alias)
{
	struct amd_ivrs_device found = {};

	KUNIT_EXPECT_EQ_MSG(test, amd_ivrs_find(&i->ivrs, segment, device_id,
						0, &found), 0,
			    "DeviceID %#x", device_id);
	KUNIT_EXPECT_EQ_MSG(test, found.unit, unit, "DeviceID %#x", device_id);
	KUNIT_EXPECT_EQ_MSG(test, found.alias, alias, "DeviceID %#x",
			    device_id);
}

/**
 * ivrs_expect_below() - expect what the root bus above a device decides
 * @test: the test
 * @i: the parsed table
 * @root_bus: number of the root bus
 * @device_id: a DeviceID of segment 0
 * @unit: index of the unit that serves it, or an error
 * @alias: DeviceID that requests of the device carry
 */
void ivrs_expect_below(struct kunit *test, const struct ivrs_result *i,
		       u8 root_bus, u16 device_id, int unit, u16 alias)
{
	struct amd_ivrs_device found = { .alias = alias };
	int ret = amd_ivrs_find(&i->ivrs, 0, device_id, root_bus, &found);

	KUNIT_EXPECT_EQ_MSG(test, ret ?: (int)found.unit, unit,
			    "DeviceID %#x, root bus %#x", device_id, root_bus);
	KUNIT_EXPECT_EQ_MSG(test, found.alias, alias,
			    "DeviceID %#x, root bus %#x", device_id, root_bus);
}

/**
 * ivrs_expect_none() - expect that no unit serves a DeviceID
 * @test: the test
 * @i: the parsed table
 * @segment: PCI segment
 * @device_id: the DeviceID
 */
void ivrs_expect_none(struct kunit *test, const struct ivrs_result *i,
		      u16 segment, u16 device_id)
{
	struct amd_ivrs_device found;

	KUNIT_EXPECT_EQ_MSG(test, amd_ivrs_find(&i->ivrs, segment, device_id,
						0, &found), -ENODEV,
			    "DeviceID %#x", device_id);
}
