// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration of the caches of a unit: of each L1 cache, close to the devices,
 * and of the L2 cache behind them. An index register selects the register that a
 * data register accesses. Writes have an effect only while a bit of the index
 * register is set. It is cleared after each write, so that nothing is written by
 * accident.
 *
 * Accesses to one unit are not serialized here: the unit is being started, or only
 * one CPU runs.
 */
#include <linux/bits.h>

#include "function.h"
#include "indirect.h"

#define AMD_L2_INDEX		0xf0
#define AMD_L2_INDEX_WRITE	BIT(8)
#define AMD_L2_DATA		0xf4

#define AMD_L1_INDEX		0xf8
#define AMD_L1_INDEX_L1(l1)	((u32)(l1) << 16)
#define AMD_L1_INDEX_WRITE	BIT(31)
#define AMD_L1_DATA		0xfc

/**
 * amd_l1_read() - read a configuration register of an L1 cache
 * @au: the unit
 * @l1: number of the cache
 * @index: number of the register
 *
 * Context: Any.
 * Return: 32 bits; all ones if the function is gone.
 */
u32 amd_l1_read(struct amd_unit *au, u8 l1, u8 index)
{
	amd_config_write(au, AMD_L1_INDEX, AMD_L1_INDEX_L1(l1) | index);
	return amd_config_read(au, AMD_L1_DATA);
}

/**
 * amd_l1_write() - write to a configuration register of an L1 cache
 * @au: the unit
 * @l1: number of the cache
 * @index: number of the register
 * @val: 32 bits
 *
 * Context: Any.
 */
void amd_l1_write(struct amd_unit *au, u8 l1, u8 index, u32 val)
{
	u32 select = AMD_L1_INDEX_L1(l1) | index;

	amd_config_write(au, AMD_L1_INDEX, select | AMD_L1_INDEX_WRITE);
	amd_config_write(au, AMD_L1_DATA, val);
	amd_config_write(au, AMD_L1_INDEX, select);
}

/**
 * amd_l2_read() - read a configuration register of the L2 cache
 * @au: the unit
 * @index: number of the register
 *
 * Context: Any.
 * Return: 32 bits; all ones if the function is gone.
 */
u32 amd_l2_read(struct amd_unit *au, u8 index)
{
	amd_config_write(au, AMD_L2_INDEX, index);
	return amd_config_read(au, AMD_L2_DATA);
}

/**
 * amd_l2_write() - write to a configuration register of the L2 cache
 * @au: the unit
 * @index: number of the register
 * @val: 32 bits
 *
 * Context: Any.
 */
void amd_l2_write(struct amd_unit *au, u8 index, u32 val)
{
	amd_config_write(au, AMD_L2_INDEX, index | AMD_L2_INDEX_WRITE);
	amd_config_write(au, AMD_L2_DATA, val);
	amd_config_write(au, AMD_L2_INDEX, index);
}
