/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping: the operations of a vendor, and the interrupts that the
 * core keeps track of.
 *
 * Each remapped interrupt of a device has an entry in an interrupt remapping
 * table. The message that the device sends carries the index of the entry. The
 * entry specifies the CPU and the vector, and which requester IDs may use it.
 * Depending on the vendor, each unit has one table, or each device has its own.
 */
#ifndef NYX_INTR_H
#define NYX_INTR_H

#include <linux/irqdomain_defs.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

struct device;
struct irq_data;
struct irq_domain;
struct nyx_device;
struct nyx_intr;
struct nyx_unit;

/* Largest run of consecutive interrupts of a device: MSI has at most 32. */
#define NYX_INTR_MAX_RUN 32

/* Alignment of posted-interrupt descriptors */
#define NYX_INTR_DESCRIPTOR_ALIGN 64

/**
 * struct nyx_intr_target - destination of an interrupt
 * @dest: APIC ID or logical destination; 8 bits wide unless the CPUs are in
 *	x2APIC mode
 * @vector: vector on the destination CPU
 * @logical: @dest is a logical destination
 * @level: the interrupt is level-triggered, and the CPU broadcasts its end
 */
struct nyx_intr_target {
	u32 dest;
	u8 vector;
	bool logical;
	bool level;
};

/**
 * struct nyx_intr_posting - virtual CPU that an interrupt is posted to
 * @descriptor: physical address of its posted-interrupt descriptor, a multiple of 64
 * @vector: vector in the guest
 *
 * The unit sets the bit of @vector in the descriptor, and notifies the CPU that the
 * descriptor names. The owner of the descriptor changes that CPU when the virtual CPU
 * moves, without a call of this driver.
 */
struct nyx_intr_posting {
	u64 descriptor;
	u8 vector;
};

/**
 * struct nyx_intr_message - message that raises an interrupt
 * @address: address of the write
 * @data: data of the write
 */
struct nyx_intr_message {
	u64 address;
	u32 data;
};

/**
 * enum nyx_intr_compat - interrupt requests in compatibility format
 *
 * Such requests specify CPU and vector themselves and are not remapped. I/O
 * APICs send them, and so do devices whose interrupts were set up before the
 * module was loaded. Any device can forge one.
 *
 * @NYX_INTR_COMPAT_NONE: the unit decides for each requester ID: it lets those
 *	of unmanaged devices and of I/O APICs pass
 * @NYX_INTR_COMPAT_ALLOWED: the unit lets them pass
 * @NYX_INTR_COMPAT_BLOCKED: the unit blocks them
 */
enum nyx_intr_compat {
	NYX_INTR_COMPAT_NONE,
	NYX_INTR_COMPAT_ALLOWED,
	NYX_INTR_COMPAT_BLOCKED,
};

/**
 * struct nyx_intr_ops - interrupt remapping operations of a vendor
 *
 * An index refers to the table of the unit, or to that of the device if
 * nyx_intr_unit.own_tables is set.
 */
struct nyx_intr_ops {
	/**
	 * @alloc: allocate @nr consecutive entries for a device, the first at a
	 * multiple of @nr. @nr is a power of two, at most NYX_INTR_MAX_RUN. The
	 * entries block all requests. May sleep.
	 *
	 * Returns the first index; -ENOSPC if the table has no such free run,
	 * or -ENXIO if @block_compat has not succeeded for the device, both
	 * without a message; -EBUSY or -E2BIG, after a log message, if the
	 * device cannot have a table of its own; -ENOMEM or -EIO.
	 */
	int (*alloc)(struct nyx_unit *unit, struct nyx_device *ndev,
		     unsigned int nr);

	/**
	 * @alloc_at: allocate the entry at @index for a device, like @alloc.
	 * NULL if @prepare_block is NULL, or if no message is valid in both
	 * formats.
	 *
	 * Returns @index; -ENOSPC, without a message, if the entry is in use or
	 * the table has no such entry; or another error of @alloc.
	 */
	int (*alloc_at)(struct nyx_unit *unit, struct nyx_device *ndev,
			u16 index);

	/**
	 * @free: free entries that @alloc or @alloc_at returned. An entry is reused only
	 * after the unit has confirmed its invalidation. If the unit does not
	 * confirm, the entry is never reused. May sleep.
	 */
	void (*free)(struct nyx_unit *unit, struct nyx_device *ndev, u16 index,
		     unsigned int nr);

	/**
	 * @set: set the target of an entry, or block all its requests if
	 * @target is NULL. The change is atomic: each request is delivered to
	 * the old target or to the new one, and none is lost. On return the
	 * unit uses the new contents. It does not log requests that it blocks
	 * for a device that is cut off. Any context; the caller serializes
	 * calls for one entry.
	 *
	 * Returns 0; -EINVAL if the entry cannot hold the destination; -EIO if
	 * the unit is out of service, so that it may still use the old target.
	 */
	int (*set)(struct nyx_unit *unit, struct nyx_device *ndev, u16 index,
		   const struct nyx_intr_target *target);

