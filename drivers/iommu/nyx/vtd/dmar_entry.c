// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses each remapping structure of the DMAR table and its device scopes (VT-d
 * specification, 8.3 to 8.8). dmar.c explains how errors are handled.
 */
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "dmar.h"
#include "dmar_parser.h"

/* A physical address has at most 52 bits (Intel SDM volume 3A, 4.1.4). */
#define PHYS_LIMIT	BIT_ULL(52)

static bool known_scope(const u8 *s)
{
	return s[SCOPE_TYPE] >= VTD_SCOPE_ENDPOINT &&
	       s[SCOPE_TYPE] <= VTD_SCOPE_ACPI;
}

/* Checks the scope at @s, with @room bytes left; returns an error or NULL. */
static const char *check_scope(const u8 *s, size_t room)
{
	size_t i, len;

	if (room < SCOPE_PATH)
		return "device scope is cut off";
	len = s[SCOPE_LENGTH];
	if (len < SCOPE_PATH)
		return "device scope is shorter than its fields";
	if (len > room)
		return "device scope extends beyond its structure";
	if (!known_scope(s))
		return NULL;
	if (len == SCOPE_PATH)
		return "device scope has no path";
	if ((len - SCOPE_PATH) % SCOPE_HOP_SIZE)
		return "device scope has half a hop";
	if (len > SCOPE_PATH + SCOPE_HOP_SIZE * VTD_SCOPE_MAX_HOPS)
		return "device scope has too many hops";
	for (i = SCOPE_PATH; i < len; i += SCOPE_HOP_SIZE)
		if (s[i] > 31 || s[i + 1] > 7)
			return "device scope has an invalid device or function number";
	return NULL;
}

static void add_scope(struct vtd_dmar *dmar, const u8 *s)
{
	struct vtd_scope *scope = &dmar->scope[dmar->nr_scope++];
	const u8 *hop = s + SCOPE_PATH;
	unsigned int i;

	scope->type = s[SCOPE_TYPE];
	scope->id = s[SCOPE_ID];
	scope->bus = s[SCOPE_BUS];
	scope->hops = (s[SCOPE_LENGTH] - SCOPE_PATH) / SCOPE_HOP_SIZE;
	for (i = 0; i < scope->hops; i++, hop += SCOPE_HOP_SIZE)
		scope->path[i] = PCI_DEVFN(hop[0], hop[1]);
}

static bool has_andd(const struct vtd_dmar *dmar, u8 device)
{
	unsigned int i;

	for (i = 0; i < dmar->nr_andd; i++)
		if (dmar->andd[i].device == device)
			return true;
	return false;
}

/*
 * Reads the scopes from offset @off to @len of the structure at p->t.pos. The
 * first invalid scope is reported with @verdict and ends the list with -EINVAL.
 */
static int read_scopes(struct vtd_dmar_parser *p, size_t off, size_t len,
		       enum nyx_fw_verdict verdict, struct vtd_scopes *scopes)
{
	struct vtd_dmar *dmar = p->dmar;
	const char *wrong;
	const u8 *s;

	scopes->scope = dmar->scope + dmar->nr_scope;
	scopes->nr = 0;
	for (; off < len; off += s[SCOPE_LENGTH]) {
		s = p->t.bytes + p->t.pos + off;
		wrong = check_scope(s, len - off);
		if (wrong) {
			nyx_fw_note(&p->t, verdict, wrong, off);
			return -EINVAL;
		}
		if (!known_scope(s)) {
			nyx_fw_note(&p->t, NYX_FW_UNKNOWN, "device scope type",
				    s[SCOPE_TYPE]);
			continue;
		}
		if (s[SCOPE_TYPE] == VTD_SCOPE_ACPI &&
		    !has_andd(dmar, s[SCOPE_ID]))
			nyx_fw_note(&p->t, NYX_FW_KEPT,
				    "device scope's device number has no ANDD",
				    s[SCOPE_ID]);
		add_scope(dmar, s);
		scopes->nr++;
	}
	return 0;
}

static const char *check_window(u64 base, u64 size)
{
	if (!base || base == U64_MAX)
		return "register base is not set";
	if (!IS_ALIGNED(base, SZ_4K))
		return "register base is not 4 KiB aligned";
	if (base > PHYS_LIMIT - size)
		return "register base is beyond 52 bits";
	return NULL;
}

/*
 * Compares a unit with those before it. If one of them is the same unit, marks
 * @drhd as a duplicate.
 */
