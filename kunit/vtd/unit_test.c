// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting, enabling, disabling and stopping units, and errors at each step, on
 * models of units.
 */
#include <linux/io.h>
#include <linux/string.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "../seq_text.h"
#include "core.h"
#include "domain/domain.h"
#include "lib/poll.h"
#include "lifecycle/lifecycle.h"
#include "model.h"
#include "vtd/gcmd.h"
#include "vtd/vtd.h"

/*
 * The order of 6.6 and 6.5.2: enable the queue, set the root table, invalidate
 * all caches, enable translation.
 */
static void starts_in_order(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit = vtd_model_start_disabled(model);

	vtd_model_expect_event(model, 0, EVENT_GCMD, 0x04000000);
	KUNIT_EXPECT_EQ(test, model->nr_events, 1);
	KUNIT_EXPECT_EQ(test, model->gsts, 0x04000000);

	vtd_model_clear_events(model);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	vtd_model_expect_event(model, 0, EVENT_GCMD, 0x44000000);
	vtd_model_expect_event(model, 1, EVENT_DSC, 0x11);
	vtd_model_expect_event(model, 2, EVENT_DSC, 0xd2);
	/* A wait descriptor */
	KUNIT_EXPECT_EQ(test, model->events[3].a & 0xf, 5);
	vtd_model_expect_event(model, 4, EVENT_GCMD, 0x84000000);
	KUNIT_EXPECT_EQ(test, model->nr_events, 5);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc4000000);
	KUNIT_EXPECT_EQ(test, model->rtaddr,
			virt_to_phys(model->vu->tables.root));

	vtd_model_clear_events(model);
	unit->ops->disable(unit);
	vtd_model_expect_event(model, 0, EVENT_GCMD, 0x04000000);
	/* The last descriptor is a wait descriptor. */
	KUNIT_EXPECT_EQ(test, model->events[1].a & 0xf, 5);
	vtd_model_expect_event(model, 2, EVENT_GCMD, 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 3);
	KUNIT_EXPECT_EQ(test, model->gsts, 0x40000000);
}

/*
 * With some X58 chipsets a unit never completes an invalidation while the queue
 * of another unit is disabled.
 */
static void queues_of_all_units_first(struct kunit *test)
{
	struct vtd_model *models[2];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(models); i++) {
		models[i] = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
		vtd_model_probe(models[i]);
		list_add_tail(&models[i]->vu->unit.node, &nyx_units);
	}
	KUNIT_EXPECT_EQ(test, nyx_units_start(), 0);
	for (i = 0; i < ARRAY_SIZE(models); i++) {
		/* QIE is set. No SRTP, and no descriptor. */
		KUNIT_EXPECT_EQ(test, models[i]->gsts, 0x04000000);
		vtd_model_expect_event(models[i], 0, EVENT_GCMD, 0x04000000);
		KUNIT_EXPECT_EQ(test, models[i]->nr_events, 1);
	}
	KUNIT_EXPECT_EQ(test, nyx_units_enable(), 0);
	for (i = 0; i < ARRAY_SIZE(models); i++)
		KUNIT_EXPECT_EQ(test, models[i]->gsts, 0xc4000000);
	nyx_units_disable();
	nyx_units_stop();
	INIT_LIST_HEAD(&nyx_units);
}

/* A unit that fails does not affect another one. */
static void several_units(struct kunit *test)
{
	const struct nyx_flush flush = { .domain_id = 1, .last = ~0ULL };
	struct vtd_model *a = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct vtd_model *b = vtd_model_new(test, MODEL_CAP | MODEL_CAP_CM,
					    MODEL_ECAP & ~MODEL_ECAP_QI);
	struct nyx_unit *unit;

	vtd_model_probe(a);
	vtd_model_probe(b);
	vtd_model_start(a);
	vtd_model_start(b);
	KUNIT_EXPECT_STRNEQ(test, a->vu->unit.name, b->vu->unit.name);
	KUNIT_EXPECT_NE(test, a->root, b->root);
	a->gone = true;
	a->vu->unit.ops->flush(&a->vu->unit, &flush);
	KUNIT_EXPECT_TRUE(test, a->vu->unit.dead);
	unit = &b->vu->unit;
	KUNIT_EXPECT_FALSE(test, unit->dead);
	unit->ops->flush(unit, &flush);
	KUNIT_EXPECT_EQ(test, b->nr_events, 1);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	vtd_model_free(a);
	unit->ops->flush(unit, &flush);
	KUNIT_EXPECT_EQ(test, b->nr_events, 2);
}