	/**
	 * @post: let an entry post its requests to a virtual CPU. As @set in all
	 * other respects: each request is handled by the old contents of the
	 * entry or by the new ones, also when @set changes them back. NULL if
	 * no unit of the vendor has &nyx_intr_unit.posts.
	 *
	 * Returns 0; -EIO if the unit is out of service.
	 */
	int (*post)(struct nyx_unit *unit, struct nyx_device *ndev, u16 index,
		    const struct nyx_intr_posting *posting);

	/**
	 * @posting: decode what the owner of a virtual CPU passes to
	 * irq_set_vcpu_affinity(). NULL as @post. Any context.
	 *
	 * Returns false if it is invalid.
	 */
	bool (*posting)(const void *info, struct nyx_intr_posting *posting);

	/**
	 * @message: encode the message that raises an interrupt. A device with
	 * a single message for a run of several interrupts (MSI) gets that of
	 * the first, and adds the offset to the data. Any context.
	 */
	void (*message)(const struct nyx_intr *intr,
			struct nyx_intr_message *msg);

	/**
	 * @set_compat: allow or block requests in compatibility format for the
	 * whole unit. The unit can prevent that they are allowed. NULL if the
	 * vendor has no such control. May sleep.
	 *
	 * Returns the new setting; NYX_INTR_COMPAT_BLOCKED only if the unit
	 * confirmed it.
	 */
	enum nyx_intr_compat (*set_compat)(struct nyx_unit *unit, bool allow);

	/**
	 * @crash: allow requests in compatibility format for the kernel that is
	 * started because this one crashed. NULL if @set_compat is. Any context,
	 * without locks; the other CPUs are stopped.
	 */
	void (*crash)(struct nyx_unit *unit);

	/**
	 * @block_compat: block requests of a device in compatibility format
	 * before it gets its first interrupts from the unit. NULL if the vendor
	 * has @set_compat instead. May sleep.
	 *
	 * Returns false if such requests still pass; then the device must not
	 * get remapped interrupts.
	 */
	bool (*block_compat)(struct nyx_unit *unit, struct nyx_device *ndev);

	/**
	 * @prepare_block: make @alloc possible for a device whose requests in
	 * compatibility format pass. They pass until @block_compat, which then
	 * changes between both formats with a single store. NULL if
	 * @block_compat is NULL. May sleep.
	 *
	 * Returns 0; -EPERM if such requests of the device must always pass;
	 * -ENOSPC if a table has no entry for each vector; -EEXIST if they are
	 * blocked; -ENOMEM. @allow_compat undoes it.
	 */
	int (*prepare_block)(struct nyx_unit *unit, struct nyx_device *ndev);

	/**
	 * @unblock: change back to the state after @prepare_block. The device
	 * may have entries, which the unit no longer uses. NULL if
	 * @block_compat is NULL. May sleep; nyx_devices_lock is held.
	 *
	 * Returns 0, or -EIO if the unit is out of service.
	 */
	int (*unblock)(struct nyx_unit *unit, struct nyx_device *ndev);

	/**
	 * @allow_compat: undo @block_compat. Requests of a device whose state
	 * is NYX_DEVICE_UNKNOWN stay blocked after @block_unowned. NULL if
	 * @block_compat is NULL. The device has no interrupts from the unit.
	 * May sleep; nyx_devices_lock is held.
	 */
	void (*allow_compat)(struct nyx_unit *unit, struct nyx_device *ndev);

	/**
	 * @block_unowned: block requests in compatibility format with the
	 * requester ID of no device, or of a device whose state is
	 * NYX_DEVICE_UNKNOWN. Devices can forge such an ID. NULL if
	 * @block_compat is NULL. May sleep; nyx_devices_lock is held.
	 */
	void (*block_unowned)(struct nyx_unit *unit);

	/**
	 * @update_unowned: repeat @block_unowned for the requester IDs of a
	 * device whose state became NYX_DEVICE_UNKNOWN or is no longer that.
	 * Before @block_unowned it does nothing. NULL if @block_compat is
	 * NULL. May sleep; nyx_devices_lock is held.
	 */
	void (*update_unowned)(struct nyx_unit *unit, struct nyx_device *ndev);
};