static int check_others(struct vtd_dmar_parser *p, struct vtd_drhd *drhd)
{
	const struct vtd_drhd *other;

	drhd->unit = drhd - p->dmar->drhd;
	for (other = p->dmar->drhd; other < drhd; other++) {
		if (drhd->usable && other->usable &&
		    drhd->base == other->base &&
		    drhd->segment == other->segment) {
			nyx_fw_note(&p->t, NYX_FW_KEPT,
				    "register base is that of an earlier DRHD",
				    drhd->base);
			drhd->unit = other->unit;
			drhd->usable = false;
			break;
		}
	}
	for (other = p->dmar->drhd; other < drhd; other++) {
		if (drhd->usable && other->usable &&
		    drhd->base < other->base + other->size &&
		    other->base < drhd->base + drhd->size)
			return nyx_fw_refuse(&p->t, "registers overlap another unit's",
					     drhd->base);
		if (drhd->include_all && other->include_all &&
		    drhd->segment == other->segment &&
		    drhd->unit != other->unit)
			return nyx_fw_refuse(&p->t, "segment has two INCLUDE_PCI_ALL units",
					     drhd->segment);
	}
	return 0;
}

static int read_drhd(struct vtd_dmar_parser *p, const u8 *e, size_t len)
{
	struct vtd_dmar *dmar = p->dmar;
	struct vtd_drhd *drhd = &dmar->drhd[dmar->nr_drhd];
	const char *wrong;
	int ret;

	drhd->segment = get_unaligned_le16(e + ENTRY_SEGMENT);
	drhd->include_all = e[ENTRY_FLAGS] & DRHD_FLAG_INCLUDE_PCI_ALL;
	drhd->base = get_unaligned_le64(e + DRHD_BASE);
	drhd->size = (u64)SZ_4K << (e[DRHD_SIZE] & DRHD_SIZE_LOG2_PAGES);

	wrong = check_window(drhd->base, drhd->size);
	if (wrong)
		nyx_fw_note(&p->t, NYX_FW_SKIPPED, wrong, drhd->base);
	drhd->usable = !wrong;

	ret = check_others(p, drhd);
	if (ret)
		return ret;

	/* An INCLUDE_PCI_ALL unit serves all others even without its scopes. */
	ret = read_scopes(p, DRHD_FIELDS, len,
			  drhd->include_all ? NYX_FW_SKIPPED :
					      NYX_FW_REFUSED,
			  &drhd->scopes);
	if (ret && !drhd->include_all)
		return ret;
	if (!drhd->include_all && !drhd->scopes.nr)
		nyx_fw_note(&p->t, NYX_FW_KEPT, "number of device scopes is 0",
			    0);
	dmar->nr_drhd++;
	return 0;
}

static int read_rmrr(struct vtd_dmar_parser *p, const u8 *e, size_t len)
{
	struct vtd_dmar *dmar = p->dmar;
	struct vtd_rmrr *rmrr = &dmar->rmrr[dmar->nr_rmrr];
	u64 base = get_unaligned_le64(e + RMRR_BASE);
	u64 limit = get_unaligned_le64(e + RMRR_LIMIT);
	int ret;

	if (limit <= base) {
		nyx_fw_note(&p->t, NYX_FW_SKIPPED, "limit is not above base",
			    limit);
		return 0;
	}
	/* Without the RMRR, VFIO would be allowed to use the device. */
	if (limit > GENMASK_ULL(dmar->host_bits - 1, 0))
		nyx_fw_note(&p->t, NYX_FW_KEPT,
			    "limit is beyond the host address width", limit);
	/* The device needs the whole range; pages cannot be mapped in part. */
	if (!IS_ALIGNED(base, SZ_4K) || !IS_ALIGNED(limit + 1, SZ_4K))
		nyx_fw_note(&p->t, NYX_FW_KEPT,
			    "range is widened to whole 4 KiB pages", base);
	rmrr->base = ALIGN_DOWN(base, SZ_4K);
	rmrr->limit = limit | (SZ_4K - 1);
	rmrr->segment = get_unaligned_le16(e + ENTRY_SEGMENT);

	ret = read_scopes(p, RMRR_FIELDS, len,
			  NYX_FW_SKIPPED, &rmrr->scopes);
	if (rmrr->scopes.nr)
		dmar->nr_rmrr++;
	else if (!ret)
		nyx_fw_note(&p->t, NYX_FW_SKIPPED,
			    "number of device scopes is 0", 0);
	return 0;
}