static void expect_idle(struct vtd_model *model)
{
	/* TES and QIES are clear, and the interrupt was freed. */
	KUNIT_EXPECT_EQ(model->test, model->gsts & 0x84000000, 0);
	KUNIT_EXPECT_EQ(model->test, unit_core.irqs, 0);
}

/*
 * The unit does not complete QIE or SRTP in time, and may do so later: no other
 * command is written, and what the unit may use is kept.
 */
static void start_fails(struct kunit *test)
{
	static const u32 commands[] = { 0x04000000, 0x40000000 };
	struct vtd_model *model;
	struct nyx_unit *unit;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
		vtd_model_probe(model);
		unit = &model->vu->unit;
		model->held_cmds = commands[i];
		ret = unit->ops->start(unit);
		if (!ret) {
			ret = unit->ops->enable(unit);
			unit->ops->stop(unit);
		}
		KUNIT_EXPECT_EQ(test, ret, -ETIMEDOUT);
		KUNIT_EXPECT_EQ(test, model->pending_bits, commands[i]);
		KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_GCMD, 0, 0),
				1 + i);
		KUNIT_EXPECT_EQ(test, unit_core.irqs, 0);
		KUNIT_EXPECT_TRUE(test, unit->stuck);
		KUNIT_EXPECT_NOT_NULL(test, model->vu->qi.ring);
		KUNIT_EXPECT_NOT_NULL(test, model->vu->tables.root);
		KUNIT_EXPECT_FALSE(test, unit->dead);
		vtd_model_free(model);
	}
}

/* Start is undone if the unit completes a command late, and can be repeated. */
static void start_completes_late(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit;

	vtd_model_probe(model);
	unit = &model->vu->unit;
	/* The first read after the time is over shows it as completed. */
	model->vu->command_ns = 0;
	model->latency = 4;
	KUNIT_EXPECT_EQ(test, unit->ops->start(unit), -ETIMEDOUT);
	model->vu->command_ns = NSEC_PER_SEC;
	KUNIT_EXPECT_TRUE(test, unit->stuck);
	nyx_poll32(model->vu->regs + 0x1c, 0x04000000, 0x04000000);
	KUNIT_EXPECT_EQ(test, vtd_gcmd(model->vu, 0x04000000, false), 0);
	vtd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc4000000);
}

static void start_fails_without_interrupt(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit;

	vtd_model_probe(model);
	unit = &model->vu->unit;
	unit_core.irq_fails = true;
	KUNIT_EXPECT_EQ(test, unit->ops->start(unit), -ENOSPC);
	expect_idle(model);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	unit_core.irq_fails = false;
	vtd_model_start(model);
}

/* The unit vanishes at every access until it is enabled. */
static void start_vanishes(struct kunit *test)
{
	unsigned long at, total = ~0UL, before;
	struct vtd_model *model;
	struct nyx_unit *unit;
	int ret;

	for (at = 1; at <= total; at++) {
		model = vtd_model_new(test, MODEL_CAP | MODEL_CAP_PMR,
				      MODEL_ECAP);
		vtd_model_probe(model);
		unit = &model->vu->unit;
		before = model->accesses;
		model->gone_after = at;
		ret = unit->ops->start(unit);
		if (!ret) {
			unit->started = true;
			ret = unit->ops->enable(unit);
		} else {
			KUNIT_EXPECT_EQ(test, unit_core.irqs, 0);
		}
		if (!model->gone) {
			KUNIT_EXPECT_EQ(test, ret, 0);
			total = model->accesses - before;
			model->gone_after = 0;
		} else if (ret) {
			KUNIT_EXPECT_TRUE(test, ret == -ENODEV || ret == -EIO);
		}
		vtd_model_free(model);
		KUNIT_ASSERT_EQ(test, unit_core.irqs, 0);
		/* The number of accesses is limited. */
		KUNIT_ASSERT_LT(test, at, 200);
	}
	KUNIT_EXPECT_GT(test, total, 10);
}

