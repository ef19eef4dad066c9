/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cuts devices off that have no policy, and does the work that follows.
 */
#ifndef NYX_KUNIT_CUT_OFF_FIXTURE_H
#define NYX_KUNIT_CUT_OFF_FIXTURE_H

#include <kunit/test.h>
#include <linux/rcupdate.h>
#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/quarantine.h>

static const struct nyx_cut cut_by_faults = {
	.state = NYX_QUARANTINED,
	.reason = NYX_CUT_FAULTS,
	.faults = 11,
};

/* The part of the work that concerns the entry. */
static inline void cut_off_work(struct work_struct *work)
{
	struct nyx_device *ndev = container_of(work, struct nyx_device,
					       quarantine.work);

	mutex_lock(&ndev->entry_lock);
	nyx_entry_set(ndev->unit, ndev, &ndev->entry);
	mutex_unlock(&ndev->entry_lock);
	nyx_device_drop(ndev);
}

static inline void cut_off(struct nyx_device *ndev, const struct nyx_cut *cut)
{
	rcu_read_lock();
	nyx_cut_off(ndev, cut);
	rcu_read_unlock();
}

static inline int cut_off_test_init(struct kunit *test)
{
	return nyx_cut_off_init();
}

static inline void cut_off_test_exit(struct kunit *test)
{
	nyx_cut_off_exit();
	/* Its devices are freed with the test. */
	INIT_LIST_HEAD(&nyx_devices);
}

#endif /* NYX_KUNIT_CUT_OFF_FIXTURE_H */
