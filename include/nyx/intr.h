/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping: what a vendor does for the core, and what the core keeps
 * of each interrupt.
 *
 * A device that is given an interrupt gets an index into a remapping table. The
 * message that it sends carries the index; the entry there says which CPU and
 * vector it becomes, and who may send it. A table is a unit's or a device's, as
 * the vendor has it.
 */
#ifndef NYX_INTR_H
#define NYX_INTR_H

#include <linux/irqdomain_defs.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct device;
struct irq_domain;
struct nyx_device;
struct nyx_unit;

/* Interrupts of one device that follow each other: MSI has at most 32. */
#define NYX_INTR_MAX_RUN 32

/**
 * struct nyx_intr_target - where an interrupt goes
 * @dest: APIC ID, or logical destination; 8 bits where x2APIC mode is off
 * @vector: on that CPU
 * @logical: @dest is a logical destination
 */
struct nyx_intr_target {
	u32 dest;
	u8 vector;
	bool logical;
};

/**
 * struct nyx_intr_message - what a device writes to raise an interrupt
 * @address: where to
 * @data: what
 */
struct nyx_intr_message {
	u64 address;
	u32 data;
};

/**
 * enum nyx_intr_compat - interrupt requests that are not remappable
 *
 * Such requests name CPU and vector themselves. What was set up before the
 * module came, I/O APICs among it, sends them; and any device can.
 *
 * @NYX_INTR_COMPAT_NONE: a device that has a table can send none
 * @NYX_INTR_COMPAT_ALLOWED: the unit lets them pass
 * @NYX_INTR_COMPAT_BLOCKED: the unit blocks them
 */
enum nyx_intr_compat {
	NYX_INTR_COMPAT_NONE,
	NYX_INTR_COMPAT_ALLOWED,
	NYX_INTR_COMPAT_BLOCKED,
};

/**
 * struct nyx_intr_ops - what a vendor does for the core
 *
 * An index is one of the unit's table, or of the device's, as the vendor has it.
 */
struct nyx_intr_ops {
	/**
	 * @alloc: give a device @nr entries that follow each other, @nr a power
	 * of two up to NYX_INTR_MAX_RUN, the first at a multiple of @nr. They
	 * block all requests. May sleep.
	 *
	 * Returns the first index; -ENOSPC if there are not so many left, or
	 * -ENXIO if @block_compat was not done, which the caller tells; -EBUSY or
	 * -E2BIG after a log line, where tables are a device's and it cannot
	 * have one; -ENOMEM or -EIO.
	 */
	int (*alloc)(struct nyx_unit *unit, struct nyx_device *ndev,
		     unsigned int nr);

	/**
	 * @free: take back what @alloc gave. An entry is given to somebody else
	 * only after the unit has confirmed that it forgot it; one that it does
	 * not confirm is given up. May sleep.
	 */
	void (*free)(struct nyx_unit *unit, struct nyx_device *ndev, u16 index,
		     unsigned int nr);

	/**
	 * @set: have an entry lead to @target, or block all requests if that is
	 * NULL. No request sees half of a change, and none is lost: each goes
	 * to the old target or to the new one. On return the unit uses the
	 * entry as it is now. Any context; calls for one entry are serialized.
	 *
	 * Returns 0; -EINVAL for a destination that the entry cannot hold; -EIO
	 * if the unit is out of service: it may go on using the old target.
	 */
	int (*set)(struct nyx_unit *unit, struct nyx_device *ndev, u16 index,
		   const struct nyx_intr_target *target);

	/**
	 * @message: what the device is to write to raise the interrupt of entry
	 * @index + @offset, where @index is what @alloc gave. A device that has
	 * one message for all of a run is given that of offset 0, and adds the
	 * offset to the data. Any context.
	 */
	void (*message)(u16 index, unsigned int offset,
			struct nyx_intr_message *msg);

	/**
	 * @set_compat: let requests pass that are not remappable, unless the user
	 * or the unit forbids it, or block them; NULL where that is no question.
	 * May sleep.
	 *
	 * Returns what the unit does: NYX_INTR_COMPAT_BLOCKED only if it said so.
	 */
	enum nyx_intr_compat (*set_compat)(struct nyx_unit *unit, bool allow);

	/**
	 * @block_compat: let no request of a device pass that is not remappable,
	 * since it is to get its interrupts from the unit, and has none so far;
	 * NULL where @set_compat decides for all. May sleep.
	 *
	 * Returns false if such requests go on passing: then its interrupts have
	 * to stay plain.
	 */
	bool (*block_compat)(struct nyx_unit *unit, struct nyx_device *ndev);