/*
 * The unit is slow to enable translation, and does so after the driver has
 * given up. All that it uses then has to be there.
 */
static void enable_fails(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit = vtd_model_start_disabled(model);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0100);
	struct nyx_entry entry = unit_core_identity(1);
	struct vtd_root *root = model->vu->tables.root;
	u64 lo, hi;

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &entry), 0);
	vtd_model_clear_events(model);
	model->held_cmds = 0x80000000;
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), -ETIMEDOUT);
	/* Nothing was written after that command: SRTP precedes it. */
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_GCMD, 0, 0), 2);
	KUNIT_EXPECT_TRUE(test, unit->stuck);
	/* Not contained: the entries are identity, and may be used late. */
	KUNIT_EXPECT_FALSE(test, unit->dead);
	unit->ops->stop(unit);
	unit->started = false;
	KUNIT_EXPECT_PTR_EQ(test, model->vu->tables.root, root);
	KUNIT_EXPECT_NOT_NULL(test, model->vu->qi.ring);
	model->held_cmds = 0;
	nyx_poll32(model->vu->regs + 0x1c, 0x80000000, 0x80000000);
	KUNIT_EXPECT_TRUE(test, vtd_walk_entry(model, 0x0100, &lo, &hi));
	KUNIT_EXPECT_EQ(test, model->root, virt_to_phys(root));
	vtd_walk_check(model);
}

/* The unit enables translation a moment after the driver gave up waiting. */
static void enable_completes_late(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit;

	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	KUNIT_EXPECT_EQ(test, vtd_gcmd(model->vu, 0x80000000, false), 0);
	model->held_cmds = 0x80000000;
	KUNIT_EXPECT_EQ(test, vtd_gcmd(model->vu, 0x80000000, true),
			-ETIMEDOUT);
	model->held_cmds = 0;
	model->busy = 1;
	unit->ops->disable(unit);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0);
	KUNIT_EXPECT_FALSE(test, unit->stuck);
	/* Enabling it can be repeated. */
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc4000000);
}

/* As at reboot: with interrupts disabled, in any state of the unit. */
static void disable_with_interrupts_off(struct kunit *test)
{
	struct vtd_model *model;
	struct nyx_unit *unit;
	unsigned long flags;
	int how;

	for (how = 0; how < 4; how++) {
		model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
		unit = &model->vu->unit;
		if (how == 1)
			model->halted = true;
		if (how == 2)
			model->gone = true;
		if (how == 3)
			model->held_cmds = 0x84000000;
		model->vu->qi.timeout_ns = 1000000;
		model->vu->command_ns = 50000000;
		local_irq_save(flags);
		unit->ops->disable(unit);
		local_irq_restore(flags);
		if (how < 2)
			KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0);
		KUNIT_EXPECT_EQ(test, unit->dead, how == 1 || how == 2);
		/* Memory that it may still use is not freed. */
		KUNIT_EXPECT_EQ(test, model->vu->unit.stuck, how >= 2);
		vtd_model_free(model);
	}
}

/*
 * A unit whose graphics need it translates for ever. Nothing that it uses is
 * freed, and its identity entries stay valid.
 */
static void graphics_stay_on(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_entry entry = unit_core_identity(1);
	struct nyx_device *ndev;
	struct nyx_unit *unit;
	unsigned long flags;
	u64 lo, hi;

	model->graphics = true;
	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	KUNIT_EXPECT_TRUE(test, unit->stays_on);
	ndev = vtd_core_device(test, model, 0x0010);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &entry), 0);
	vtd_model_clear_events(model);
	unit->identity_id = 1;
	local_irq_save(flags);
	nyx_unit_set_identity(unit);
	unit->ops->disable(unit);
	local_irq_restore(flags);
	/* TES is set, QIES is clear; no command disabled translation. */
	KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0x80000000);
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_GCMD, 0x80000000, 0),
			0);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	unit->ops->stop(unit);
	unit->started = false;
	KUNIT_EXPECT_NOT_NULL(test, model->vu->qi.ring);
	KUNIT_EXPECT_EQ(test, model->root,
			virt_to_phys(model->vu->tables.root));
	KUNIT_EXPECT_TRUE(test, vtd_walk_entry(model, 0x0010, &lo, &hi));
	/* A virtual function that is found later passes through (TT 10b), too. */
	KUNIT_EXPECT_TRUE(test, vtd_walk_entry(model, 0x0011, &lo, &hi));
	KUNIT_EXPECT_EQ(test, lo, 0x9);
	vtd_walk_check(model);
}

