// SPDX-License-Identifier: GPL-2.0-only
/* IVRS tables. */
#include "amd/ivrs.h"
#include "amd/ivrs_check.h"
#include "amd/ivrs_table.h"
#include "tables.h"

static void describe(FILE *out, const void *result)
{
	const struct amd_ivrs *v = result;
	unsigned int i, usable = 0;

	for (i = 0; i < v->nr_unit; i++)
		usable += v->unit[i].usable;
	fprintf(out, "%u of %u units usable, IVHD type", usable, v->nr_unit);
	for (i = 0; i < v->nr_unit; i++)
		fprintf(out, " %xh", v->unit[i].type);
	fprintf(out, ", %u bits", v->va_bits);
	fprintf(out, ", %u ranges, %u special, %u ACPI, %u IVMD", v->nr_range,
		v->nr_special, v->nr_acpi, v->nr_memory);
	if (v->dma_remap)
		fprintf(out, ", DMA remapping before boot");
}

/* Device entries, after the fixed fields of an IVHD block (5.2.2). */
static void find_items(struct fw_bytes *t, u32 entry, u32 len)
{
	u32 at, size;
	u8 type = t->b[entry];

	if (type != 0x10 && type != 0x11 && type != 0x40)
		return;
	for (at = type == 0x10 ? 24 : 40; at + 4 <= len; at += size) {
		type = t->b[entry + at];
		size = 4 << (type >> 6);
		if (type == 0xf0)
			size = at + 22 <= len ? 22 + t->b[entry + at + 21] : 22;
		add_item(t, entry + at);
	}
}

static const write_table write[] = {
	ivrs_table_qemu, ivrs_table_qemu_bridges, ivrs_table_server, NULL,
};

const struct format ivrs_format = {
	.parser = &ivrs_parser,
	.describe = describe,
	.find_items = find_items,
	.write = write,
};
