// SPDX-License-Identifier: GPL-2.0-only
/* DMAR tables. */
#include "tables.h"
#include "vtd/dmar.h"
#include "vtd/dmar_check.h"
#include "vtd/dmar_table.h"

static void describe(FILE *out, const void *result)
{
	const struct vtd_dmar *d = result;
	unsigned int i, usable = 0;

	for (i = 0; i < d->nr_drhd; i++)
		usable += d->drhd[i].usable;
	fprintf(out, "%u of %u units usable, %u bits", usable, d->nr_drhd,
		d->host_bits);
	fprintf(out, ", %u RMRR, %u ATSR, %u RHSA, %u ANDD, %u SATC, %u scopes",
		d->nr_rmrr, d->nr_atsr, d->nr_rhsa, d->nr_andd, d->nr_satc,
		d->nr_scope);
	if (d->intr_remap)
		fprintf(out, ", interrupt remapping");
	if (d->x2apic_opt_out)
		fprintf(out, ", x2APIC opt-out");
	if (d->platform_opt_in)
		fprintf(out, ", platform opt-in");
	if (d->remap_opt_out)
		fprintf(out, ", remapping opt-out");
}

/* Device scopes, after the fixed fields of these types (8.3 to 8.8). */
static void find_items(struct fw_bytes *t, u32 entry, u32 len)
{
	static const u8 fields[] = { 16, 24, 8, 0, 0, 8 };
	u8 type = t->b[entry];
	u32 at;

	if (t->b[entry + 1] || type >= sizeof(fields) || !fields[type])
		return;
	for (at = fields[type]; at + 6 <= len; at += t->b[entry + at + 1]) {
		if (t->b[entry + at + 1] < 6)
			return;
		add_item(t, entry + at);
	}
}

static const write_table write[] = {
	dmar_table_qemu, dmar_table_qemu_all, dmar_table_server, NULL,
};

const struct format dmar_format = {
	.parser = &dmar_parser,
	.describe = describe,
	.find_items = find_items,
	.write = write,
};
