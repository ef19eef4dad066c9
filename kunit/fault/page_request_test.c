// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests between the log of a unit and the kernel's I/O page-fault framework.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/page_request.h>
#include <nyx/unit.h>

#include "../domain/fake_unit.h"
#include "../unit_core.h"
#include "domain/domain.h"
#include "fault/page_request.h"

enum { RID = 1, PASID = 5 };

/**
 * struct fake - a unit with a device that has ATS, PASIDs and page requests
 * @unit: the unit
 * @device: the device
 */
struct fake {
	struct fake_unit unit;
	struct fake_device device;
};

static int handler(struct iopf_group *group)
{
	return 0;
}

static int fake_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	test->priv = fake;
	unit_core_reset();
	unit_core.pasid_bits = 3;
	nyx_domains_open();
	fake_unit_init(test, &fake->unit, "fake0");
	fake->unit.unit.identity_id = 9;
	fake->unit.unit.page_queue = (struct iopf_queue *)fake;
	fake->unit.unit.caps = fake_pasid_caps;
	fake->unit.unit.caps.page_requests = true;
	fake_device_init(&fake->device, &fake->unit, RID);
	device_initialize(&fake->device.dev);
	fake->device.ndev.page_requests = true;
	fake_device_add(&fake->device);
	return nyx_device_set_identity(&fake->device.ndev);
}

static void fake_exit(struct kunit *test)
{
	struct fake *fake = test->priv;

	nyx_pasids_stop(&fake->device.ndev);
	nyx_device_set_blocked(&fake->device.ndev);
	nyx_pasids_exit(&fake->device.ndev);
	INIT_LIST_HEAD(&nyx_devices);
	KUNIT_EXPECT_EQ(test, unit_core.pris_on, 0);
	KUNIT_EXPECT_EQ(test, unit_core.queued, 0);
	KUNIT_EXPECT_EQ(test, fake->device.ndev.page_users, 0);
}

static struct iommu_domain *new_domain(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *domain =
		nyx_domain_alloc_paging(&fake->device.dev);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	domain->iopf_handler = handler;
	return domain;
}

static int set(struct iommu_domain *domain, struct fake *fake, u32 pasid)
{
	return domain->ops->set_dev_pasid(domain, &fake->device.dev, pasid,
					  NULL);
}

static void unset(struct fake *fake, u32 pasid)
{
	set(&nyx_blocked_domain, fake, pasid);
}

static void expect_steps(struct kunit *test, const char *want)
{
	KUNIT_EXPECT_STREQ(test, unit_core.steps, want);
	memset(unit_core.steps, 0, sizeof(unit_core.steps));
}

/* Page requests are enabled while a domain handles them, and drained after it. */
static void users(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *a = new_domain(test), *b = new_domain(test);
	struct iommu_domain *plain = nyx_domain_alloc_paging(&fake->device.dev);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, plain);
	KUNIT_ASSERT_EQ(test, set(plain, fake, 1), 0);
	expect_steps(test, "");
	KUNIT_ASSERT_EQ(test, set(a, fake, 2), 0);
	expect_steps(test, "qp");
	KUNIT_ASSERT_EQ(test, set(b, fake, 3), 0);
	expect_steps(test, "");
	unset(fake, 1);
	expect_steps(test, "");
	unset(fake, 2);
	expect_steps(test, "DRF");
	/* A domain that replaces one keeps them enabled. */
	KUNIT_ASSERT_EQ(test, set(a, fake, 3), 0);
	expect_steps(test, "DRF");
	unset(fake, 3);
	expect_steps(test, "DRFPQ");

	/* And the domain of the device itself. */
	KUNIT_ASSERT_EQ(test, fake_device_attach(&fake->device, a), 0);
	expect_steps(test, "qp");
	KUNIT_EXPECT_TRUE(test, fake->unit.entries[RID].page_requests);
	KUNIT_ASSERT_EQ(test, fake_device_attach(&fake->device, a), 0);
	expect_steps(test, "DRF");
	scoped_guard(mutex, &fake->device.ndev.entry_lock)
		fake->device.ndev.isolated = true;
	KUNIT_ASSERT_EQ(test, nyx_device_recover(&fake->device.ndev), 0);
	expect_steps(test, "DRF");
	KUNIT_EXPECT_FALSE(test, fake->unit.entries[RID].page_requests);
	KUNIT_ASSERT_EQ(test, fake_device_attach(&fake->device, plain), 0);
	expect_steps(test, "DRFPQ");
	nyx_device_set_identity(&fake->device.ndev);
	a->ops->free(a);
	b->ops->free(b);
	plain->ops->free(plain);
}

