/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of the IVRS table, and the interface between the files of its parser.
 * Only these files include it, and the decoder of nyxctl (scripts/nyxctl/acpi).
 */
#ifndef NYX_AMD_IVRS_PARSER_H
#define NYX_AMD_IVRS_PARSER_H

#include <linux/bits.h>
#include <linux/types.h>

#include "firmware/fw_table.h"
#include "ivrs.h"

/* Header of the table (5.2.1). */
#define IVRS_INFO		36
#define IVRS_INFO_EFR_SUP		BIT(0)
#define IVRS_INFO_DMA_REMAP		BIT(1)
#define IVRS_INFO_VA_SIZE		GENMASK(21, 15)
#define IVRS_HEADER_SIZE	48

/* Common start of all blocks. */
#define BLOCK_TYPE		0
#define BLOCK_FLAGS		1
#define BLOCK_LENGTH		2
#define BLOCK_DEVICE_ID		4

/* IVHD block. Only types 11h and 40h have an image of the EFR. */
#define IVHD_10			0x10
#define IVHD_11			0x11
#define IVHD_40			0x40
#define IVHD_CAPABILITY		6
#define IVHD_BASE		8
#define IVHD_SEGMENT		16
#define IVHD_ATTRIBUTES		20
#define IVHD_10_SIZE		24
#define IVHD_EFR		24
#define IVHD_EFR2		32
#define IVHD_11_SIZE		40

/* IVMD block. */
#define IVMD_ALL		0x20
#define IVMD_SELECT		0x21
#define IVMD_RANGE		0x22
#define IVMD_FLAG_UNITY			BIT(0)
#define IVMD_FLAG_READ			BIT(1)
#define IVMD_FLAG_WRITE			BIT(2)
#define IVMD_FLAG_EXCLUSION		BIT(3)
#define IVMD_LAST_DEVICE_ID	6
#define IVMD_SEGMENT		8
#define IVMD_BASE		16
#define IVMD_LENGTH		24
#define IVMD_SIZE		32

/* Device entry. */
#define ENTRY_TYPE		0
#define ENTRY_DEVICE_ID		1
#define ENTRY_DTE		3
#define ENTRY_HEADER_SIZE	4
/* Extended select and extended start of range. */
#define ENTRY_EXTENDED		4
#define ENTRY_EXTENDED_ATS_DISABLED	BIT(31)
/* Alias select, alias start of range and special device. */
#define ENTRY_HANDLE		4
#define ENTRY_SOURCE		5
#define ENTRY_VARIETY		7
#define ENTRY_SPECIAL_SIZE	8
/* ACPI device. The compatible ID between these fields is not used. */
#define ENTRY_HID		4
#define ENTRY_HID_SIZE		8
#define ENTRY_UID_FORMAT	20
#define ENTRY_UID_LENGTH	21
#define ENTRY_UID		22

/* A physical address has at most 52 bits (AMD64 manual volume 2, 5.1). */
#define PHYS_BITS		52

/**
 * struct amd_ivrs_parser - state of the parser
 * @t: the table and the current position
 * @ivrs: the result so far; its arrays have room for all of the table
 * @sorted: room for a sorted copy of the ranges
 * @texts: room for further strings
 */
struct amd_ivrs_parser {
	struct nyx_fw_table t;
	struct amd_ivrs *ivrs;
	struct amd_ivrs_range *sorted;
	char *texts;
};

const char *amd_ivrs_block_name(u8 type);
size_t amd_ivhd_size(u8 type);
int amd_ivhd_choose(struct amd_ivrs_parser *p);
int amd_ivhd_read(struct amd_ivrs_parser *p, unsigned int index);
int amd_ivmd_read(struct amd_ivrs_parser *p);
int amd_ivrs_read_entries(struct amd_ivrs_parser *p, unsigned int index,
			  size_t pos, size_t end);
int amd_ivrs_check_ranges(struct amd_ivrs_parser *p);

#endif /* NYX_AMD_IVRS_PARSER_H */
