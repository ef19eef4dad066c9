// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMAR parser: a million tables, each broken in ways of its own. Each ends
 * where its buffer ends, so that KASAN sees a read beyond it, and so does the
 * memory that the parser fills. What it makes of a table must keep what dmar.h
 * promises.
 *
 * KASAN keeps a stack trace for each allocation, which takes User-mode Linux far
 * longer than to parse a table. So most tables share two buffers, and only one
 * in SAMPLE gets its own, which also shows what is used after it was freed.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dmar_table.h"
#include "seed.h"
#include "vtd/dmar.h"
#include "vtd/dmar_parser.h"

#define TABLES		1000000
#define SAMPLE		128
/* Not a power of two: behind a page KASAN has no redzone. */
#define AREA		15000

/**
 * struct fuzz - one broken table and what the parser says of it
 * @rnd: random numbers
 * @good: what the broken ones are made of
 * @t: the broken one
 * @dmar: as parsed
 * @table: where most of the broken ones are put
 * @area: where the parser puts most of the results
 * @notes: findings
 * @refusals: how many of them were refusals
 * @bad_note: a finding that does not fit, or one behind a refusal
 */
struct fuzz {
	struct rnd_state rnd;
	struct dmar_table good[3];
	struct dmar_table t;
	struct vtd_dmar dmar;
	u8 *table;
	u8 *area;
	unsigned int notes;
	unsigned int refusals;
	bool bad_note;
};

static u32 below(struct fuzz *f, u32 limit)
{
	return prandom_u32_state(&f->rnd) % limit;
}

static u8 odd_byte(struct fuzz *f)
{
	static const u8 odd[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 31, 32, 0x5c, 0x7f, 0x80,
		0xfe, 0xff,
	};

	return odd[below(f, sizeof(odd))];
}

static void fix_length(struct dmar_table *t)
{
	if (t->len >= 8)
		dmar_table_put(t, 4, 4, t->len);
}

/* Does one thing to the table. */
static void mutate(struct fuzz *f)
{
	struct dmar_table *t = &f->t;
	struct dmar_table *other = &f->good[below(f, 3)];
	u32 entry = t->entry[below(f, t->nr)];
	u32 at = below(f, t->len), n, from;

	switch (below(f, 10)) {
	case 0:
		t->b[at] ^= 1 << below(f, 8);
		break;
	case 1:
		t->b[at] = odd_byte(f);
		break;
	case 2:
		t->b[at] = below(f, 256);
		break;
	case 3: /* a field of a structure, or the start of its first scope */
		t->b[entry + below(f, 40)] = odd_byte(f);
		break;
	case 4: /* a length, but only a little wrong */
		t->b[entry + 2] += below(f, 9) - 4;
		break;
	case 5: /* a length, random */
		dmar_table_put(t, entry + 2, 2, below(f, 0x10000));
		break;
	case 6: /* a type */
		dmar_table_put(t, entry, 2, below(f, 9));
		break;
	case 7: /* cut off */
		t->len = 1 + below(f, t->len);
		fix_length(t);
		break;
	case 8: /* a piece of another table */
		from = below(f, other->len);
		n = 1 + below(f, min(other->len - from, t->len - at));
		memmove(t->b + at, other->b + from, n);
		break;
	case 9: /* whole structures of another table, up to its end */
		from = other->entry[below(f, other->nr)];
		n = min_t(u32, other->len - from, DMAR_TABLE_MAX - t->len);
		memcpy(t->b + t->len, other->b + from, n);
		t->len += n;
		fix_length(t);
		break;
	}
}

static void take_note(const struct vtd_dmar_note *note, void *arg)
{
	struct fuzz *f = arg;

	f->bad_note |= f->refusals || note->offset >= max(f->t.len, 1u) ||
		       !note->where || !note->what ||
		       note->verdict > VTD_DMAR_UNKNOWN;
	f->notes++;
	f->refusals += note->verdict == VTD_DMAR_REFUSED;
}

