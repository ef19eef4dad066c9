// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMAR parser: valid tables, and tables that are cut short.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "dmar_result.h"

static void expect_scope(struct kunit *test, const struct vtd_scopes *scopes,
			 unsigned int i, u8 type, u8 id, u8 bus, u8 hops,
			 u8 last)
{
	const struct vtd_scope *s = &scopes->scope[i];

	KUNIT_ASSERT_LT(test, i, scopes->nr);
	KUNIT_EXPECT_EQ(test, s->type, type);
	KUNIT_EXPECT_EQ(test, s->id, id);
	KUNIT_EXPECT_EQ(test, s->bus, bus);
	KUNIT_ASSERT_EQ(test, s->hops, hops);
	KUNIT_EXPECT_EQ(test, s->path[hops - 1], last);
}

static void tables_of_qemu(struct kunit *test)
{
	struct fw_bytes *t = dmar_new_table(test);
	struct dmar_result *r;

	dmar_table_qemu(t);
	KUNIT_ASSERT_EQ(test, t->len, 120);
	r = dmar_result(test, t);
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	KUNIT_EXPECT_EQ(test, r->r.notes, 0);
	KUNIT_EXPECT_STREQ(test, r->r.left, "1/1 0 1 0 0 0 6");
	KUNIT_EXPECT_EQ(test, r->dmar.host_bits, 48);
	KUNIT_EXPECT_TRUE(test, r->dmar.intr_remap);
	KUNIT_EXPECT_EQ(test, r->dmar.drhd[0].base, 0xfed90000);
	KUNIT_EXPECT_EQ(test, r->dmar.drhd[0].size, 4096);
	KUNIT_EXPECT_FALSE(test, r->dmar.drhd[0].include_all);
	KUNIT_EXPECT_EQ(test, r->dmar.drhd[0].scopes.nr, 6);
	expect_scope(test, &r->dmar.drhd[0].scopes, 0, 3, 0, 0xff, 1, 0x00);
	expect_scope(test, &r->dmar.drhd[0].scopes, 2, 2, 0, 0x00, 1, 0x08);
	expect_scope(test, &r->dmar.drhd[0].scopes, 5, 1, 0, 0x00, 1, 0xfb);
	KUNIT_EXPECT_TRUE(test, r->dmar.atsr[0].all_ports);

	dmar_table_qemu_all(t);
	r = dmar_result(test, t);
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	KUNIT_EXPECT_EQ(test, r->r.notes, 0);
	KUNIT_EXPECT_STREQ(test, r->r.left, "1/1 0 0 0 0 0 1");
	KUNIT_EXPECT_EQ(test, r->dmar.host_bits, 39);
	KUNIT_EXPECT_FALSE(test, r->dmar.intr_remap);
	KUNIT_EXPECT_TRUE(test, r->dmar.drhd[0].include_all);
}

static void table_of_a_server(struct kunit *test)
{
	struct fw_bytes *t = dmar_new_server(test);
	struct vtd_dmar *d;
	struct dmar_result *r;

	KUNIT_ASSERT_EQ(test, t->len, 299);
	r = dmar_result(test, t);
	d = &r->dmar;
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	KUNIT_EXPECT_EQ(test, r->r.notes, 0);
	KUNIT_ASSERT_STREQ(test, r->r.left, "3/3 1 2 2 1 1 9");
	KUNIT_EXPECT_EQ(test, d->host_bits, 46);
	KUNIT_EXPECT_TRUE(test, d->intr_remap);
	KUNIT_EXPECT_FALSE(test, d->x2apic_opt_out);
	KUNIT_EXPECT_TRUE(test, d->platform_opt_in);
	KUNIT_EXPECT_FALSE(test, d->remap_opt_out);

	KUNIT_EXPECT_EQ(test, d->drhd[0].segment, 0);
	KUNIT_EXPECT_FALSE(test, d->drhd[0].include_all);
	expect_scope(test, &d->drhd[0].scopes, 0, 1, 0, 0x00, 1, 0x10);
	KUNIT_EXPECT_EQ(test, d->drhd[1].base, 0x201ffc000000);
	KUNIT_EXPECT_EQ(test, d->drhd[1].size, 8192);
	KUNIT_EXPECT_EQ(test, d->drhd[1].segment, 1);
	expect_scope(test, &d->drhd[1].scopes, 0, 2, 0, 0x80, 3, 0xff);
	KUNIT_EXPECT_EQ(test, d->drhd[1].scopes.scope[0].path[0], 0x08);
	KUNIT_EXPECT_EQ(test, d->drhd[1].scopes.scope[0].path[1], 0x13);
	KUNIT_EXPECT_TRUE(test, d->drhd[2].include_all);
	KUNIT_EXPECT_EQ(test, d->drhd[2].scopes.nr, 3);
	expect_scope(test, &d->drhd[2].scopes, 0, 3, 8, 0xf0, 1, 0xf8);
	expect_scope(test, &d->drhd[2].scopes, 1, 4, 0, 0xf0, 1, 0x78);
	expect_scope(test, &d->drhd[2].scopes, 2, 5, 1, 0x00, 1, 0xa9);

	KUNIT_EXPECT_EQ(test, d->rmrr[0].base, 0x7d800000);
	KUNIT_EXPECT_EQ(test, d->rmrr[0].limit, 0x7fffffff);
	KUNIT_EXPECT_EQ(test, d->rmrr[0].scopes.nr, 2);
	expect_scope(test, &d->rmrr[0].scopes, 1, 1, 0, 0x00, 1, 0xa0);
	KUNIT_EXPECT_FALSE(test, d->atsr[0].all_ports);
	expect_scope(test, &d->atsr[0].scopes, 0, 2, 0, 0x00, 1, 0xe4);
	KUNIT_EXPECT_TRUE(test, d->atsr[1].all_ports);
	KUNIT_EXPECT_EQ(test, d->atsr[1].segment, 1);
	KUNIT_EXPECT_EQ(test, d->rhsa[0].domain, 1);
	KUNIT_EXPECT_EQ(test, d->rhsa[1].base, 0x201ffc000000);
	KUNIT_EXPECT_EQ(test, d->rhsa[1].domain, 0x01020304);
	KUNIT_EXPECT_EQ(test, d->andd[0].device, 1);
	KUNIT_EXPECT_STREQ(test, d->andd[0].name, "\\_SB.PCI0.I2C0");
	KUNIT_EXPECT_TRUE(test, d->satc[0].atc_required);
	expect_scope(test, &d->satc[0].scopes, 0, 1, 0, 0x00, 1, 0x40);
}

