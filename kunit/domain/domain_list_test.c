// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which domains keep devices from being given back.
 */
#include <kunit/test.h>

#include <nyx/domain.h>

#include "../log_text.h"

#define IN_USE "detach: domain 4711 is in use by who allocated it: "
#define BEING_MADE "detach: domain 4711 is just being made: "

static struct nyx_domain *new_domain(struct kunit *test, unsigned int id,
				     unsigned int type)
{
	struct nyx_domain *domain = kunit_kzalloc(test, sizeof(*domain),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, domain);
	domain->pt.id = id;
	domain->pt.iommu.domain.type = type;
	KUNIT_ASSERT_EQ(test, nyx_domains_add(domain), 0);
	return domain;
}

static int domain_list_init(struct kunit *test)
{
	nyx_domains_open();
	return 0;
}

static bool close_and_open(void)
{
	bool closed = nyx_domains_close();

	nyx_domains_open();
	return closed;
}

/* They go with their devices. */
static void default_domains_do_not(struct kunit *test)
{
	struct nyx_domain *strict = new_domain(test, 1, IOMMU_DOMAIN_DMA);
	struct nyx_domain *lazy = new_domain(test, 2, IOMMU_DOMAIN_DMA_FQ);

	KUNIT_EXPECT_TRUE(test, close_and_open());
	nyx_domains_del(strict);
	nyx_domains_del(lazy);
	KUNIT_EXPECT_TRUE(test, close_and_open());
}

static void expect_stays(struct kunit *test, unsigned int type,
			 const char *line)
{
	struct nyx_domain *before = new_domain(test, 1, IOMMU_DOMAIN_DMA);
	struct nyx_domain *domain = new_domain(test, 4711, type);
	struct nyx_domain *behind = new_domain(test, 2, IOMMU_DOMAIN_DMA_FQ);
	unsigned int lines = log_text_count(test, line);

	KUNIT_EXPECT_FALSE(test, nyx_domains_close());
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	/* What was refused has closed nothing. */
	nyx_domains_del(new_domain(test, 3, IOMMU_DOMAIN_UNMANAGED));
	nyx_domains_del(domain);
	KUNIT_EXPECT_TRUE(test, close_and_open());
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	nyx_domains_del(before);
	nyx_domains_del(behind);
}

static void somebodys_own_does(struct kunit *test)
{
	expect_stays(test, IOMMU_DOMAIN_UNMANAGED, IN_USE);
}

/* The core sets the type last: nobody knows yet what it will be. */
static void one_without_a_type_does(struct kunit *test)
{
	expect_stays(test, 0, BEING_MADE);
}

static void none_comes_while_closed(struct kunit *test)
{
	struct nyx_domain *domain = new_domain(test, 1, IOMMU_DOMAIN_DMA);
	struct nyx_domain late = { };

	KUNIT_ASSERT_TRUE(test, nyx_domains_close());
	KUNIT_EXPECT_EQ(test, nyx_domains_add(&late), -ENODEV);
	/* The others go meanwhile. */
	nyx_domains_del(domain);
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_domains));
	nyx_domains_open();
	KUNIT_EXPECT_EQ(test, nyx_domains_add(&late), 0);
	nyx_domains_del(&late);
}

static struct kunit_case domain_list_cases[] = {
	KUNIT_CASE(default_domains_do_not),
	KUNIT_CASE(somebodys_own_does),
	KUNIT_CASE(one_without_a_type_does),
	KUNIT_CASE(none_comes_while_closed),
	{ }
};

static struct kunit_suite domain_list_suite = {
	.name = "nyx_domain_domain_list",
	.init = domain_list_init,
	.test_cases = domain_list_cases,
};

kunit_test_suite(domain_list_suite);
