// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inserting a unit into the chain of an interrupt and removing it. The domains of the
 * source, the unit and the CPUs' vectors are the kernel's, with operations that only
 * keep books.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "intr/msi.h"
#include "intr/splice.h"

#define PIN 5
#define VECTOR 0x41
#define ENTRIES 16

/*
 * @used, @active: the unit's entries
 * @allocs: number of allocations of entries
 * @program_error: what nyx_msi_program() returns
 * @programs: number of its calls
 * @writes: number of messages that the source has sent
 * @through: the last one was composed by the unit
 * @too_early: a message has led to an entry before the unit had set it
 * @prepares: number of calls of nyx_splice_source.prepare
 * @indices: what nyx_splice_source.index returns, one after the other
 */
static struct {
	bool used[ENTRIES];
	bool active[ENTRIES];
	unsigned int allocs;
	int program_error;
	unsigned int programs;
	unsigned int writes;
	bool through;
	bool too_early;
	unsigned int prepares;
	const int *indices;
} fake;

static int fake_entry_alloc(struct nyx_unit *unit, struct nyx_device *ndev,
			    unsigned int nr)
{
	unsigned int index;

	for (index = 0; index < ENTRIES && fake.used[index]; index++)
		;
	if (index == ENTRIES)
		return -ENOSPC;
	fake.used[index] = true;
	fake.allocs++;
	return index;
}

static int fake_entry_alloc_at(struct nyx_unit *unit, struct nyx_device *ndev,
			       u16 index)
{
	if (index >= ENTRIES || fake.used[index])
		return -ENOSPC;
	fake.used[index] = true;
	fake.allocs++;
	return index;
}

static void fake_entry_free(struct nyx_unit *unit, struct nyx_device *ndev,
			    u16 index, unsigned int nr)
{
	fake.used[index] = false;
}

static int fake_entry_set(struct nyx_unit *unit, struct nyx_device *ndev,
			  u16 index, const struct nyx_intr_target *target)
{
	fake.active[index] = target;
	return 0;
}

static const struct nyx_intr_ops fake_intr_ops = {
	.alloc = fake_entry_alloc,
	.alloc_at = fake_entry_alloc_at,
	.free = fake_entry_free,
	.set = fake_entry_set,
};

/* Stand-ins for functions that need the vectors of a CPU. */
int nyx_msi_program(struct irq_data *data)
{
	static const struct nyx_intr_target target = { .vector = VECTOR };

	fake.programs++;
	return fake.program_error ?:
	       nyx_intr_set(irq_data_get_irq_chip_data(data), &target);
}

void nyx_msi_set_data(struct irq_data *data, struct nyx_intr *intr,
		      struct irq_chip *chip)
{
	data->hwirq = intr->run->index + intr->offset;
	data->chip = chip;
	data->chip_data = intr;
}

static int fake_set_affinity(struct irq_data *data, const struct cpumask *mask,
			     bool force)
{
	return IRQ_SET_MASK_OK;
}

static struct irq_chip vector_chip = { .name = "vector" };
static struct irq_chip unit_chip = { .name = "unit" };
static struct irq_chip top_chip = {
	.name = "top",
	.irq_set_affinity = fake_set_affinity,
};

static int vector_alloc(struct irq_domain *domain, unsigned int virq,
			unsigned int nr, void *arg)
{
	return irq_domain_set_hwirq_and_chip(domain, virq, VECTOR, &vector_chip,
					     NULL);
}

static void vector_free(struct irq_domain *domain, unsigned int virq,
			unsigned int nr)
{
	irq_domain_reset_irq_data(irq_domain_get_irq_data(domain, virq));
}

static const struct irq_domain_ops vector_ops = {
	.alloc = vector_alloc,
	.free = vector_free,
};

static int top_alloc(struct irq_domain *domain, unsigned int virq,
		     unsigned int nr, void *arg)
{
	return irq_domain_alloc_irqs_parent(domain, virq, nr, arg) ?:
	       irq_domain_set_hwirq_and_chip(domain, virq, PIN, &top_chip, NULL);
}