/* Flags of the header, bits 0 to 3 (8.1). */
static void flags(struct kunit *test)
{
	struct fw_bytes *t = dmar_new_server(test);
	struct vtd_dmar *d;
	int bit;

	for (bit = 0; bit < 8; bit++) {
		t->b[37] = 1 << bit;
		fw_bytes_end(t);
		d = &dmar_result(test, t)->dmar;
		KUNIT_EXPECT_EQ(test, d->intr_remap, bit == 0);
		KUNIT_EXPECT_EQ(test, d->x2apic_opt_out, bit == 1);
		KUNIT_EXPECT_EQ(test, d->platform_opt_in, bit == 2);
		KUNIT_EXPECT_EQ(test, d->remap_opt_out, bit == 3);
	}
}

static void cut_short(struct kunit *test)
{
	fw_cut(test, dmar_new_server(test), dmar_parse);
}

static void longer_mapping(struct kunit *test)
{
	fw_longer(test, dmar_new_server(test), dmar_parse);
}

static void wrong_checksum(struct kunit *test)
{
	fw_checksum(test, dmar_new_server(test), dmar_parse);
}

/*
 * A unit without valid registers keeps its scopes. A table without any usable
 * unit is refused.
 */
static void unusable_unit(struct kunit *test)
{
	struct fw_bytes *t = dmar_new_server(test);
	struct dmar_result *r;

	fw_bytes_put(t, 80, 8, 0);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	KUNIT_ASSERT_EQ(test, r->dmar.nr_drhd, 3);
	KUNIT_EXPECT_TRUE(test, r->dmar.drhd[0].usable);
	KUNIT_EXPECT_FALSE(test, r->dmar.drhd[1].usable);
	KUNIT_EXPECT_EQ(test, r->dmar.drhd[1].scopes.nr, 1);

	dmar_table_qemu(t);
	fw_bytes_put(t, 56, 8, ~0ull);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_EXPECT_EQ(test, r->r.ret, -EINVAL);
	KUNIT_EXPECT_EQ(test, r->r.notes, 2);
	fw_expect_note(test, &r->r, NYX_FW_REFUSED, 0, "usable units");

	dmar_table_start(t, 38, 0);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_EXPECT_EQ(test, r->r.ret, -EINVAL);
	KUNIT_EXPECT_EQ(test, r->r.notes, 1);
	fw_expect_note(test, &r->r, NYX_FW_REFUSED, 0, "usable units");
}

/* An RMRR that is not aligned to pages is extended to whole pages. */
static void extends_rmrr(struct kunit *test)
{
	struct fw_bytes *t = dmar_new_table(test);
	struct dmar_result *r;

	dmar_table_qemu_all(t);
	dmar_table_rmrr(t, 0, 0x12345fff, 0x12346000);
	dmar_table_scope(t, 1, 0, 0, 3, 0);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	KUNIT_ASSERT_EQ(test, r->dmar.nr_rmrr, 1);
	KUNIT_EXPECT_EQ(test, r->dmar.rmrr[0].base, 0x12345000);
	KUNIT_EXPECT_EQ(test, r->dmar.rmrr[0].limit, 0x12346fff);
}

