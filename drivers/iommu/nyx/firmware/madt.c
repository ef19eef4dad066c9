// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the MADT: I/O APICs for which firmware names no unit, and CPUs that
 * need x2APIC mode. The code only reads the bytes of the table, so it also works
 * under User-mode Linux.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/unaligned.h>

#include "madt.h"

/* The header is followed by two fields of 4 bytes, then structures (5.2.12). */
#define MADT_STRUCTURES 44
/* Type and length of a structure. */
#define MADT_HEADER 2
/* I/O APIC (5.2.12.3). */
#define MADT_IOAPIC 1
#define MADT_IOAPIC_ID 2
#define MADT_IOAPIC_GSI 8
#define MADT_IOAPIC_LENGTH 12
/* Processor Local x2APIC (5.2.12.12), and the flags (5.2.12.2). */
#define MADT_X2APIC 9
#define MADT_X2APIC_ID 4
#define MADT_X2APIC_FLAGS 8
#define MADT_X2APIC_LENGTH 16
#define MADT_CPU_ENABLED BIT(0)
#define MADT_CPU_ONLINE_CAPABLE BIT(1)

/* The largest ID of an APIC in xAPIC mode; 255 addresses all of them. */
#define XAPIC_MAX_ID 254

/*
 * Returns the structure at *@at, and moves *@at to the next one; NULL at the end
 * of the table, and if the length of the structure is invalid.
 */
static const u8 *madt_next(const u8 *table, size_t len, size_t *at)
{
	const u8 *entry = table + *at;

	if (*at >= len || len - *at < MADT_HEADER ||
	    entry[1] < MADT_HEADER || entry[1] > len - *at)
		return NULL;
	*at += entry[1];
	return entry;
}

/**
 * nyx_madt_unnamed() - find an I/O APIC for which firmware names no unit
 * @table: the MADT
 * @len: its length
 * @named: returns whether firmware names a unit for an I/O APIC
 * @arg: passed to @named
 *
 * A structure whose length is invalid ends the search.
 *
 * Context: Any.
 * Return: the ID of the first such I/O APIC, 0 to 255; -ENOENT if there is
 *	none.
 */
int nyx_madt_unnamed(const void *table, size_t len, nyx_madt_named *named,
		     const void *arg)
{
	size_t at = MADT_STRUCTURES;
	const u8 *entry;

	while ((entry = madt_next(table, len, &at)))
		if (entry[0] == MADT_IOAPIC && entry[1] >= MADT_IOAPIC_LENGTH &&
		    !named(arg, entry[MADT_IOAPIC_ID]))
			return entry[MADT_IOAPIC_ID];
	return -ENOENT;
}

/**
 * nyx_madt_ioapic() - find an I/O APIC by its position in the MADT
 * @table: the MADT
 * @len: its length
 * @position: 0 for the first I/O APIC
 * @gsi: set to the Global System Interrupt of its first pin
 *
 * A structure whose length is invalid ends the search.
 *
 * Context: Any.
 * Return: the ID of the I/O APIC, 0 to 255; -ENOENT if there are not so many.
 */
int nyx_madt_ioapic(const void *table, size_t len, unsigned int position,
		    u32 *gsi)
{
	size_t at = MADT_STRUCTURES;
	const u8 *entry;

	while ((entry = madt_next(table, len, &at))) {
		if (entry[0] != MADT_IOAPIC || entry[1] < MADT_IOAPIC_LENGTH ||
		    position--)
			continue;
		*gsi = get_unaligned_le32(entry + MADT_IOAPIC_GSI);
		return entry[MADT_IOAPIC_ID];
	}
	return -ENOENT;
}

/**
 * nyx_madt_wide_cpus() - count the CPUs that run only in x2APIC mode
 * @table: the MADT
 * @len: its length
 *
 * They are those with an APIC ID above 254. A structure whose length is invalid
 * ends the search.
 *
 * Context: Any.
 * Return: the number of such CPUs that are enabled or can be added.
 */
unsigned int nyx_madt_wide_cpus(const void *table, size_t len)
{
	size_t at = MADT_STRUCTURES;
	unsigned int nr = 0;
	const u8 *entry;

	while ((entry = madt_next(table, len, &at)))
		if (entry[0] == MADT_X2APIC && entry[1] >= MADT_X2APIC_LENGTH &&
		    get_unaligned_le32(entry + MADT_X2APIC_ID) > XAPIC_MAX_ID &&
		    get_unaligned_le32(entry + MADT_X2APIC_FLAGS) &
		    (MADT_CPU_ENABLED | MADT_CPU_ONLINE_CAPABLE))
			nr++;
	return nr;
}
