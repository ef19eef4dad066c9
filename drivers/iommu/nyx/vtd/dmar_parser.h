/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of the DMAR table and state of its parser, for dmar.c and
 * dmar_entry.c.
 */
#ifndef NYX_VTD_DMAR_PARSER_H
#define NYX_VTD_DMAR_PARSER_H

#include <linux/bits.h>
#include <linux/types.h>

#include "dmar.h"
#include "firmware/fw_table.h"

/* Header of the table, 8.1. */
#define DMAR_HOST_WIDTH		36	/* width - 1 */
#define DMAR_FLAGS		37
#define DMAR_FLAG_INTR_REMAP		BIT(0)
#define DMAR_FLAG_X2APIC_OPT_OUT	BIT(1)
#define DMAR_FLAG_PLATFORM_OPT_IN	BIT(2)
#define DMAR_FLAG_REMAP_OPT_OUT		BIT(3)
#define DMAR_HEADER_SIZE	48

/* Start of every remapping structure, 8.2; most have flags and a segment. */
#define ENTRY_TYPE		0
#define ENTRY_LENGTH		2
#define ENTRY_FLAGS		4
#define ENTRY_SEGMENT		6

enum vtd_dmar_type {
	VTD_DRHD = 0,
	VTD_RMRR = 1,
	VTD_ATSR = 2,
	VTD_RHSA = 3,
	VTD_ANDD = 4,
	VTD_SATC = 5,
	VTD_SIDP = 6,
	VTD_DMAR_TYPES,
};

/* DRHD, 8.3. */
#define DRHD_FLAG_INCLUDE_PCI_ALL	BIT(0)
#define DRHD_SIZE		5
#define DRHD_SIZE_LOG2_PAGES	GENMASK(3, 0)
#define DRHD_BASE		8
#define DRHD_FIELDS		16
/* RMRR, 8.4. */
#define RMRR_BASE		8
#define RMRR_LIMIT		16
#define RMRR_FIELDS		24
/* ATSR, 8.5. */
#define ATSR_FLAG_ALL_PORTS	BIT(0)
#define ATSR_FIELDS		8
/* RHSA, 8.6. */
#define RHSA_BASE		8
#define RHSA_DOMAIN		16
#define RHSA_FIELDS		20
/* ANDD, 8.7. */
#define ANDD_DEVICE		7
#define ANDD_NAME		8
/* SATC, 8.8. */
#define SATC_FLAG_ATC_REQUIRED	BIT(0)
#define SATC_FIELDS		8
/* SIDP, 8.9. */
#define SIDP_FIELDS		8

/* Device scope, 8.3.1. Its flags are defined for SIDP only (8.9). */
#define SCOPE_TYPE		0
#define SCOPE_LENGTH		1
#define SCOPE_ID		4
#define SCOPE_BUS		5
#define SCOPE_PATH		6
#define SCOPE_HOP_SIZE		2	/* device, then function */

/**
 * struct vtd_dmar_parser - state of the parser
 * @t: the table and the position in it
 * @dmar: the result so far; its arrays have room for the whole table
 * @names: free space for the names of further ANDDs
 */
struct vtd_dmar_parser {
	struct nyx_fw_table t;
	struct vtd_dmar *dmar;
	char *names;
};

/**
 * struct vtd_dmar_kind - one type of remapping structure
 * @name: name in the specification
 * @size: size of its fixed fields, in bytes
 * @has_scopes: device scopes follow the fixed fields
 * @read: reads structure @e of @len bytes, at least @size, at the parser's
 *	position. Returns 0, even if the structure is left out, or -EINVAL after
 *	a note if the table must be refused. NULL if the driver does not use
 *	such structures
 */
struct vtd_dmar_kind {
	const char *name;
	u16 size;
	bool has_scopes;
	int (*read)(struct vtd_dmar_parser *p, const u8 *e, size_t len);
};

extern const struct vtd_dmar_kind vtd_dmar_kinds[VTD_DMAR_TYPES];

int vtd_dmar_read_entry(struct vtd_dmar_parser *p, enum vtd_dmar_type type,
			size_t len);

#endif /* NYX_VTD_DMAR_PARSER_H */
