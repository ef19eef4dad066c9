// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs page_table, read like seq_file reads it.
 */
#include <kunit/test.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <nyx/domain.h>

#include "debugfs/debugfs.h"

/* More lines than two walks return. */
#define PAGES 2500

static unsigned int walks;

/* Every other page of the first PAGES pairs is mapped. */
static int pairs_walk(struct nyx_pt *pt, u64 iova, u64 last, nyx_pt_visit visit,
		      void *arg)
{
	u64 at;
	int ret;

	walks++;
	for (at = 0x1000; at < PAGES * 0x2000ULL; at += 0x2000) {
		struct nyx_pt_span leaf = {
			.iova = at,
			.paddr = at + 0x100000000ULL,
			.len = SZ_4K,
			.prot = IOMMU_READ | IOMMU_CACHE,
			.pgsize = SZ_4K,
		};

		if (at + 0xfff < iova || at > last)
			continue;
		ret = visit(&leaf, arg);
		if (ret)
			return ret;
	}
	return 0;
}

static const struct nyx_pt_format pairs_format = { .walk = pairs_walk };

struct pages {
	struct nyx_domain domain;
	struct inode inode;
	struct file file;
	struct seq_file *m;
};

static int pages_init(struct kunit *test)
{
	struct pages *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->domain.pt.fmt = &pairs_format;
	p->inode.i_private = &p->domain;
	KUNIT_ASSERT_EQ(test, nyx_page_table_fops.open(&p->inode, &p->file), 0);
	p->m = p->file.private_data;
	/* Freed by seq_file when the file is closed. */
	p->m->buf = kvzalloc(SZ_4K, GFP_KERNEL);
	p->m->size = SZ_4K - 1;
	test->priv = p;
	walks = 0;
	return p->m->buf ? 0 : -ENOMEM;
}

static void pages_exit(struct kunit *test)
{
	struct pages *p = test->priv;

	nyx_page_table_fops.release(&p->inode, &p->file);
}

static const char *show(struct seq_file *m, void *v)
{
	memset(m->buf, 0, SZ_4K);
	m->count = 0;
	m->op->show(m, v);
	return m->buf;
}

/*
 * Reads the whole file. With @again each line is read by a new call at the
 * position of the last one, as after a full buffer.
 */
static void read_all(struct kunit *test, bool again)
{
	struct pages *p = test->priv;
	struct seq_file *m = p->m;
	char expect[160];
	loff_t pos = 0;
	u64 i;
	void *v;

	v = m->op->start(m, &pos);
	KUNIT_EXPECT_STREQ(test, show(m, v),
			   "first_iova         last_iova          physical                     bytes leaf_sizes access\n");
	for (i = 0; i < PAGES; i++) {
		u64 at = 0x1000 + i * 0x2000;

		v = m->op->next(m, v, &pos);
		if (again) {
			m->op->stop(m, v);
			v = m->op->start(m, &pos);
		}
		KUNIT_ASSERT_NOT_NULL(test, v);
		snprintf(expect, sizeof(expect),
			 "0x%016llx 0x%016llx 0x%016llx            4096 4K         r-c\n",
			 at, at + 0xfff, at + 0x100000000ULL);
		KUNIT_ASSERT_STREQ(test, show(m, v), expect);
	}
	v = m->op->next(m, v, &pos);
	KUNIT_EXPECT_NULL(test, v);
	m->op->stop(m, v);
	/* A read after the end returns nothing. */
	v = m->op->start(m, &pos);
	KUNIT_EXPECT_NULL(test, v);
	m->op->stop(m, v);
	/* Each walk returns 1024 lines. */
	KUNIT_EXPECT_EQ(test, walks, 3);
}

static void pages_in_one_go(struct kunit *test)
{
	read_all(test, false);
}

static void pages_line_by_line(struct kunit *test)
{
	read_all(test, true);
}

/* A reader that starts again does not get old data. */
static void pages_twice(struct kunit *test)
{
	read_all(test, false);
	walks = 0;
	read_all(test, false);
}

/* Positions between lines. */
static void pages_from_anywhere(struct kunit *test)
{
	struct pages *p = test->priv;
	struct seq_file *m = p->m;
	loff_t pos = 1 + 0x4000 / 0x1000;
	void *v;

	v = m->op->start(m, &pos);
	KUNIT_EXPECT_EQ(test, strncmp(show(m, v), "0x0000000000005000 ", 19),
			0);
	m->op->stop(m, v);
	/* A position before the lines that were read, */
	pos = 2;
	v = m->op->start(m, &pos);
	KUNIT_EXPECT_EQ(test, strncmp(show(m, v), "0x0000000000001000 ", 19),
			0);
	m->op->stop(m, v);
	/* and one far after the last line. */
	pos = 1 + (1ULL << 57) / 0x1000;
	v = m->op->start(m, &pos);
	KUNIT_EXPECT_NULL(test, v);
	m->op->stop(m, v);
}

/* Nothing follows the last page of a 64-bit table, especially not the first. */
static void pages_up_to_the_last(struct kunit *test)
{
	static const struct nyx_pt_cfg cfg = {
		.levels = 6,
		.va_bits = 64,
		.oa_bits = 48,
		.pgsizes = SZ_4K,
		.coherent = true,
		.nid = NUMA_NO_NODE,
	};
	struct pages *p = test->priv;
	struct nyx_pt *pt = &p->domain.pt;
	struct seq_file *m = p->m;
	loff_t pos = 0, last;
	void *v;

	KUNIT_ASSERT_EQ(test, nyx_pt_init(pt, &nyx_pt_amdv1, &cfg, GFP_KERNEL),
			0);
	KUNIT_ASSERT_EQ(test, nyx_pt_map(pt, -0x1000ULL, 0x7000, SZ_4K,
					 IOMMU_READ, GFP_KERNEL), 0);
	v = m->op->start(m, &pos);
	v = m->op->next(m, v, &pos);
	KUNIT_EXPECT_EQ(test, strncmp(show(m, v),
				      "0xfffffffffffff000 0xffffffffffffffff ",
				      38), 0);
	/* A reader with a full buffer continues after a line, too. */
	last = pos;
	v = m->op->next(m, v, &pos);
	KUNIT_EXPECT_NULL(test, v);
	KUNIT_EXPECT_GT(test, pos, last);
	m->op->stop(m, v);
	v = m->op->start(m, &pos);
	KUNIT_EXPECT_NULL(test, v);
	m->op->stop(m, v);
	nyx_pt_destroy(pt);
}

static struct kunit_case nyx_pages_cases[] = {
	KUNIT_CASE(pages_in_one_go),
	KUNIT_CASE(pages_line_by_line),
	KUNIT_CASE(pages_twice),
	KUNIT_CASE(pages_from_anywhere),
	KUNIT_CASE(pages_up_to_the_last),
	{}
};

static struct kunit_suite nyx_pages_suite = {
	.name = "nyx_debugfs_page_table",
	.init = pages_init,
	.exit = pages_exit,
	.test_cases = nyx_pages_cases,
};

kunit_test_suite(nyx_pages_suite);