static const char *check_scopes(const struct vtd_dmar *d,
				const struct vtd_scopes *scopes)
{
	const struct vtd_scope *s;
	unsigned int i;

	if (scopes->nr && (scopes->scope < d->scope ||
			   scopes->scope + scopes->nr > d->scope + d->nr_scope))
		return "scopes are not in the table's array";
	for (s = scopes->scope; s < scopes->scope + scopes->nr; s++) {
		if (s->type < 1 || s->type > 5)
			return "scope type";
		if (s->hops < 1 || s->hops > 16)
			return "hops";
		for (i = s->hops; i < 16; i++)
			if (s->path[i])
				return "path goes on";
	}
	return NULL;
}

static const char *check_units(const struct vtd_dmar *d)
{
	const struct vtd_drhd *u, *o;
	const char *wrong = NULL;
	bool usable = false;

	for (u = d->drhd; !wrong && u < d->drhd + d->nr_drhd; u++) {
		wrong = check_scopes(d, &u->scopes);
		usable |= u->usable;
		if (u->usable && (!u->base || u->base & 0xfff ||
				  u->size < 0x1000 || u->size > 0x8000000 ||
				  u->size & (u->size - 1) ||
				  (u->base + u->size - 1) >> 52))
			return "register window";
		for (o = d->drhd; o < u; o++) {
			if (u->include_all && o->include_all &&
			    u->segment == o->segment)
				return "two INCLUDE_PCI_ALL";
			if (u->usable && o->usable &&
			    u->base <= o->base + o->size - 1 &&
			    o->base <= u->base + u->size - 1)
				return "register windows overlap";
		}
	}
	if (!usable)
		return "no usable unit";
	return wrong;
}

static const char *check_rest(const struct vtd_dmar *d, u32 len)
{
	const char *wrong = NULL;
	unsigned int i, j;

	for (i = 0; !wrong && i < d->nr_rmrr; i++) {
		const struct vtd_rmrr *r = &d->rmrr[i];

		wrong = check_scopes(d, &r->scopes);
		if (r->base >= r->limit || r->base & 0xfff ||
		    (r->limit & 0xfff) != 0xfff || !r->scopes.nr ||
		    (d->host_bits < 64 && r->limit >> d->host_bits))
			return "RMRR";
	}
	for (i = 0; !wrong && i < d->nr_atsr; i++)
		wrong = check_scopes(d, &d->atsr[i].scopes);
	for (i = 0; !wrong && i < d->nr_satc; i++)
		wrong = check_scopes(d, &d->satc[i].scopes);
	for (i = 0; i < d->nr_rhsa; i++) {
		for (j = 0; j < d->nr_drhd; j++)
			if (d->drhd[j].base == d->rhsa[i].base)
				break;
		if (j == d->nr_drhd)
			return "RHSA of no unit";
	}
	for (i = 0; i < d->nr_andd; i++) {
		if (d->andd[i].name[0] != '\\' || strlen(d->andd[i].name) > len)
			return "ANDD's name";
		for (j = 0; j < i; j++)
			if (d->andd[i].device == d->andd[j].device)
				return "ANDD comes twice";
	}
	return wrong;
}

/* What is wrong with the parser's answer; NULL if nothing. */
static const char *check(struct fuzz *f, int ret, u32 len)
{
	const struct vtd_dmar *d = &f->dmar;
	u32 bytes = d->nr_drhd * 16 + d->nr_rmrr * 24 + d->nr_atsr * 8 +
		    d->nr_rhsa * 20 + d->nr_andd * 10 + d->nr_satc * 8 +
		    d->nr_scope * 8;

	if (f->bad_note)
		return "a finding does not fit";
	if (f->notes > 16 + f->refusals)
		return "too many findings";
	if (f->refusals != (ret ? 1 : 0))
		return "refusal is not told";
	if (ret)
		return ret == -EINVAL && !memchr_inv(d, 0, sizeof(*d)) ?
		       NULL : "something is left of a refused table";
	if (48 + bytes > len)
		return "more was read than there is";
	if ((void *)(d->drhd + d->nr_drhd) > (void *)d->rmrr ||
	    (void *)(d->rmrr + d->nr_rmrr) > (void *)d->atsr ||
	    (void *)(d->atsr + d->nr_atsr) > (void *)d->rhsa ||
	    (void *)(d->rhsa + d->nr_rhsa) > (void *)d->andd ||
	    (void *)(d->andd + d->nr_andd) > (void *)d->satc ||
	    (void *)(d->satc + d->nr_satc) > (void *)d->scope)
		return "an array runs into the next";
	if (d->nr_andd && (void *)d->andd[0].name <
			  (void *)(d->scope + d->nr_scope))
		return "scopes run into names";
	if (d->host_bits < 12 || d->host_bits > 64)
		return "host address width";
	return check_units(d) ?: check_rest(d, len);
}

