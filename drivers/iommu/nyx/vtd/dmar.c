// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses the DMAR table (VT-d specification, chapter 8).
 *
 * Firmware is not trusted: every length, count and path is checked before use.
 * Errors are handled so that isolation is never claimed where there is none:
 *
 * - If the chain of structures is broken, the rest of the table is unknown: the
 *   table is refused.
 * - If the device scopes of a unit are broken, the table is refused too. Without
 *   that unit, its devices would be attributed to the INCLUDE_PCI_ALL unit,
 *   which never sees their DMA. For the same reason, no two units may have
 *   overlapping register windows or INCLUDE_PCI_ALL of the same segment.
 * - Two structures with the same segment and register base describe one unit.
 *   The second one only adds device scopes to the first.
 * - A unit with valid device scopes but an invalid register window stays in the
 *   table, marked unusable. No unit serves its devices.
 * - Any other error affects its own structure only. An invalid device scope
 *   ends the list of scopes; those before it are used.
 * - Unknown types of structures and of scopes are no error: firmware may follow
 *   a later revision of the specification than this driver.
 */
#include <linux/array_size.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/unaligned.h>

#include "dmar.h"
#include "dmar_parser.h"

/*
 * Far more than any machine has. The limit bounds the time for parsing: units
 * are compared with each other, and with each structure that refers to a unit.
 */
#define MAX_UNITS	1024

static int read_header(struct vtd_dmar_parser *p)
{
	struct vtd_dmar *dmar = p->dmar;
	unsigned int host_bits;
	u8 flags;

	host_bits = p->t.bytes[DMAR_HOST_WIDTH] + 1;
	if (host_bits < 12 || host_bits > 64)
		return nyx_fw_refuse(&p->t, "host address width is not 12 to 64",
				     host_bits);
	dmar->host_bits = host_bits;
	flags = p->t.bytes[DMAR_FLAGS];
	dmar->intr_remap = flags & DMAR_FLAG_INTR_REMAP;
	dmar->x2apic_opt_out = flags & DMAR_FLAG_X2APIC_OPT_OUT;
	dmar->platform_opt_in = flags & DMAR_FLAG_PLATFORM_OPT_IN;
	dmar->remap_opt_out = flags & DMAR_FLAG_REMAP_OPT_OUT;
	return 0;
}

static const char *name(const u8 *s)
{
	u16 type = get_unaligned_le16(s + ENTRY_TYPE);

	return type < VTD_DMAR_TYPES ? vtd_dmar_kinds[type].name : NULL;
}

/* Checks the chain of structures and counts structures, scopes and names. */
static int check_chain(struct vtd_dmar_parser *p,
		       unsigned int count[VTD_DMAR_TYPES], unsigned int *scopes,
		       size_t *names)
{
	struct nyx_fw_table *t = &p->t;
	u16 type;
	int len;

	for (t->pos = DMAR_HEADER_SIZE; t->pos < t->len; t->pos += len) {
		len = nyx_fw_check_structure(t, name);
		if (len < 0)
			return len;
		type = get_unaligned_le16(t->bytes + t->pos + ENTRY_TYPE);
		if (type >= VTD_DMAR_TYPES) {
			nyx_fw_note(t, NYX_FW_UNKNOWN, "type", type);
			continue;
		}
		count[type]++;
		if (vtd_dmar_kinds[type].has_scopes)
			*scopes += len / (SCOPE_PATH + SCOPE_HOP_SIZE);
		if (type == VTD_ANDD && len > ANDD_NAME)
			*names += len - ANDD_NAME;
	}

	p->t.pos = 0;
	p->t.where = "header";
	if (count[VTD_DRHD] > MAX_UNITS)
		return nyx_fw_refuse(&p->t, "number of units is above "
				     __stringify(MAX_UNITS), count[VTD_DRHD]);
	return 0;
}