static int read_atsr(struct vtd_dmar_parser *p, const u8 *e, size_t len)
{
	struct vtd_atsr *atsr = &p->dmar->atsr[p->dmar->nr_atsr++];

	atsr->segment = get_unaligned_le16(e + ENTRY_SEGMENT);
	atsr->all_ports = e[ENTRY_FLAGS] & ATSR_FLAG_ALL_PORTS;
	read_scopes(p, ATSR_FIELDS, len, NYX_FW_SKIPPED,
		    &atsr->scopes);
	return 0;
}

static int read_rhsa(struct vtd_dmar_parser *p, const u8 *e, size_t len)
{
	struct vtd_dmar *dmar = p->dmar;
	u64 base = get_unaligned_le64(e + RHSA_BASE);
	unsigned int i;

	for (i = 0; i < dmar->nr_drhd; i++)
		if (dmar->drhd[i].base == base)
			break;
	if (i == dmar->nr_drhd) {
		nyx_fw_note(&p->t, NYX_FW_SKIPPED,
			    "register base matches no unit's", base);
		return 0;
	}
	dmar->rhsa[dmar->nr_rhsa].base = base;
	dmar->rhsa[dmar->nr_rhsa].domain = get_unaligned_le32(e + RHSA_DOMAIN);
	dmar->nr_rhsa++;
	return 0;
}

static int read_andd(struct vtd_dmar_parser *p, const u8 *e, size_t len)
{
	struct vtd_dmar *dmar = p->dmar;
	const char *name = (const char *)e + ANDD_NAME;
	size_t room = len - ANDD_NAME, used = strnlen(name, room) + 1;
	const char *wrong = NULL;
	u8 device = e[ANDD_DEVICE];

	/* Only a name that starts at the root can be looked up in ACPI. */
	if (!room || *name != '\\')
		wrong = "object name does not start at the root";
	else if (used > room)
		wrong = "object name has no terminating NUL";
	else if (has_andd(dmar, device))
		wrong = "device number already has an ANDD";
	if (wrong) {
		nyx_fw_note(&p->t, NYX_FW_SKIPPED, wrong, device);
		return 0;
	}
	memcpy(p->names, name, used);
	dmar->andd[dmar->nr_andd].device = device;
	dmar->andd[dmar->nr_andd].name = p->names;
	dmar->nr_andd++;
	p->names += used;
	return 0;
}

static int read_satc(struct vtd_dmar_parser *p, const u8 *e, size_t len)
{
	struct vtd_satc *satc = &p->dmar->satc[p->dmar->nr_satc++];

	satc->segment = get_unaligned_le16(e + ENTRY_SEGMENT);
	satc->atc_required = e[ENTRY_FLAGS] & SATC_FLAG_ATC_REQUIRED;
	read_scopes(p, SATC_FIELDS, len, NYX_FW_SKIPPED,
		    &satc->scopes);
	return 0;
}

const struct vtd_dmar_kind vtd_dmar_kinds[VTD_DMAR_TYPES] = {
	[VTD_DRHD] = { "DRHD", DRHD_FIELDS, true, read_drhd },
	[VTD_RMRR] = { "RMRR", RMRR_FIELDS, true, read_rmrr },
	[VTD_ATSR] = { "ATSR", ATSR_FIELDS, true, read_atsr },
	[VTD_RHSA] = { "RHSA", RHSA_FIELDS, false, read_rhsa },
	[VTD_ANDD] = { "ANDD", ANDD_NAME, false, read_andd },
	[VTD_SATC] = { "SATC", SATC_FIELDS, true, read_satc },
	/* Restricts PASIDs and nesting, which this driver does not use. */
	[VTD_SIDP] = { "SIDP", SIDP_FIELDS, false, NULL },
};

/**
 * vtd_dmar_read_entry() - read one remapping structure (8.2)
 * @p: the parser, positioned at a structure that lies inside the table; the
 *	arrays of the result have room for it
 * @type: its type, not VTD_SIDP
 * @len: its length, at least 4
 *
 * Context: That of vtd_dmar_parse().
 * Return: 0, even if the structure is left out; -EINVAL after a note if the
 *	table must be refused.
 */
int vtd_dmar_read_entry(struct vtd_dmar_parser *p, enum vtd_dmar_type type,
			size_t len)
{
	if (len < vtd_dmar_kinds[type].size) {
		if (type == VTD_DRHD)
			return nyx_fw_refuse(&p->t, "length is less than that of its fields",
					     len);
		nyx_fw_note(&p->t, NYX_FW_SKIPPED,
			    "length is less than that of its fields", len);
		return 0;
	}
	return vtd_dmar_kinds[type].read(p, p->t.bytes + p->t.pos, len);
}
