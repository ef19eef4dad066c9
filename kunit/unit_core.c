// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stand-ins for the code around a unit. User-mode Linux has no device with ATS,
 * and these tests do not cover the core.
 */
#include <kunit/device.h>
#include <linux/io.h>
#include <linux/string.h>
#include <nyx/intr.h>
#include <nyx/invalidate.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "fault/page_request.h"
#include "inval/ats.h"
#include "intr/ioapic.h"
#include "intr/msi.h"
#include "lib/phys.h"
#include "unit_core.h"

struct unit_core unit_core;

/**
 * unit_core_reset() - reset the state of the stand-ins
 *
 * Context: Any.
 */
void unit_core_reset(void)
{
	memset(&unit_core, 0, sizeof(unit_core));
	unit_core.isolated = -1;
	/* Its devices were freed with the test that created them. */
	INIT_LIST_HEAD(&nyx_devices);
}

/**
 * unit_core_step() - add a step to unit_core.steps
 * @step: its letter
 *
 * Context: Any.
 */
void unit_core_step(char step)
{
	size_t len = strlen(unit_core.steps);

	if (len < sizeof(unit_core.steps) - 1)
		unit_core.steps[len] = step;
}

/**
 * unit_core_device() - add a device below a unit
 * @test: the test
 * @unit: the unit
 * @rid: its requester ID
 *
 * Context: May sleep.
 * Return: the device, freed with the test.
 */
struct nyx_device *unit_core_device(struct kunit *test, struct nyx_unit *unit,
				    u16 rid)
{
	struct nyx_device *ndev = kunit_kzalloc(test, sizeof(*ndev), GFP_KERNEL);
	static unsigned int nr;
	char name[20];

	KUNIT_ASSERT_NOT_NULL(test, ndev);
	KUNIT_ASSERT_LT(test, unit_core.nr_devices, CORE_DEVICES);
	snprintf(name, sizeof(name), "%04x.%u", rid, nr++);
	ndev->dev = kunit_device_register(test, name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ndev->dev);
	ndev->unit = unit;
	ndev->rid = rid;
	ndev->rids[0] = rid;
	ndev->nr_rids = 1;
	ndev->ats_supported = true;
	ndev->ats_qdep = 32;
	ndev->ats_pfsid = rid;
	kref_init(&ndev->refs);
	mutex_init(&ndev->entry_lock);
	unit_core.devices[unit_core.nr_devices++] = ndev;
	list_add_tail_rcu(&ndev->node, &nyx_devices);
	return ndev;
}

/**
 * unit_core_identity() - make an identity entry
 * @did: domain ID
 *
 * Context: Any.
 * Return: the entry.
 */
struct nyx_entry unit_core_identity(u16 did)
{
	return (struct nyx_entry) {
		.kind = NYX_ENTRY_IDENTITY,
		.domain_id = did,
	};
}

/**
 * unit_core_table() - make an entry with a new table of 4 levels
 * @test: the test
 * @did: domain ID
 * @ats: whether translation requests are allowed
 *
 * Context: May sleep.
 * Return: the entry; its table is freed with the test.
 */
struct nyx_entry unit_core_table(struct kunit *test, u16 did, bool ats)
{
	struct nyx_pt *pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pt);
	pt->root = kunit_kzalloc(test, 4096, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pt->root);
	KUNIT_ASSERT_EQ(test, virt_to_phys(pt->root) & 0xfff, 0);
	pt->cfg.levels = 4;
	return (struct nyx_entry) {
		.kind = NYX_ENTRY_TABLE,
		.domain_id = did,
		.pt = pt,
		.ats = ats,
	};
}

/* User-mode Linux has no list of memory, which the real functions need. */
bool nyx_phys_is_own(u64 phys)
{
	return unit_core.own && phys == unit_core.own;
}

const void *nyx_phys_map(u64 phys)
{
	void *page = phys_to_virt(phys);

	return virt_addr_valid(page) && !nyx_phys_is_own(phys) ? page : NULL;
}

void nyx_phys_unmap(const void *page)
{
}

void nyx_msi_set_isolated(struct nyx_unit *unit, bool isolated)
{
	unit_core.isolated = isolated;
}