/* Allocates all arrays at once, each as large as check_chain() counted. */
static int allocate(struct vtd_dmar_parser *p, const unsigned int *count,
		    unsigned int scopes, size_t names)
{
	struct vtd_dmar *dmar = p->dmar;

	dmar->mem = nyx_fw_alloc(count[VTD_DRHD] * sizeof(*dmar->drhd) +
				 count[VTD_RMRR] * sizeof(*dmar->rmrr) +
				 count[VTD_ATSR] * sizeof(*dmar->atsr) +
				 count[VTD_RHSA] * sizeof(*dmar->rhsa) +
				 count[VTD_ANDD] * sizeof(*dmar->andd) +
				 count[VTD_SATC] * sizeof(*dmar->satc) +
				 scopes * sizeof(*dmar->scope) + names);
	if (!dmar->mem)
		return -ENOMEM;
	dmar->drhd = dmar->mem;
	dmar->rmrr = (void *)(dmar->drhd + count[VTD_DRHD]);
	dmar->atsr = (void *)(dmar->rmrr + count[VTD_RMRR]);
	dmar->rhsa = (void *)(dmar->atsr + count[VTD_ATSR]);
	dmar->andd = (void *)(dmar->rhsa + count[VTD_RHSA]);
	dmar->satc = (void *)(dmar->andd + count[VTD_ANDD]);
	dmar->scope = (void *)(dmar->satc + count[VTD_SATC]);
	p->names = (void *)(dmar->scope + scopes);
	return 0;
}

/* Reads all structures of one type, after check_chain(). */
static int read_type(struct vtd_dmar_parser *p, enum vtd_dmar_type type)
{
	size_t len;
	int ret;

	p->t.where = vtd_dmar_kinds[type].name;
	for (p->t.pos = DMAR_HEADER_SIZE; p->t.pos < p->t.len; p->t.pos += len) {
		len = get_unaligned_le16(p->t.bytes + p->t.pos + ENTRY_LENGTH);
		if (get_unaligned_le16(p->t.bytes + p->t.pos + ENTRY_TYPE) != type)
			continue;
		ret = vtd_dmar_read_entry(p, type, len);
		if (ret)
			return ret;
	}
	return 0;
}

static int parse(struct vtd_dmar_parser *p, size_t mapped)
{
	/* Scopes refer to ANDDs, and RHSAs to DRHDs, which are read first. */
	static const u8 order[] = {
		VTD_ANDD, VTD_DRHD, VTD_RMRR, VTD_ATSR, VTD_RHSA, VTD_SATC,
	};
	unsigned int i, scopes = 0, count[VTD_DMAR_TYPES] = {};
	size_t names = 0;
	int ret;

	ret = nyx_fw_check_header(&p->t, mapped, DMAR_HEADER_SIZE) ?:
	      read_header(p) ?:
	      check_chain(p, count, &scopes, &names) ?:
	      allocate(p, count, scopes, names);
	for (i = 0; !ret && i < ARRAY_SIZE(order); i++)
		if (count[order[i]])
			ret = read_type(p, order[i]);
	if (ret)
		return ret;

	for (i = 0; i < p->dmar->nr_drhd; i++)
		if (p->dmar->drhd[i].usable)
			return 0;
	p->t.pos = 0;
	p->t.where = "header";
	return nyx_fw_refuse(&p->t, "number of usable units is 0",
			     p->dmar->nr_drhd);
}

/**
 * vtd_dmar_parse() - parse and check a DMAR table (8.1 to 8.9)
 * @table: the table, starting at its ACPI header; not used after the call
 * @len: number of readable bytes at @table; may exceed the table
 * @dmar: filled in; free it with vtd_dmar_free()
 * @report: called synchronously for each error and each unknown type, up to a
 *	limit; may be NULL
 * @arg: passed to @report
 *
 * Context: May sleep. Several tables may exist at a time.
 * Return: 0 with at least one usable unit in @dmar; -EINVAL if the table is
 *	refused, after exactly one note with the verdict NYX_FW_REFUSED, which
 *	is the last; -ENOMEM without such a note. @dmar is empty after an error.
 */
int vtd_dmar_parse(const void *table, size_t len, struct vtd_dmar *dmar,
		   nyx_fw_report report, void *arg)
{
	struct vtd_dmar_parser p = {
		.t = {
			.signature = "DMAR",
			.bytes = table,
			.report = report,
			.arg = arg,
		},
		.dmar = dmar,
	};
	int ret;

	memset(dmar, 0, sizeof(*dmar));
	ret = parse(&p, len);
	if (ret)
		vtd_dmar_free(dmar);
	return ret;
}

/**
 * vtd_dmar_free() - free a parsed table
 * @dmar: from vtd_dmar_parse(), or all zeroes; all zeroes afterwards. None of
 *	its contents are in use
 *
 * Context: May sleep.
 */
void vtd_dmar_free(struct vtd_dmar *dmar)
{
	nyx_fw_free(dmar->mem);
	memset(dmar, 0, sizeof(*dmar));
}
