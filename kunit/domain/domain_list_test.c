// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domains that prevent a detach.
 */
#include <kunit/test.h>

#include <nyx/domain.h>

#include "../log_text.h"

#define OWNED "detach: domain 4711 is still owned by VFIO, IOMMUFD or another module; release"
#define ALLOCATING "detach: domain 4711 is being allocated; retry"

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

/* Default domains are freed with their devices. */
static void default_domains_are_not_busy(struct kunit *test)
{
	struct nyx_domain *strict = new_domain(test, 1, IOMMU_DOMAIN_DMA);
	struct nyx_domain *lazy = new_domain(test, 2, IOMMU_DOMAIN_DMA_FQ);

	KUNIT_EXPECT_TRUE(test, close_and_open());
	nyx_domains_del(strict);
	nyx_domains_del(lazy);
	KUNIT_EXPECT_TRUE(test, close_and_open());
}

static void expect_busy(struct kunit *test, unsigned int type,
			const char *line)
{
	struct nyx_domain *before = new_domain(test, 1, IOMMU_DOMAIN_DMA);
	struct nyx_domain *domain = new_domain(test, 4711, type);
	struct nyx_domain *after = new_domain(test, 2, IOMMU_DOMAIN_DMA_FQ);
	unsigned int lines = log_text_count(test, line);

	KUNIT_EXPECT_FALSE(test, nyx_domains_close());
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	/* After the refusal new domains are still allowed. */
	nyx_domains_del(new_domain(test, 3, IOMMU_DOMAIN_UNMANAGED));
	nyx_domains_del(domain);
	KUNIT_EXPECT_TRUE(test, close_and_open());
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	nyx_domains_del(before);
	nyx_domains_del(after);
}

static void unmanaged_domain_is_busy(struct kunit *test)
{
	expect_busy(test, IOMMU_DOMAIN_UNMANAGED, OWNED);
}

/* The IOMMU core sets the type after the allocation. */
static void domain_without_type_is_busy(struct kunit *test)
{
	expect_busy(test, 0, ALLOCATING);
}

static void closed_list_refuses_domains(struct kunit *test)
{
	struct nyx_domain *domain = new_domain(test, 1, IOMMU_DOMAIN_DMA);
	struct nyx_domain late = { };

	KUNIT_ASSERT_TRUE(test, nyx_domains_close());
	KUNIT_EXPECT_EQ(test, nyx_domains_add(&late), -ENODEV);
	/* Existing domains can be freed meanwhile. */
	nyx_domains_del(domain);
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_domains));
	nyx_domains_open();
	KUNIT_EXPECT_EQ(test, nyx_domains_add(&late), 0);
	nyx_domains_del(&late);
}

static struct kunit_case domain_list_cases[] = {
	KUNIT_CASE(default_domains_are_not_busy),
	KUNIT_CASE(unmanaged_domain_is_busy),
	KUNIT_CASE(domain_without_type_is_busy),
	KUNIT_CASE(closed_list_refuses_domains),
	{ }
};

static struct kunit_suite domain_list_suite = {
	.name = "nyx_domain_domain_list",
	.init = domain_list_init,
	.test_cases = domain_list_cases,
};

kunit_test_suite(domain_list_suite);