/* What is not available is an error, and leaves nothing behind. */
static void refused(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->device.ndev;
	struct iommu_domain *domain = new_domain(test);
	int pass;

	for (pass = 0; pass < 2; pass++) {
		ndev->page_requests = false;
		KUNIT_EXPECT_EQ(test, set(domain, fake, 1), -ENODEV);
		KUNIT_EXPECT_EQ(test, fake_device_attach(&fake->device, domain),
				-ENODEV);
		ndev->page_requests = true;
		fake->unit.unit.page_queue = NULL;
		KUNIT_EXPECT_EQ(test, set(domain, fake, 1), -ENODEV);
		fake->unit.unit.page_queue = (struct iopf_queue *)fake;
		unit_core.queue_refuses = true;
		KUNIT_EXPECT_EQ(test, set(domain, fake, 1), -ENOMEM);
		unit_core.queue_refuses = false;
		unit_core.pri_refuses = true;
		KUNIT_EXPECT_EQ(test, set(domain, fake, 1), -EBUSY);
		KUNIT_EXPECT_EQ(test, fake_device_attach(&fake->device, domain),
				-EBUSY);
		unit_core.pri_refuses = false;
		KUNIT_EXPECT_EQ(test, unit_core.queued, 0);
		KUNIT_EXPECT_TRUE(test, list_empty(&to_nyx_domain(domain)->links));
		KUNIT_EXPECT_TRUE(test, xa_empty(&ndev->pasids));
	}
	domain->ops->free(domain);
}

/* A unit that dies in between leaves nothing enabled. */
static void dead_unit(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *domain = new_domain(test);

	WRITE_ONCE(fake->unit.unit.dead, true);
	KUNIT_EXPECT_EQ(test, set(domain, fake, 1), -EIO);
	WRITE_ONCE(fake->unit.unit.dead, false);
	fake->unit.refuse = fake->unit.changes + 1;
	KUNIT_EXPECT_EQ(test, fake_device_attach(&fake->device, domain), -EIO);
	KUNIT_EXPECT_EQ(test, unit_core.queued, 0);
	WRITE_ONCE(fake->unit.unit.dead, true);
	domain->ops->free(domain);
}

static void send(struct fake *fake, const struct nyx_page_request *req)
{
	fake->unit.request = *req;
	fake->unit.has_request = true;
	nyx_page_requests_read(&fake->unit.unit);
}

