// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units of RD890 chipsets, which a sleep leaves unconfigured, on a model of their
 * configuration space and that of their host bridges.
 */
#include <linux/irqflags.h>
#include <linux/pci.h>

#include "amd/amd.h"
#include "amd/ivrs.h"
#include "amd/unit_ops.h"
#include "model.h"

enum { UNITS = 2, CAP = 0x40 };

/**
 * struct chipset - what one unit and its host bridge contain
 * @base: Base Address Registers, offsets 44h and 48h. Bit 0 enables the unit and
 *	locks the capability block; only a reset clears it
 * @misc: Miscellaneous Information Register, offset 50h
 * @l1_index: index register, offset f8h: register in bits 7:0, L1 in bits 19:16,
 *	bit 31 enables writes
 * @l1: the registers that offset fch accesses
 * @l2_index: index register, offset f0h: register in bits 7:0, bit 8 enables
 *	writes
 * @l2: the registers that offset f4h accesses
 * @bridge_index: index register of the bridge, offset 60h: register in bits 6:0,
 *	bit 7 enables writes
 * @features: register 75h behind it, accessed at offset 64h. The unit responds
 *	only while bit 0 is set
 */
struct chipset {
	u32 base[2];
	u32 misc;
	u32 l1_index;
	u32 l1[6][18];
	u32 l2_index;
	u32 l2[131];
	u32 bridge_index;
	u32 features;
};

/**
 * struct machine - the machine of a test
 * @model: its units
 * @now: its chipsets
 * @boot: their contents when the driver was loaded
 * @late: number of writes after the one that enabled a unit
 * @accesses: number of accesses to configuration space
 * @occupied: something else responds at the address of a unit that has moved
 */
struct machine {
	struct amd_model *model[UNITS];
	struct chipset now[UNITS];
	struct chipset boot[UNITS];
	unsigned int late;
	unsigned int accesses;
	bool occupied;
};

static void access(u32 *reg, u32 *val, bool write)
{
	if (write)
		*reg = *val;
	else
		*val = *reg;
}

static void bridge_config(struct kunit *test, struct chipset *c, int where,
			  u32 *val, bool write)
{
	if (where == 0x60) {
		access(&c->bridge_index, val, write);
		return;
	}
	KUNIT_ASSERT_EQ(test, where, 0x64);
	KUNIT_ASSERT_EQ(test, c->bridge_index & 0x7f, 0x75);
	KUNIT_EXPECT_TRUE(test, !write || c->bridge_index & 0x80);
	access(&c->features, val, write);
}

static void unit_config(struct kunit *test, struct chipset *c, int where,
			u32 *val, bool write)
{
	unsigned int l1 = c->l1_index >> 16 & 0xf, reg = c->l1_index & 0xff;
	bool locked = c->base[0] & 1;

	switch (where) {
	case 0x44:
		/* The address is set before the unit is enabled there. */
		if (write && !locked && *val & 1)
			KUNIT_EXPECT_EQ(test, c->base[0], *val & ~1);
		if (!write || !locked)
			access(&c->base[0], val, write);
		break;
	case 0x48:
		if (!write || !locked)
			access(&c->base[1], val, write);
		break;
	case 0x50:
		if (!write || !locked)
			access(&c->misc, val, write);
		break;
	case 0xf0:
		access(&c->l2_index, val, write);
		break;
	case 0xf4:
		KUNIT_ASSERT_LT(test, c->l2_index & 0xff, 131);
		KUNIT_EXPECT_TRUE(test, !write || c->l2_index & 0x100);
		access(&c->l2[c->l2_index & 0xff], val, write);
		break;
	case 0xf8:
		access(&c->l1_index, val, write);
		break;
	case 0xfc:
		KUNIT_ASSERT_LT(test, l1, 6);
		KUNIT_ASSERT_LT(test, reg, 18);
		KUNIT_EXPECT_TRUE(test, !write || c->l1_index >> 31);
		access(&c->l1[l1][reg], val, write);
		break;
	default:
		KUNIT_FAIL(test, "access to offset %#x", where);
	}
}

/* The unit responds if it is switched on, enabled, and where it is expected. */
static void set_gone(struct amd_model *model, const struct chipset *c)
{
	const struct machine *m = model->test->priv;
	u64 base = (u64)c->base[1] << 32 | (c->base[0] & 0xffffc000);

	model->gone = !(c->features & 1) || !(c->base[0] & 1) ||
		      (base != model->base && !m->occupied);
}

static void config(struct amd_model *model, bool bridge, int where, u32 *val,
		   bool write)
{
	struct machine *m = model->test->priv;
	struct chipset *c = &m->now[model == m->model[1]];

	m->accesses++;
	if (bridge) {
		bridge_config(model->test, c, where, val, write);
	} else if (c->features & 1) {
		if (write && !model->gone && where != 0xf0 && where != 0xf8)
			m->late++;
		unit_config(model->test, c, where, val, write);
	} else if (!write) {
		*val = ~0;
	}
	set_gone(model, c);
}

/* A different value in each register. */
static void boot(struct chipset *c, u64 base, u32 seed)
{
	unsigned int i, j;

	c->base[0] = (u32)base | 1;
	c->base[1] = base >> 32;
	c->misc = 0x00283040 + seed;
	for (i = 0; i < 6; i++)
		for (j = 0; j < 18; j++)
			c->l1[i][j] = 0xa1000000 + seed + (i << 8) + j;
	for (i = 0; i < 131; i++)
		c->l2[i] = 0xa2000000 + seed + i;
	c->bridge_index = 0x1f;
	c->features = 0x03c00000 + seed + 1;
}