/* User-mode Linux has no I/O APICs. */
void nyx_pins_leave(struct nyx_unit *unit)
{
}

void nyx_pins_enter(struct nyx_unit *unit)
{
}

void nyx_fault_report(struct nyx_unit *unit, const struct nyx_fault *fault)
{
	if (unit_core.nr_faults < CORE_FAULTS)
		unit_core.faults[unit_core.nr_faults] = *fault;
	unit_core.nr_faults++;
	if (unit_core.on_fault)
		unit_core.on_fault(unit_core.model);
}

void nyx_fault_overflow(struct nyx_unit *unit)
{
	unit_core.overflows++;
}

bool nyx_intr_extended(void)
{
	return unit_core.extended;
}

void nyx_fault_irq_wake(struct nyx_unit *unit)
{
	unit_core.irq_wakes++;
}

static void notify_ats(struct nyx_device *ndev, bool on)
{
	if (unit_core.on_ats)
		unit_core.on_ats(unit_core.model, ndev, on);
}

bool nyx_ats_device_has_pasid(const struct nyx_device *ndev)
{
	return unit_core.has_pasid;
}

u8 nyx_pasid_device_enable(struct nyx_device *ndev)
{
	unit_core.pasids_on += unit_core.pasid_bits > 0;
	return unit_core.pasid_bits;
}

void nyx_pasid_device_disable(struct nyx_device *ndev)
{
	unit_core.pasids_on--;
}

bool nyx_pri_device_probe(struct nyx_device *ndev)
{
	return unit_core.offers_pri;
}

int nyx_pri_device_enable(const struct nyx_device *ndev)
{
	if (unit_core.pri_refuses)
		return -EBUSY;
	unit_core.pris_on++;
	unit_core_step('p');
	return 0;
}

void nyx_pri_device_disable(const struct nyx_device *ndev)
{
	unit_core.pris_on--;
	unit_core_step('P');
}

void nyx_page_request_report(struct device *dev, struct iopf_fault *evt)
{
	unit_core.reports++;
	unit_core.last_report = *evt;
}

struct iommu_domain *nyx_sva_alloc(struct device *dev, struct mm_struct *mm)
{
	return ERR_PTR(-EOPNOTSUPP);
}

int nyx_page_queue_add(const struct nyx_device *ndev)
{
	if (unit_core.queue_refuses)
		return -ENOMEM;
	unit_core.queued++;
	unit_core_step('q');
	return 0;
}

void nyx_page_queue_discard(struct nyx_unit *unit)
{
	unit_core_step('L');
}

void nyx_page_queue_flush(const struct nyx_device *ndev)
{
	unit_core_step('F');
}

void nyx_page_queue_remove(const struct nyx_device *ndev)
{
	unit_core.queued--;
	unit_core_step('Q');
}

bool nyx_ats_device_probe(struct nyx_device *ndev)
{
	ndev->ats_qdep = 32;
	ndev->ats_pfsid = ndev->rid;
	return unit_core.offers_ats;
}

void nyx_ats_prepare(struct nyx_device *ndev)
{
}

int nyx_ats_device_enable(struct nyx_device *ndev)
{
	if (unit_core.ats_refuses)
		return -EINVAL;
	notify_ats(ndev, true);
	return 0;
}

void nyx_ats_device_disable(struct nyx_device *ndev)
{
	notify_ats(ndev, false);
}

bool nyx_ats_device_responds(const struct nyx_device *ndev)
{
	return !unit_core.unplugged && !nyx_ats_device_off(ndev);
}

void nyx_ats_device_stop(const struct nyx_device *ndev)
{
	notify_ats((struct nyx_device *)ndev, false);
}

bool nyx_ats_device_gone(const struct nyx_device *ndev)
{
	return unit_core.disconnected == ndev->rids[0];
}

bool nyx_ats_device_off(const struct nyx_device *ndev)
{
	bool off = unit_core.off && unit_core.off == ndev->rids[0];

	if (off && unit_core.off_reads && !--unit_core.off_reads)
		unit_core.off = 0;
	return off;
}