/* What the framework gets, and what the unit gets back. */
static void request(struct kunit *test)
{
	static const struct {
		enum iommu_page_response_code code;
		enum nyx_page_response want;
	} responses[] = {
		{ IOMMU_PAGE_RESP_SUCCESS, NYX_PAGE_SUCCESS },
		{ IOMMU_PAGE_RESP_INVALID, NYX_PAGE_INVALID },
		{ IOMMU_PAGE_RESP_FAILURE, NYX_PAGE_FAILURE },
	};
	struct fake *fake = test->priv;
	struct nyx_page_request req = {
		.rid = RID,
		.has_pasid = true,
		.pasid = PASID,
		.iova = 0x7f1234567000,
		.read = true,
		.group = 0x155,
	};
	struct iommu_fault_page_request *prm =
		&unit_core.last_report.fault.prm;
	struct iommu_page_response msg = { .grpid = 0x155, .pasid = PASID };
	struct iommu_domain *domain = new_domain(test);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, set(domain, fake, PASID), 0);
	send(fake, &req);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 1);
	KUNIT_EXPECT_EQ(test, unit_core.last_report.fault.type,
			IOMMU_FAULT_PAGE_REQ);
	KUNIT_EXPECT_EQ(test, prm->flags, IOMMU_FAULT_PAGE_REQUEST_PASID_VALID);
	KUNIT_EXPECT_EQ(test, prm->perm, IOMMU_FAULT_PERM_READ);
	KUNIT_EXPECT_EQ(test, prm->pasid, PASID);
	KUNIT_EXPECT_EQ(test, prm->grpid, 0x155);
	KUNIT_EXPECT_EQ(test, prm->addr, 0x7f1234567000);
	/* Only the last request of a group gets a response. */
	nyx_page_response(&fake->device.dev, &unit_core.last_report, &msg);
	KUNIT_EXPECT_EQ(test, fake->unit.responses, 0);

	req.last = true;
	req.write = true;
	req.exec = true;
	req.priv = true;
	send(fake, &req);
	KUNIT_EXPECT_EQ(test, prm->flags,
			IOMMU_FAULT_PAGE_REQUEST_PASID_VALID |
			IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE);
	KUNIT_EXPECT_EQ(test, prm->perm,
			IOMMU_FAULT_PERM_READ | IOMMU_FAULT_PERM_WRITE |
			IOMMU_FAULT_PERM_EXEC | IOMMU_FAULT_PERM_PRIV);
	for (i = 0; i < ARRAY_SIZE(responses); i++) {
		msg.code = responses[i].code;
		nyx_page_response(&fake->device.dev, &unit_core.last_report,
				  &msg);
		KUNIT_EXPECT_EQ(test, fake->unit.responses, i + 1);
		KUNIT_EXPECT_EQ(test, fake->unit.response, responses[i].want);
	}
	KUNIT_EXPECT_EQ(test, fake->unit.responded.rid, RID);
	KUNIT_EXPECT_EQ(test, fake->unit.responded.pasid, PASID);
	KUNIT_EXPECT_TRUE(test, fake->unit.responded.has_pasid);
	KUNIT_EXPECT_EQ(test, fake->unit.responded.group, 0x155);

	req.has_pasid = false;
	send(fake, &req);
	KUNIT_EXPECT_EQ(test, prm->flags, IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE);
	KUNIT_EXPECT_EQ(test, prm->pasid, IOMMU_NO_PASID);
	unset(fake, PASID);
	domain->ops->free(domain);
}

/* Requests of devices in which they are not enabled, and those without meaning. */
static void unexpected(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *domain = new_domain(test);
	struct nyx_page_request req = {
		.rid = RID,
		.has_pasid = true,
		.pasid = PASID,
		.read = true,
		.last = true,
	};

	send(fake, &req);
	KUNIT_EXPECT_EQ(test, fake->unit.unexpected, 1);
	KUNIT_ASSERT_EQ(test, set(domain, fake, PASID), 0);
	send(fake, &req);
	KUNIT_EXPECT_EQ(test, fake->unit.unexpected, 1);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 1);
	req.rid = RID + 1;
	send(fake, &req);
	KUNIT_EXPECT_EQ(test, fake->unit.unexpected, 2);
	unset(fake, PASID);
	req.rid = RID;
	send(fake, &req);
	KUNIT_EXPECT_EQ(test, fake->unit.unexpected, 3);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 1);
	KUNIT_EXPECT_EQ(test, fake->unit.responses, 0);
	domain->ops->free(domain);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(users),
	KUNIT_CASE(refused),
	KUNIT_CASE(dead_unit),
	KUNIT_CASE(request),
	KUNIT_CASE(unexpected),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_fault_page_request",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