/*
 * Before a sleep the translation that stays on is no reason to stay awake, but
 * a queue that is not disabled is one.
 */
static void graphics_sleep(struct kunit *test)
{
	struct vtd_model *model;
	struct nyx_unit *unit;
	int held;

	for (held = 0; held < 2; held++) {
		model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
		model->graphics = true;
		vtd_model_probe(model);
		vtd_model_start(model);
		model->vu->command_ns = 1000000;
		model->held_cmds = held ? 0x04000000 : 0;
		unit = &model->vu->unit;
		unit->asleep = true;
		unit->ops->disable(unit);
		KUNIT_EXPECT_EQ(test, model->gsts & 0x80000000, 0x80000000);
		KUNIT_EXPECT_EQ(test, unit->stuck, held);
	}
}

/* Units that do not drain, and all others, can be disabled. */
static void graphics_can_be_disabled(struct kunit *test)
{
	struct vtd_model *model;
	struct nyx_unit *unit;
	int drain;

	for (drain = 0; drain < 2; drain++) {
		model = vtd_model_new(test, drain ? MODEL_CAP :
				      MODEL_CAP & ~(3ULL << 54), MODEL_ECAP);
		model->graphics = !drain;
		vtd_model_probe(model);
		vtd_model_start(model);
		unit = &model->vu->unit;
		unit->ops->disable(unit);
		KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0);
		KUNIT_EXPECT_FALSE(test, unit->stuck);
		vtd_model_free(model);
	}
}

/* It did not enable translation, so nothing has to stay on. */
static void graphics_never_on(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit;

	model->graphics = true;
	unit = vtd_model_start_disabled(model);
	unit->ops->disable(unit);
	KUNIT_EXPECT_FALSE(test, unit->stuck);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0);
}

/* The unit is disabled and enabled repeatedly: entries stay valid. */
static void disables_and_enables(struct kunit *test)
{
	const struct nyx_flush flush = { .domain_id = 1, .last = ~0ULL };
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0100);
	struct nyx_entry entry = unit_core_table(test, 1, false);
	struct nyx_unit *unit = &model->vu->unit;
	int i;

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &entry), 0);
	for (i = 0; i < 20; i++) {
		unit->ops->disable(unit);
		/* A flush does not access a disabled unit. */
		vtd_model_clear_events(model);
		unit->ops->flush(unit, &flush);
		KUNIT_EXPECT_EQ(test, model->nr_events, 0);
		KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
		vtd_walk_check(model);
	}
	KUNIT_EXPECT_FALSE(test, unit->dead);
}

/*
 * EPM is bit 31, PRS bit 0. The register exists only if CAP has PLMR or PHMR
 * (11.4.8.1).
 */
static void protected_memory(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP | MODEL_CAP_PMR,
						MODEL_ECAP);
	struct nyx_unit *unit;

	model->pmen = 0x80000001;
	unit = vtd_model_start_disabled(model);
	/* Memory stays protected until translation is enabled. */
	KUNIT_EXPECT_EQ(test, model->pmen, 0x80000001);
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(test, model->pmen, 0);
	vtd_model_free(model);

	/* Without the capability the register is not written. */
	model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	model->pmen = 0x80000001;
	vtd_model_probe(model);
	vtd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->pmen, 0x80000001);
	vtd_model_free(model);

	/* Protection cannot be disabled: enabling the unit fails. */
	model = vtd_model_new(test, MODEL_CAP | MODEL_CAP_PMR, MODEL_ECAP);
	model->pmen = 0x80000001;
	model->ignored_cmds = 1;
	unit = vtd_model_start_disabled(model);
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0);
}

static bool has_text(const struct seq_file *m, const char *text)
{
	return strstr(m->buf, text);
}

