/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Quarantine: devices are cut off, by their policy when they cause too many
 * faults, or by a command. A device that is cut off does no DMA and raises no
 * interrupts, and the unit does not log its faults.
 */
#ifndef NYX_QUARANTINE_H
#define NYX_QUARANTINE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue_types.h>

struct nyx_device;
struct nyx_fault;

/* Size of the name of a device in a record; longer names are cut off. */
#define NYX_QUARANTINE_NAME 24

/**
 * enum nyx_cut_state - whether a device is cut off
 * @NYX_ACTIVE: it is not
 * @NYX_QUARANTINED: by a policy; a driver that is bound, a reset or a command
 *	ends it
 * @NYX_DISABLED: by a command; only a command ends it
 */
enum nyx_cut_state {
	NYX_ACTIVE,
	NYX_QUARANTINED,
	NYX_DISABLED,
};

/**
 * enum nyx_cut_reason - why a device was cut off
 * @NYX_CUT_FAULTS: it caused more faults than its policy allows
 * @NYX_CUT_REQUESTER: it shares a requester ID with such a device, directly or
 *	through others, so that the unit cannot isolate the two from each other
 * @NYX_CUT_DOMAIN: it is attached to the domain of such a device, whose policy
 *	includes the domain
 * @NYX_CUT_COMMAND: a command
 */
enum nyx_cut_reason {
	NYX_CUT_FAULTS,
	NYX_CUT_REQUESTER,
	NYX_CUT_DOMAIN,
	NYX_CUT_COMMAND,
};

/**
 * enum nyx_policy_action - what happens when a device exceeds its limit
 * @NYX_POLICY_LOG: nothing: its faults are logged
 * @NYX_POLICY_QUARANTINE: it is cut off
 */
enum nyx_policy_action {
	NYX_POLICY_LOG,
	NYX_POLICY_QUARANTINE,
};

/**
 * enum nyx_policy_scope - which devices are cut off together
 * @NYX_POLICY_DEVICE: only the one that exceeded its limit
 * @NYX_POLICY_DOMAIN: all devices of its domain
 */
enum nyx_policy_scope {
	NYX_POLICY_DEVICE,
	NYX_POLICY_DOMAIN,
};

/**
 * struct nyx_policy - how many faults of a device are accepted
 * @max_faults: the limit: faults within one window
 * @window: length of a window in seconds
 * @action: a value of enum nyx_policy_action
 * @vfio_action: the action if user space owns the device
 * @scope: a value of enum nyx_policy_scope
 */
struct nyx_policy {
	u32 max_faults;
	u32 window;
	u32 action;
	u32 vfio_action;
	u32 scope;
};

/* Size of the buffer for nyx_policy_format(). */
#define NYX_POLICY_TEXT 128

/**
 * struct nyx_window - faults of a device in the current window
 * @since_ns: beginning of the window, at its first fault
 * @faults: number of faults since then
 */
struct nyx_window {
	u64 since_ns;
	u32 faults;
};

/**
 * struct nyx_cut - a decision to cut a device off
 * @state: NYX_QUARANTINED or NYX_DISABLED
 * @reason: the reason, for the device itself
 * @domain: the other devices of its domain are cut off as well
 * @faults: faults of the device that led to the decision
 * @now_ns: the time, on the clock of the kernel log
 */
struct nyx_cut {
	enum nyx_cut_state state;
	enum nyx_cut_reason reason;
	bool domain;
	u32 faults;
	u64 now_ns;
};

/**
 * struct nyx_quarantine - the current or last time that a device was cut off
 * @work: does what nyx_cut_off() cannot do, because it may not sleep; holds a
 *	reference to the record of the device while it is queued
 * @cut: the decision, with the reason for this device
 * @origin: name of the device that caused the faults, or for which the command
 *	was given
 * @suppressed: faults that the device caused while it was cut off, as far as the
 *	unit logged them
 * @seq: number of the current episode in the ring of episodes, 0 if there is none
 * @episodes: number of episodes without an hour of operation between them
 * @ended_ns: end of the last episode
 * @ended_suppressed: @suppressed at this time
 * @together: links devices while they are recovered together
 *
 * @cut and @origin are written by nyx_cut_off() under nyx_unit.store_lock when
 * the device is cut off, and are constant until it is recovered. @seq, @episodes,
 * @ended_ns and @ended_suppressed belong to @work, and to those who have waited for
 * it and hold nyx_devices_lock, which also protects @together.
 */
struct nyx_quarantine {
	struct work_struct work;
	struct nyx_cut cut;
	char origin[NYX_QUARANTINE_NAME];
	atomic_t suppressed;
	u64 seq;
	unsigned int episodes;
	u64 ended_ns;
	u32 ended_suppressed;
	struct list_head together;
};

/* fault/policy.c */
void nyx_policy_init(struct nyx_device *ndev);
int nyx_policy_set(struct nyx_device *ndev, const char *text);
void nyx_policy_format(struct nyx_device *ndev, char *buf, size_t size);
void nyx_policy_clear(struct nyx_device *ndev);
bool nyx_policy_suppress(struct nyx_device *ndev);
void nyx_policy_fault(struct nyx_device *ndev, const struct nyx_fault *fault,
		      u64 now_ns);

/* inval/cut_off.c */
int nyx_cut_off_init(void);
void nyx_cut_off_exit(void);
void nyx_cut_off(struct nyx_device *ndev, const struct nyx_cut *cut);
void nyx_cut_off_spread(void);
void nyx_cut_off_end_intr(struct nyx_device *ndev);
void nyx_cut_off_end(struct nyx_device *ndev);
void nyx_cut_off_end_all(struct list_head *devices);
void nyx_cut_off_wait(void);

#endif /* NYX_QUARANTINE_H */