static void *alloc_area(size_t size)
{
	struct fuzz *f = kunit_get_current_test()->priv;

	size = ALIGN(size, 8);
	if (size > AREA)
		return NULL;
	return memset(f->area + AREA - size, 0, size);
}

static void release_area(void *mem)
{
}

static void use_area(struct kunit *test)
{
	kunit_activate_static_stub(test, vtd_dmar_alloc, alloc_area);
	kunit_activate_static_stub(test, vtd_dmar_release, release_area);
}

static void use_own(struct kunit *test)
{
	kunit_deactivate_static_stub(test, vtd_dmar_alloc);
	kunit_deactivate_static_stub(test, vtd_dmar_release);
}

/* One table; its bytes are gone before what was made of it is looked at. */
static const char *fuzz_one(struct kunit *test, struct fuzz *f, bool own,
			    int *ret)
{
	u32 len = f->t.len;
	u8 *table = f->table + DMAR_TABLE_MAX - len;
	const char *wrong;

	if (own) {
		use_own(test);
		table = kmalloc(len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, table);
	}
	memcpy(table, f->t.b, len);
	f->notes = 0;
	f->refusals = 0;
	f->bad_note = false;
	*ret = vtd_dmar_parse(table, len, &f->dmar, take_note, f);
	if (own)
		kfree(table);
	else
		memset(table, 0xa5, len);
	wrong = check(f, *ret, len);
	vtd_dmar_free(&f->dmar);
	if (own)
		use_area(test);
	return wrong;
}

static void dmar_fuzz(struct kunit *test)
{
	struct fuzz *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	u32 i, j, refused = 0, clean = 0;
	const char *wrong;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->table = kunit_kmalloc(test, DMAR_TABLE_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->table);
	f->area = kunit_kmalloc(test, AREA, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->area);
	test->priv = f;
	nyx_kunit_seed(test, &f->rnd);
	dmar_table_qemu(&f->good[0]);
	dmar_table_qemu_all(&f->good[1]);
	dmar_table_server(&f->good[2]);

	use_area(test);
	for (i = 0; i < TABLES; i++) {
		/* Most are made of the one with the most in it. */
		f->t = f->good[min(below(f, 8), 2u)];
		for (j = 1 + below(f, 4); j; j--)
			mutate(f);
		wrong = fuzz_one(test, f, !(i % SAMPLE), &ret);
		if (wrong) {
			print_hex_dump(KERN_INFO, "DMAR: ", DUMP_PREFIX_OFFSET,
				       16, 1, f->t.b, f->t.len, false);
			KUNIT_FAIL_AND_ABORT(test, "table %u: %s", i, wrong);
		}
		refused += ret ? 1 : 0;
		clean += !f->notes;
		if (!(i % 1024))
			cond_resched();
	}
	kunit_info(test, "%u tables: %u refused, %u taken, %u without a word\n",
		   TABLES, refused, TABLES - refused, clean);
	/* It tests little if the mutations do all or nothing. */
	KUNIT_EXPECT_GT(test, refused, TABLES / 20);
	KUNIT_EXPECT_GT(test, TABLES - refused, TABLES / 20);
}

static struct kunit_case dmar_fuzz_cases[] = {
	KUNIT_CASE_SLOW(dmar_fuzz),
	{}
};

static struct kunit_suite dmar_fuzz_suite = {
	.name = "nyx_dmar_fuzz",
	.test_cases = dmar_fuzz_cases,
};

kunit_test_suite(dmar_fuzz_suite);
