// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMAR table as a whole (VT-d specification, chapter 8).
 *
 * Firmware is not trusted: every length, count and path is checked before use.
 * What comes of a broken table follows from what is safe:
 *
 * - Where the chain of structures cannot be followed, nothing behind the break
 *   can be known: the table is refused.
 * - A unit whose devices cannot be told refuses the table too. Were it left
 *   out, its devices would be taken for those of the INCLUDE_PCI_ALL unit, and
 *   the kernel would believe in an isolation that is not there. For the same
 *   reason no register window and no segment's INCLUDE_PCI_ALL may come twice.
 * - A unit whose devices are known but whose registers are not stays in the
 *   table, marked unusable: its devices are nobody's.
 * - Everything else costs its own structure only. A device scope that is wrong
 *   ends the list it stands in; those before it count.
 * - Types of structures and of scopes that are not known are no error: later
 *   revisions of the specification add some, and firmware may be newer than
 *   this driver.
 */
#include <linux/array_size.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "dmar.h"
#include "dmar_parser.h"

/*
 * Far more than any machine has. It bounds the time that a table can cost: units
 * are compared with each other, and with all that names a unit.
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
	return 0;
}

static const char *name(const u8 *s)
{
	u16 type = get_unaligned_le16(s + ENTRY_TYPE);

	return type < VTD_DMAR_TYPES ? vtd_dmar_kinds[type].name : NULL;
}

/* Finds that the chain of structures can be followed, and counts them. */
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
		return nyx_fw_refuse(&p->t, "number of units is beyond reason",
				     count[VTD_DRHD]);
	return 0;
}

/* The arrays lie one behind the other, each with room for what was counted. */
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

/* Reads all structures of one type along a chain that was checked. */
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
	/* What others refer to comes first: scopes to ANDDs, RHSAs to DRHDs. */
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
 * vtd_dmar_parse() - read and check a DMAR table (8.1 to 8.9)
 * @table: the table, from its ACPI header on; not used after the call
 * @len: bytes that may be read at @table; may be more than the table
 * @dmar: filled in; free it with vtd_dmar_free()
 * @report: called for each thing that is wrong or not known, in this context;
 *	NULL to hear of none. Of many findings only the first are told
 * @arg: handed to @report
 *
 * May sleep. There may be several tables at a time.
 *
 * Return: 0 with at least one usable unit in @dmar; -EINVAL if the table is
 * refused, after just one note, the last, with the verdict NYX_FW_REFUSED;
 * -ENOMEM without such a note. After an error @dmar holds nothing.
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
 * vtd_dmar_free() - forget a parsed table
 * @dmar: from vtd_dmar_parse(), or all zero; all zero afterwards
 *
 * May sleep. Nobody uses what was in @dmar any more.
 */
void vtd_dmar_free(struct vtd_dmar *dmar)
{
	nyx_fw_free(dmar->mem);
	memset(dmar, 0, sizeof(*dmar));
}