/* The number of reported findings is limited; a refusal is always reported. */
static void limits_findings(struct kunit *test)
{
	struct fw_bytes *t = dmar_new_table(test);
	struct dmar_result *r;
	int i;

	dmar_table_qemu_all(t);
	for (i = 0; i < 30; i++)
		dmar_table_rmrr(t, 0, 1, 0);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_EXPECT_EQ(test, r->r.ret, 0);
	KUNIT_EXPECT_EQ(test, r->r.notes, 16);
	fw_expect_note(test, &r->r, NYX_FW_KEPT, 432, "too many findings");

	dmar_table_qemu_all(t);
	t->b[t->entry[0] + 8 + 1] = 0x08;
	for (i = 0; i < 30; i++)
		dmar_table_entry(t, 0x77, 4);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_EXPECT_EQ(test, r->r.ret, -EINVAL);
	KUNIT_EXPECT_EQ(test, r->r.notes, 17);
	fw_expect_note(test, &r->r, NYX_FW_REFUSED, 0, "usable units");
}

static u8 *big_table(struct kunit *test, u32 len, u32 units)
{
	u8 *b = kvzalloc(len, GFP_KERNEL), *e;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	memcpy(b, "DMAR", 4);
	b[4] = len;
	b[5] = len >> 8;
	b[6] = len >> 16;
	b[8] = 1;
	b[36] = 0x2d;
	for (i = 0, e = b + 48; i < units; i++, e += 16) {
		e[2] = 16;
		e[9] = i << 4;
		e[10] = i >> 4;
		e[11] = 0xd0;
	}
	return b;
}

static void too_large(struct kunit *test)
{
	struct dmar_result *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	const u32 most = 48 + 1024 * 16;
	u8 *b;

	KUNIT_ASSERT_NOT_NULL(test, r);
	b = big_table(test, most, 1024);
	r->r.ret = vtd_dmar_parse(b, most, &r->dmar, NULL, NULL);
	kvfree(b);
	KUNIT_EXPECT_EQ(test, r->r.ret, 0);
	KUNIT_EXPECT_EQ(test, r->dmar.nr_drhd, 1024);
	KUNIT_EXPECT_TRUE(test, r->dmar.drhd[1023].usable);
	KUNIT_EXPECT_EQ(test, r->dmar.drhd[1023].base, 0xd03ff000);
	vtd_dmar_free(&r->dmar);
	KUNIT_EXPECT_NULL(test, r->dmar.drhd);

	b = big_table(test, most + 16, 1025);
	r->r.ret = vtd_dmar_parse(b, most + 16, &r->dmar, NULL, NULL);
	kvfree(b);
	KUNIT_EXPECT_EQ(test, r->r.ret, -EINVAL);

	/* 1 MiB is not too large: the parser reads the invalid structure. */
	b = big_table(test, 0x100000, 1);
	r->r.ret = vtd_dmar_parse(b, 0x100000, &r->dmar, fw_take_note, &r->r);
	KUNIT_EXPECT_EQ(test, r->r.ret, -EINVAL);
	fw_expect_note(test, &r->r, NYX_FW_REFUSED, 64, "header's");
	kvfree(b);

	b = big_table(test, 0x100001, 1);
	r->r.ret = vtd_dmar_parse(b, 0x100001, &r->dmar, fw_take_note, &r->r);
	KUNIT_EXPECT_EQ(test, r->r.ret, -EINVAL);
	fw_expect_note(test, &r->r, NYX_FW_REFUSED, 0, "more than 1 MiB");
	kvfree(b);
}

static void no_memory(struct kunit *test)
{
	fw_no_memory(test, dmar_new_server(test), dmar_parse);
}

static struct kunit_case nyx_vtd_dmar_cases[] = {
	KUNIT_CASE(tables_of_qemu),
	KUNIT_CASE(table_of_a_server),
	KUNIT_CASE(flags),
	KUNIT_CASE(cut_short),
	KUNIT_CASE(longer_mapping),
	KUNIT_CASE(wrong_checksum),
	KUNIT_CASE(unusable_unit),
	KUNIT_CASE(extends_rmrr),
	KUNIT_CASE(limits_findings),
	KUNIT_CASE(too_large),
	KUNIT_CASE(no_memory),
	{}
};

static struct kunit_suite nyx_vtd_dmar_suite = {
	.name = "nyx_vtd_dmar",
	.test_cases = nyx_vtd_dmar_cases,
};

kunit_test_suite(nyx_vtd_dmar_suite);