static const struct irq_domain_ops top_ops = {
	.alloc = top_alloc,
	.free = irq_domain_free_irqs_common,
};

static void unit_free(struct irq_domain *domain, unsigned int virq,
		      unsigned int nr)
{
	nyx_intr_free(irq_domain_get_irq_data(domain, virq)->chip_data);
	irq_domain_free_irqs_common(domain, virq, nr);
}

/* A domain of a hierarchy needs an operation for allocation. */
static int unit_alloc(struct irq_domain *domain, unsigned int virq,
		      unsigned int nr, void *arg)
{
	return -EOPNOTSUPP;
}

static const struct irq_domain_ops unit_ops = {
	.alloc = unit_alloc,
	.free = unit_free,
};

static void write_message(struct irq_data *top)
{
	struct irq_data *data = top->parent_data;

	fake.writes++;
	fake.through = data->chip == &unit_chip;
	if (fake.through && !fake.active[data->hwirq])
		fake.too_early = true;
}

static void prepare_message(struct irq_data *top)
{
	/* The unit ignores the data only as long as the format is its own. */
	if (top->parent_data->chip == &unit_chip && fake.through)
		fake.prepares++;
}

static int next_index(struct irq_data *top)
{
	return *fake.indices++;
}

static const struct nyx_splice_source any_index = {
	.chip = &unit_chip,
	.max_index = U16_MAX,
	.prepare = prepare_message,
	.write = write_message,
};

static const struct nyx_splice_source own_index = {
	.chip = &unit_chip,
	.max_index = U16_MAX,
	.index = next_index,
	.write = write_message,
};

static const struct nyx_splice_source small_index = {
	.chip = &unit_chip,
	.max_index = 0,
	.write = write_message,
};

/*
 * @fwnodes: names of the domains
 * @vectors: domain of the CPUs' vectors
 * @source: domain of the source of interrupts
 * @top: irq_data of its only interrupt
 * @irq: number of the interrupt
 */
struct chain {
	struct fwnode_handle *fwnodes[3];
	struct irq_domain *vectors;
	struct nyx_unit unit;
	struct nyx_device ndev;
	struct irq_domain *source;
	struct irq_data *top;
	int irq;
};

static int chain_init(struct kunit *test)
{
	struct chain *chain = kunit_kzalloc(test, sizeof(*chain), GFP_KERNEL);
	static const char *const names[] = { "vector", "unit", "top" };
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, chain);
	test->priv = chain;
	memset(&fake, 0, sizeof(fake));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		chain->fwnodes[i] = irq_domain_alloc_named_fwnode(names[i]);
		KUNIT_ASSERT_NOT_NULL(test, chain->fwnodes[i]);
	}
	chain->vectors = irq_domain_create_tree(chain->fwnodes[0], &vector_ops,
						NULL);
	KUNIT_ASSERT_NOT_NULL(test, chain->vectors);
	strscpy(chain->unit.name, "unit");
	chain->unit.intr.ops = &fake_intr_ops;
	chain->unit.intr.entries = ENTRIES;
	chain->unit.intr.domain =
		irq_domain_create_hierarchy(chain->vectors, 0, 0,
					    chain->fwnodes[1], &unit_ops, NULL);
	KUNIT_ASSERT_NOT_NULL(test, chain->unit.intr.domain);
	chain->source = irq_domain_create_hierarchy(chain->vectors, 0, 16,
						    chain->fwnodes[2], &top_ops,
						    NULL);
	KUNIT_ASSERT_NOT_NULL(test, chain->source);
	chain->ndev.unit = &chain->unit;
	kref_init(&chain->ndev.refs);
	chain->ndev.dev = kunit_device_register(test, "splice");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chain->ndev.dev);
	chain->irq = irq_domain_alloc_irqs(chain->source, 1, NUMA_NO_NODE, NULL);
	KUNIT_ASSERT_GT(test, chain->irq, 0);
	chain->top = irq_get_irq_data(chain->irq);
	return 0;
}

