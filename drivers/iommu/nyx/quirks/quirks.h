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
/* Interrupts get lost if units remap them. */
#define NYX_QUIRK_NO_INTR	BIT(1)
/* The integrated graphics fail if their DMA is translated. */
#define NYX_QUIRK_NO_GRAPHICS	BIT(2)
/* Units that serve only graphics may hang when translation is disabled. */
#define NYX_QUIRK_GRAPHICS_ON	BIT(12)
/* The integrated graphics fail if units are used at all. */
#define NYX_QUIRK_NO_UNITS	BIT(13)

/* Properties of a function. */

/* Integrated graphics */
#define NYX_QUIRK_GRAPHICS	BIT(3)
/* The audio function whose DMA may pass through a unit of its own. */
#define NYX_QUIRK_ISOCH_AUDIO	BIT(4)
/* The function with the register that controls that unit. */
#define NYX_QUIRK_ISOCH_CONTROL	BIT(5)
/* Its own DMA needs identity if the function can use several IOVA spaces. */
#define NYX_QUIRK_PASID		BIT(6)
/* An invalidation of the device TLB is certain only when it is repeated. */
#define NYX_QUIRK_FLUSH_TWICE	BIT(7)
/* Its interrupts carry the requester ID of another function. */
#define NYX_QUIRK_ANY_SOURCE	BIT(8)
/* All its requests go upstream, although it has no ACS. */
#define NYX_QUIRK_ISOLATED	BIT(9)
/* The registers of its ACS capability are dwords. */
#define NYX_QUIRK_ACS_DWORD	BIT(10)
/* Registers of the chipset replace its ACS capability. */
#define NYX_QUIRK_ACS_CHIPSET	BIT(11)
/* A unit's function, whose registers firmware may not restore after a sleep. */
#define NYX_QUIRK_LOSES_CONFIG	BIT(14)

/**
 * struct nyx_quirk - a row of the table: some functions, and what they need
 * @vendor: vendor ID
 * @first: first device ID
 * @last: last device ID
 * @first_rev: first revision that is affected
 * @last_rev: last revision that is affected
 * @class: class code, as in pci_dev.class
 * @class_mask: bits of the class code that have to be equal to @class; 0 for
 *	functions of any class
 * @types: bitmap of PCI Express types, PCI_EXP_TYPE_*; 0 for functions of any
 *	type, and those that are not PCI Express
 * @root_bus: only functions on a root bus
 * @multifunction: only functions of multi-function devices
 * @flags: bitmap of NYX_QUIRK_*
 * @source: where the row was taken from
 */
struct nyx_quirk {
	u16 vendor;
	u16 first;
	u16 last;
	u8 first_rev;
	u8 last_rev;
	u32 class;
	u32 class_mask;
	u16 types;
	bool root_bus;
	bool multifunction;
	u32 flags;
	const char *source;
};

/**
 * struct nyx_quirk_driver - a driver that copies messages of interrupts
 * @name: name of the driver
 * @source: where it does that
 */
struct nyx_quirk_driver {
	const char *name;
	const char *source;
};

/* The tables, table.c */
extern const struct nyx_quirk nyx_quirks[];
extern const unsigned int nyx_nr_quirks;
extern const struct nyx_quirk_driver nyx_quirk_drivers[];
extern const unsigned int nyx_nr_quirk_drivers;

/* Look-ups, quirk.c */
u32 nyx_quirk_flags(const struct pci_dev *pdev);
u32 nyx_quirk_machine(void);
struct pci_dev *nyx_quirk_find(u32 flags);
bool nyx_quirk_copies_messages(const struct device *dev);

/* Functions that the user names, param.c */
u32 nyx_quirk_named(const struct pci_dev *pdev);

#endif /* NYX_QUIRKS_H */