/* debugfs shows each register that exists, by its name. */
static void shows_registers(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    (3ULL << 40), MODEL_ECAP);
	struct nyx_unit *unit = &model->vu->unit;
	struct seq_file *m = nyx_seq_text_unit(test);

	unit->ops->show_registers(unit, m);
	KUNIT_EXPECT_TRUE(test, has_text(m, "register offset value fields\n"));
	KUNIT_EXPECT_TRUE(test, has_text(m, "VER      0x000 0x0000000000000010 MAX=0x1,MIN=0x0\n"));
	KUNIT_EXPECT_TRUE(test, has_text(m, "GSTS     0x01c 0x00000000c4000000 TES=0x1,"));
	KUNIT_EXPECT_TRUE(test, has_text(m, "RTPS=0x1,WBFS=0x0,QIES=0x1,IRES=0x0,"));
	KUNIT_EXPECT_TRUE(test, has_text(m, "FRCD3    0x250 "));
	KUNIT_EXPECT_FALSE(test, has_text(m, "FRCD4"));

	m->count = 0;
	unit->ops->show_capabilities(unit, m);
	KUNIT_EXPECT_TRUE(test, has_text(m, "CAP      MGAW     0x2f\n"));
	KUNIT_EXPECT_TRUE(test, has_text(m, "CAP      NFR      0x3\n"));
	KUNIT_EXPECT_TRUE(test, has_text(m, "ECAP     QI       0x1\n"));

	/* Registers of a unit that vanished are shown as ones. */
	model->gone = true;
	m->count = 0;
	unit->ops->show_registers(unit, m);
	KUNIT_EXPECT_TRUE(test, has_text(m, "RTADDR   0x020 0xffffffffffffffff "));
}

/* A sleep costs the unit its registers, and leaves its tables in memory. */
static void sleeps(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0010);
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_entry entry = unit_core_table(test, 7, false);
	unsigned long flags;
	u64 root = model->root;

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &entry), 0);
	local_irq_save(flags);
	unit->ops->disable(unit);
	model->rtaddr = 0;
	model->root = 0;
	model->iqa = 0;
	model->head = 0;
	model->tail = 0;
	model->fectl = 0x80000000;
	model->next = 0;
	/* Firmware left its queue enabled. */
	model->iqa = 0x1000;
	model->gsts |= 0x04000000;
	KUNIT_EXPECT_EQ(test, unit->ops->wake(unit), 0);
	KUNIT_EXPECT_NE(test, model->iqa, 0x1000);
	KUNIT_EXPECT_EQ(test, unit_core.irq_restores, 1);
	/* QIES, not TES */
	KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0x04000000);
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0x84000000);
	KUNIT_EXPECT_EQ(test, model->root, root);
	KUNIT_EXPECT_FALSE(test, unit->stuck);
	KUNIT_EXPECT_EQ(test, nyx_invalidate_global(unit), 0);
	vtd_walk_check(model);
}

static struct kunit_case nyx_vtd_unit_cases[] = {
	KUNIT_CASE(starts_in_order),
	KUNIT_CASE(queues_of_all_units_first),
	KUNIT_CASE(several_units),
	KUNIT_CASE_SLOW(start_fails),
	KUNIT_CASE(start_completes_late),
	KUNIT_CASE(start_fails_without_interrupt),
	KUNIT_CASE(start_vanishes),
	KUNIT_CASE_SLOW(enable_fails),
	KUNIT_CASE_SLOW(enable_completes_late),
	KUNIT_CASE_SLOW(disable_with_interrupts_off),
	KUNIT_CASE(graphics_stay_on),
	KUNIT_CASE(graphics_sleep),
	KUNIT_CASE(graphics_can_be_disabled),
	KUNIT_CASE(graphics_never_on),
	KUNIT_CASE(disables_and_enables),
	KUNIT_CASE(sleeps),
	KUNIT_CASE(protected_memory),
	KUNIT_CASE(shows_registers),
	{}
};

static struct kunit_suite nyx_vtd_unit_suite = {
	.name = "nyx_vtd_unit",
	.test_cases = nyx_vtd_unit_cases,
};

kunit_test_suite(nyx_vtd_unit_suite);