static void chain_exit(struct kunit *test)
{
	struct chain *chain = test->priv;
	unsigned int i;

	if (chain->irq > 0)
		irq_domain_free_irqs(chain->irq, 1);
	if (chain->source)
		irq_domain_remove(chain->source);
	if (chain->unit.intr.domain)
		irq_domain_remove(chain->unit.intr.domain);
	if (chain->vectors)
		irq_domain_remove(chain->vectors);
	for (i = 0; i < ARRAY_SIZE(chain->fwnodes); i++)
		if (chain->fwnodes[i])
			irq_domain_free_fwnode(chain->fwnodes[i]);
	for (i = 0; i < ENTRIES; i++) {
		KUNIT_EXPECT_FALSE(test, fake.used[i]);
		KUNIT_EXPECT_FALSE(test, fake.active[i]);
	}
}

static int splice_in(struct chain *chain, const struct nyx_splice_source *source)
{
	guard(mutex)(&chain->vectors->root->mutex);
	return nyx_splice_in(chain->top, &chain->ndev, source);
}

static void splice_out(struct chain *chain,
		       const struct nyx_splice_source *source)
{
	LIST_HEAD(removed);

	scoped_guard(mutex, &chain->vectors->root->mutex)
		nyx_splice_out(chain->top, source, &removed);
	nyx_splice_free(&removed);
}

static void expect_direct(struct kunit *test, struct chain *chain)
{
	struct irq_domain *domain = chain->unit.intr.domain;

	KUNIT_EXPECT_TRUE(test, nyx_splice_is_direct(chain->top));
	KUNIT_EXPECT_PTR_EQ(test, irq_domain_get_irq_data(domain, chain->irq), NULL);
	KUNIT_EXPECT_EQ(test, domain->mapcount, 0);
	KUNIT_EXPECT_TRUE(test, radix_tree_empty(&domain->revmap_tree));
	KUNIT_EXPECT_EQ(test, nyx_intr_count(&chain->unit), 0);
}

static void expect_spliced(struct kunit *test, struct chain *chain, u16 index)
{
	struct irq_domain *domain = chain->unit.intr.domain;
	struct irq_data *data = chain->top->parent_data;

	KUNIT_EXPECT_FALSE(test, nyx_splice_is_direct(chain->top));
	KUNIT_ASSERT_PTR_EQ(test, data->domain, domain);
	KUNIT_EXPECT_PTR_EQ(test, data->common, chain->top->common);
	KUNIT_EXPECT_EQ(test, data->irq, chain->irq);
	KUNIT_EXPECT_PTR_EQ(test, data->parent_data->domain, chain->vectors);
	KUNIT_EXPECT_EQ(test, irq_find_mapping(domain, index), chain->irq);
	KUNIT_EXPECT_EQ(test, domain->mapcount, 1);
	KUNIT_EXPECT_TRUE(test, fake.used[index]);
}

static void activate(struct kunit *test, struct chain *chain)
{
	KUNIT_ASSERT_EQ(test, irq_domain_activate_irq(chain->top, false), 0);
}

static void in_and_out(struct kunit *test)
{
	struct chain *chain = test->priv;

	activate(test, chain);
	KUNIT_EXPECT_EQ(test, splice_in(chain, &any_index), 0);
	expect_spliced(test, chain, 0);
	KUNIT_EXPECT_FALSE(test, fake.too_early);
	KUNIT_EXPECT_EQ(test, fake.writes, 1);
	KUNIT_EXPECT_TRUE(test, fake.through);
	splice_out(chain, &any_index);
	expect_direct(test, chain);
	KUNIT_EXPECT_EQ(test, fake.prepares, 1);
	KUNIT_EXPECT_EQ(test, fake.writes, 2);
	KUNIT_EXPECT_FALSE(test, fake.through);
	splice_out(chain, &any_index);
	KUNIT_EXPECT_EQ(test, fake.writes, 2);
	irq_domain_deactivate_irq(chain->top);
}

/* An interrupt that has not been started has no vector and sends no message. */
static void not_activated(struct kunit *test)
{
	struct chain *chain = test->priv;

	KUNIT_EXPECT_EQ(test, splice_in(chain, &any_index), 0);
	expect_spliced(test, chain, 0);
	splice_out(chain, &any_index);
	expect_direct(test, chain);
	KUNIT_EXPECT_EQ(test, fake.programs, 0);
	KUNIT_EXPECT_EQ(test, fake.writes, 0);
	KUNIT_EXPECT_EQ(test, fake.prepares, 0);
}