	/**
	 * @allow_compat: undo @block_compat, also if it was not done; there with
	 * it. The device has no interrupts through the unit. May sleep.
	 */
	void (*allow_compat)(struct nyx_unit *unit, struct nyx_device *ndev);
};

/**
 * struct nyx_intr_unit - a unit's interrupt remapping
 * @ops: the vendor's part; NULL where the unit does not remap interrupts
 * @why_off: then, why
 * @bus_token: what x86's interrupt code knows the vendor's domains by
 * @entries: size of a table
 * @entries_max: what it can be at most
 * @own_tables: each device has a table of its own
 * @on: requests are remapped
 * @extended: destinations have 32 bits (x2APIC)
 * @plain: requests that are not remappable
 * @compat_fixed: the firmware's tables name an I/O APIC or HPET below the unit,
 *	which goes on sending them
 * @compat_never: they are blocked whoever needs them, as the user wants it
 * @compat_stuck: the unit did not confirm that it blocks them, which was in the
 *	log: it is not asked again
 * @domain: interrupt domain that devices get their MSIs from; NULL until it is
 *	there
 * @full_logged: that the table is full was in the log; where tables are a device's
 *	nyx_device.intr_full_logged tells
 */
struct nyx_intr_unit {
	const struct nyx_intr_ops *ops;
	const char *why_off;
	enum irq_domain_bus_token bus_token;
	u32 entries;
	u32 entries_max;
	bool own_tables;
	bool on;
	bool extended;
	enum nyx_intr_compat compat;
	bool compat_fixed;
	bool compat_never;
	bool compat_stuck;
	struct irq_domain *domain;
	bool full_logged;
};

/**
 * struct nyx_intr_entries - the parameter intr_entries
 * @nr: how many entries a table shall have
 * @given: the user said so; else less will do
 */
struct nyx_intr_entries {
	unsigned int nr;
	bool given;
};

extern const struct kernel_param_ops nyx_intr_entries_ops;

struct nyx_intr_run;

/**
 * struct nyx_intr - an interrupt that a device was given
 * @run: its neighbours, and whose it is
 * @offset: its place among them
 * @irq: the kernel's number
 * @used: it has not been freed
 * @active: the entry leads to @target
 * @target: where it goes, or went last
 * @updates: times that the entry was changed while it was active
 *
 * What is below @irq changes under the interrupt descriptor's lock, and is read
 * without for people.
 */
struct nyx_intr {
	struct nyx_intr_run *run;
	unsigned int offset;
	unsigned int irq;
	bool used;
	bool active;
	struct nyx_intr_target target;
	u64 updates;
};

/**
 * struct nyx_intr_run - interrupts that a device was given at once
 * @node: in nyx_intrs
 * @ndev: the device, whose record is held: a driver may go without giving back
 *	what it was given
 * @index: of the first entry
 * @nr: how many; entries there are up to the next power of two
 * @users: interrupts that have not been freed
 * @intr: the interrupts
 */
struct nyx_intr_run {
	struct list_head node;
	struct nyx_device *ndev;
	u16 index;
	unsigned int nr;
	unsigned int users;
	struct nyx_intr intr[];
};

/* All interrupts of all units; the lock protects the list and all users. */
extern struct list_head nyx_intrs;
extern struct mutex nyx_intrs_lock;

int nyx_intr_check_parameters(void);
bool nyx_intr_compat_allowed(void);
u32 nyx_intr_entries(void);
u32 nyx_intr_entries_least(void);
const char *nyx_intr_compat_word(enum nyx_intr_compat compat);
bool nyx_intr_is_compat(bool unmapped, bool driver, bool msi);
void nyx_intr_log(const struct nyx_unit *unit);
void nyx_intr_log_forgery(const struct nyx_unit *unit,
			  const struct device *sender,
			  const struct device *assigned);
struct nyx_intr_run *nyx_intr_alloc(struct nyx_device *ndev, unsigned int irq,
				    unsigned int nr);
void nyx_intr_free(struct nyx_intr *intr);
int nyx_intr_set(struct nyx_intr *intr, const struct nyx_intr_target *target);
int nyx_intr_block(struct nyx_intr *intr);
void nyx_intr_message(const struct nyx_intr *intr,
		      struct nyx_intr_message *msg);
unsigned int nyx_intr_count(const struct nyx_unit *unit);
int nyx_intr_check_none(void);
bool nyx_intr_device_has_any(const struct nyx_device *ndev);
void nyx_intr_allow_compat(struct nyx_device *ndev);

#endif /* NYX_INTR_H */