/**
 * struct nyx_intr_unit - interrupt remapping of a unit
 * @ops: operations of the vendor; NULL if the unit does not remap interrupts
 * @why_off: reason why the unit does not remap interrupts
 * @bus_token: identifies the interrupt domains of the vendor to x86's interrupt
 *	code
 * @entries: size of a table
 * @entries_max: largest size of a table
 * @own_tables: each device has its own table
 * @on: the unit remaps interrupt requests
 * @extended: destinations have 32 bits (x2APIC mode)
 * @posts: the unit can post interrupts to virtual CPUs
 * @compat: treatment of requests in compatibility format
 * @compat_fixed: an I/O APIC or HPET below the unit may send requests in
 *	compatibility format
 * @compat_never: the user wants requests in compatibility format blocked when
 *	loading has ended, even if devices then lose interrupts
 * @compat_stuck: the unit once failed to confirm that it blocks these requests.
 *	That was logged, and blocking is not tried again
 * @pins_pass: I/O APICs send compatibility format although their interrupts are
 *	adopted: the unit is being disabled, or was not enabled again
 * @domain: interrupt domain that provides MSIs to devices; NULL before it is
 *	created
 * @full_logged: the log already reports that the table of the unit is full;
 *	with @own_tables, nyx_device.intr_full_logged is used instead
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
	bool posts;
	enum nyx_intr_compat compat;
	bool compat_fixed;
	bool compat_never;
	bool compat_stuck;
	bool pins_pass;
	struct irq_domain *domain;
	bool full_logged;
};

/**
 * struct nyx_intr_entries - the module parameter intr_entries
 * @nr: number of entries of a table
 * @given: the user set the parameter; a smaller table is acceptable otherwise
 */
struct nyx_intr_entries {
	unsigned int nr;
	bool given;
};

extern const struct kernel_param_ops nyx_intr_entries_ops;

struct nyx_intr_run;

/**
 * struct nyx_intr - one remapped interrupt of a device
 * @run: the run that the interrupt belongs to
 * @offset: position in @run
 * @irq: Linux interrupt number
 * @used: the interrupt has not been freed
 * @adopted: the interrupt was in use before it was remapped
 * @active: the entry of the interrupt leads to @target, unless @posted is set or
 *	the device is cut off
 * @target: current target, or the last one if @active is false
 * @posted: the entry leads to @posting, unless the device is cut off; only while
 *	@active is set
 * @posting: virtual CPU that gets the interrupt instead of @target
 * @frozen: the interrupt must not move; protected by the lock of its descriptor
 * @removed: entry in a list of nyx_splice_out()
 * @data: the unit's irq_data, while @removed is used
 * @updates: number of changes of the entry while it was active
 *
 * @active, @target, @posted, @posting and @updates change under nyx_intr_run.lock. debugfs reads
 * them without it.
 */
struct nyx_intr {
	struct nyx_intr_run *run;
	unsigned int offset;
	unsigned int irq;
	bool used;
	bool adopted;
	bool active;
	struct nyx_intr_target target;
	bool posted;
	struct nyx_intr_posting posting;
	bool frozen;
	struct list_head removed;
	struct irq_data *data;
	u64 updates;
};

/**
 * struct nyx_intr_run - interrupts that were allocated together
 * @node: entry in nyx_intrs
 * @ndev: the device. The run holds a reference to the record, because a driver
 *	may be unbound without freeing its interrupts
 * @index: index of the first entry
 * @nr: number of interrupts; the number of entries is the next power of two
 * @users: number of interrupts that have not been freed
 * @lock: serializes changes of the entries. The kernel serializes its own changes
 *	of an interrupt, but it knows nothing of those that nyx_intr_refresh()
 *	makes. Raw, because an interrupt moves under the lock of its descriptor
 * @intr: the interrupts
 */
struct nyx_intr_run {
	struct list_head node;
	struct nyx_device *ndev;
	u16 index;
	unsigned int nr;
	unsigned int users;
	raw_spinlock_t lock;		/* see @lock above */
	struct nyx_intr intr[];
};

/*
 * All remapped interrupts of all units. The lock protects the list, and
 * nyx_intr_run.users and nyx_intr.used of its members.
 */
extern struct list_head nyx_intrs;
extern struct mutex nyx_intrs_lock;

int nyx_intr_check_parameters(void);
bool nyx_intr_compat_allowed(void);
bool nyx_intr_adopts(void);
bool nyx_intr_extended(void);
void nyx_intr_report_wide_cpus(void);
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
struct nyx_intr_run *nyx_intr_alloc_at(struct nyx_device *ndev,
				       unsigned int irq, u16 index);
void nyx_intr_free(struct nyx_intr *intr);
int nyx_intr_set(struct nyx_intr *intr, const struct nyx_intr_target *target);
int nyx_intr_block(struct nyx_intr *intr);
int nyx_intr_post(struct nyx_intr *intr,
		  const struct nyx_intr_posting *posting);
int nyx_intr_unpost(struct nyx_intr *intr);
void nyx_intr_refresh(const struct nyx_device *ndev);
void nyx_intr_message(const struct nyx_intr *intr,
		      struct nyx_intr_message *msg);
unsigned int nyx_intr_count(const struct nyx_unit *unit);
int nyx_intr_check_none(void);
bool nyx_intr_device_has_any(const struct nyx_device *ndev);
void nyx_intr_allow_compat(struct nyx_device *ndev);

#endif /* NYX_INTR_H */