/* The kernel frees it as if it had been allocated from the unit. */
static void freed_by_the_kernel(struct kunit *test)
{
	struct chain *chain = test->priv;

	chain->source->parent = chain->unit.intr.domain;
	KUNIT_EXPECT_EQ(test, splice_in(chain, &any_index), 0);
	irq_domain_free_irqs(chain->irq, 1);
	chain->irq = 0;
	KUNIT_EXPECT_EQ(test, chain->unit.intr.domain->mapcount, 0);
	KUNIT_EXPECT_FALSE(test, fake.used[0]);
	KUNIT_EXPECT_EQ(test, nyx_intr_count(&chain->unit), 0);
}

/* The message has another index when the lock is held than before. */
static void index_changes(struct kunit *test)
{
	static const int indices[] = { 3, 4, 5, 5 };
	struct chain *chain = test->priv;

	fake.indices = indices;
	activate(test, chain);
	KUNIT_EXPECT_EQ(test, splice_in(chain, &own_index), 0);
	KUNIT_EXPECT_EQ(test, fake.allocs, 2);
	KUNIT_EXPECT_EQ(test, fake.writes, 1);
	expect_spliced(test, chain, 5);
	splice_out(chain, &own_index);
	expect_direct(test, chain);
	irq_domain_deactivate_irq(chain->top);
}

static void index_is_in_use(struct kunit *test)
{
	static const int indices[] = { 3 };
	struct chain *chain = test->priv;

	fake.indices = indices;
	fake.used[3] = true;
	activate(test, chain);
	KUNIT_EXPECT_EQ(test, splice_in(chain, &own_index), -ENOSPC);
	expect_direct(test, chain);
	KUNIT_EXPECT_EQ(test, fake.writes, 0);
	fake.used[3] = false;
	irq_domain_deactivate_irq(chain->top);
}

/* The only free entry has an index that the source cannot convey in one store. */
static void index_is_too_large(struct kunit *test)
{
	struct chain *chain = test->priv;

	fake.used[0] = true;
	activate(test, chain);
	KUNIT_EXPECT_EQ(test, splice_in(chain, &small_index), -ENOSPC);
	expect_direct(test, chain);
	KUNIT_EXPECT_EQ(test, fake.writes, 0);
	KUNIT_EXPECT_FALSE(test, fake.used[1]);
	fake.used[0] = false;
	irq_domain_deactivate_irq(chain->top);
}

static void unit_fails(struct kunit *test)
{
	struct chain *chain = test->priv;

	fake.program_error = -EIO;
	activate(test, chain);
	KUNIT_EXPECT_EQ(test, splice_in(chain, &any_index), -EIO);
	expect_direct(test, chain);
	KUNIT_EXPECT_EQ(test, fake.writes, 0);
	irq_domain_deactivate_irq(chain->top);
}

/* A scan finds the interrupt, but not one that has lost its chip. */
static void scan(struct kunit *test)
{
	struct chain *chain = test->priv;

	mutex_lock(&chain->vectors->root->mutex);
	KUNIT_EXPECT_PTR_EQ(test, nyx_splice_top(chain->irq), chain->top);
	irq_set_chip(chain->irq, NULL);
	KUNIT_EXPECT_PTR_EQ(test, nyx_splice_top(chain->irq), NULL);
	irq_set_chip(chain->irq, &top_chip);
	mutex_unlock(&chain->vectors->root->mutex);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(in_and_out),
	KUNIT_CASE(not_activated),
	KUNIT_CASE(freed_by_the_kernel),
	KUNIT_CASE(index_changes),
	KUNIT_CASE(index_is_in_use),
	KUNIT_CASE(index_is_too_large),
	KUNIT_CASE(unit_fails),
	KUNIT_CASE(scan),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_intr_splice",
	.init = chain_init,
	.exit = chain_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
