/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that need special treatment: a table of them, and look-ups in it.
 */
#ifndef NYX_QUIRKS_H
#define NYX_QUIRKS_H

#include <linux/bits.h>
#include <linux/types.h>

struct pci_dev;

/* Properties of the machine that a function is part of. */

/* Units buffer writes to tables, even those that report the opposite. */
#define NYX_QUIRK_WRITE_BUFFER	BIT(0)

/**
 * struct nyx_quirk - a row of the table: some functions, and what they need
 * @vendor: vendor ID
 * @first: first device ID
 * @last: last device ID
 * @last_rev: last revision that is affected; later ones are repaired
 * @class: class code, as in pci_dev.class
 * @class_mask: bits of the class code that have to be equal to @class; 0 for
 *	functions of any class
 * @flags: bitmap of NYX_QUIRK_*
 * @source: where the row was taken from
 */
struct nyx_quirk {
	u16 vendor;
	u16 first;
	u16 last;
	u8 last_rev;
	u32 class;
	u32 class_mask;
	u32 flags;
	const char *source;
};

/* The table, table.c */
extern const struct nyx_quirk nyx_quirks[];
extern const unsigned int nyx_nr_quirks;

/* Look-ups, quirk.c */
u32 nyx_quirk_flags(const struct pci_dev *pdev);
u32 nyx_quirk_machine(void);

#endif /* NYX_QUIRKS_H */