static int rd890_init(struct kunit *test)
{
	struct machine *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct amd_ivrs_unit *fw;
	struct amd_unit *au;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	test->priv = m;
	for (i = 0; i < UNITS; i++) {
		m->model[i] = amd_model_new(test, 0, 0xff);
		m->model[i]->on_config = config;
		boot(&m->now[i], m->model[i]->base, 0x10000 * i);
		m->boot[i] = m->now[i];
		au = m->model[i]->au;
		au->cpu_family = 0x10;
		au->loses_config = true;
		au->bridge = kunit_kzalloc(test, sizeof(*au->bridge),
					   GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, au->bridge);
		au->unit.phys = m->model[i]->base;
		fw = (struct amd_ivrs_unit *)&au->ivrs->unit[i];
		fw->capability = CAP;
	}
	return 0;
}

/* Values after a reset. Firmware sets the other features of the chipset. */
static void reset(struct machine *m, unsigned int i)
{
	struct chipset *c = &m->now[i];

	memset(c, 0, sizeof(*c));
	c->misc = 0x00400000;
	c->bridge_index = 0x2b;
	c->features = m->boot[i].features & ~1;
	set_gone(m->model[i], c);
}

static int wake(struct amd_model *model)
{
	unsigned long flags;
	int ret;

	local_irq_save(flags);
	ret = model->au->unit.ops->wake(&model->au->unit);
	if (!ret)
		ret = model->au->unit.ops->enable(&model->au->unit);
	local_irq_restore(flags);
	return ret;
}

static void expect_restored(struct kunit *test, unsigned int i)
{
	const struct machine *m = test->priv;
	const struct chipset *now = &m->now[i], *old = &m->boot[i];

	KUNIT_EXPECT_MEMEQ(test, now->base, old->base, sizeof(now->base));
	KUNIT_EXPECT_EQ(test, now->misc, old->misc);
	KUNIT_EXPECT_MEMEQ(test, now->l1, old->l1, sizeof(now->l1));
	KUNIT_EXPECT_MEMEQ(test, now->l2, old->l2, sizeof(now->l2));
	KUNIT_EXPECT_EQ(test, now->features, old->features);
	/* Nothing is written by accident. */
	KUNIT_EXPECT_EQ(test, now->l1_index >> 31, 0);
	KUNIT_EXPECT_EQ(test, now->l2_index & 0x100, 0);
	KUNIT_EXPECT_EQ(test, now->bridge_index & 0x80, 0);
}

static void start(struct machine *m, unsigned int i)
{
	amd_model_start(m->model[i]);
	KUNIT_EXPECT_FALSE(m->model[i]->test, m->model[i]->au->unit.no_sleep);
}

/* All is lost: each unit gets back what its firmware had set up. */
static void restores(struct kunit *test)
{
	struct machine *m = test->priv;
	unsigned int i;

	for (i = 0; i < UNITS; i++) {
		start(m, i);
		expect_restored(test, i);
	}
	for (i = 0; i < UNITS; i++)
		m->model[i]->au->unit.ops->disable(&m->model[i]->au->unit);
	for (i = 0; i < UNITS; i++)
		reset(m, i);
	m->late = 0;
	for (i = 0; i < UNITS; i++) {
		KUNIT_EXPECT_EQ(test, wake(m->model[i]), 0);
		expect_restored(test, i);
		KUNIT_EXPECT_EQ(test, m->now[i].bridge_index, 0x2b);
		KUNIT_EXPECT_EQ(test, m->model[i]->status & 0x18, 0x18);
	}
	KUNIT_EXPECT_EQ(test, m->late, 0);
}

/* Nothing was lost: the sleep was cancelled, or firmware restored the unit. */
static void lost_nothing(struct kunit *test)
{
	struct machine *m = test->priv;

	start(m, 0);
	m->model[0]->au->unit.ops->disable(&m->model[0]->au->unit);
	KUNIT_EXPECT_EQ(test, wake(m->model[0]), 0);
	expect_restored(test, 0);
	KUNIT_EXPECT_EQ(test, m->model[0]->status & 0x18, 0x18);
}

/*
 * Firmware has locked the unit at another address, and something else responds at
 * the old one.
 */
static void moved(struct kunit *test)
{
	struct machine *m = test->priv;

	start(m, 0);
	m->model[0]->au->unit.ops->disable(&m->model[0]->au->unit);
	m->occupied = true;
	m->now[0].base[0] = 0xfeb00001;
	m->now[0].base[1] = 0;
	KUNIT_EXPECT_EQ(test, wake(m->model[0]), -ENODEV);
}

/* The machine must not sleep if the unit cannot be restored. */
static void cannot_restore(struct kunit *test)
{
	struct machine *m = test->priv;

	m->model[0]->au->bridge = NULL;
	amd_model_start(m->model[0]);
	KUNIT_EXPECT_TRUE(test, m->model[0]->au->unit.no_sleep);
	/* The address is not that of the IVRS table. */
	m->model[1]->au->unit.phys += 0x100000000;
	amd_model_start(m->model[1]);
	KUNIT_EXPECT_TRUE(test, m->model[1]->au->unit.no_sleep);
}

/* Units of other chipsets have other registers there. */
static void other_chipset(struct kunit *test)
{
	struct machine *m = test->priv;

	m->model[0]->au->loses_config = false;
	start(m, 0);
	m->model[0]->au->unit.ops->disable(&m->model[0]->au->unit);
	KUNIT_EXPECT_EQ(test, wake(m->model[0]), 0);
	KUNIT_EXPECT_EQ(test, m->accesses, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(restores),
	KUNIT_CASE(lost_nothing),
	KUNIT_CASE(moved),
	KUNIT_CASE(cannot_restore),
	KUNIT_CASE(other_chipset),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_rd890",
	.init = rd890_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
