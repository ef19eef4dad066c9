/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of a VT-d unit as the specification (revision 5.1) describes it:
 * registers with side effects, accessed with readl() and writeq(), an
 * invalidation queue, a fault log and caches. It shares no constant with the
 * driver.
 *
 * The model records the first rule of the specification that software breaks;
 * this fails the test at its end.
 */
#ifndef NYX_KUNIT_VTD_MODEL_H
#define NYX_KUNIT_VTD_MODEL_H

#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/spinlock.h>

#include "intr_model.h"
#include "walk.h"

struct nyx_unit;
struct vtd_unit;

enum {
	MODEL_EVENTS = 512,
	MODEL_RECORDS = 256,
	MODEL_REPORTS = 64,
};

/**
 * enum model_event_kind - actions of software that the model records
 * @EVENT_DSC: a descriptor was executed; a and b are its halves
 * @EVENT_GCMD: a was written to GCMD
 * @EVENT_CCMD: a was written to CCMD
 * @EVENT_IOTLB: a was written to IOTLB, while IVA was b
 * @EVENT_ATS_ON: ATS of the device with requester ID a was enabled
 * @EVENT_ATS_OFF: ATS of the device with requester ID a was disabled
 */
enum model_event_kind {
	EVENT_DSC,
	EVENT_GCMD,
	EVENT_CCMD,
	EVENT_IOTLB,
	EVENT_ATS_ON,
	EVENT_ATS_OFF,
};

/**
 * enum model_timeout - how the unit treats a device that does not respond
 * @TIMEOUT_ITE: it raises ITE at once
 * @TIMEOUT_STALL: it stalls after the descriptor for the device, until the test
 *	calls vtd_model_ite()
 * @TIMEOUT_STALL_AT_WAIT: the same, at the next wait descriptor
 */
enum model_timeout {
	TIMEOUT_ITE,
	TIMEOUT_STALL,
	TIMEOUT_STALL_AT_WAIT,
};

struct model_event {
	enum model_event_kind kind;
	u64 a;
	u64 b;
};

/**
 * struct vtd_model - one unit
 * @test: the test
 * @vu: the driver's record of the unit
 * @base: physical address of the registers
 * @window: bytes of the registers that are mapped; 0: none
 * @lock: serializes accesses to the registers
 * @broken: the first rule that software broke, or NULL
 * @broken_at: a number that describes where it was broken
 * @accesses: number of reads and writes of registers
 * @ver: Version Register; tests set this field and all others up to @storm
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 * @graphics: it serves only integrated graphics that need translation
 * @legacy: the module parameter for scalable mode is not set
 * @read_only: software must not write any register
 * @gone: all registers read as ones, and writes are ignored
 * @gone_after: number of accesses after which the unit is @gone; 0: never
 * @held_cmds: bits of GCMD whose commands are in progress and do not complete
 *	while they are set here
 * @ignored_cmds: CFI of GCMD: it never takes effect; bit 0: clearing PMEN.EPM
 *	does not clear PMEN.PRS
 * @latency: number of reads of GSTS, CCMD or IOTLB that show a command as not
 *	completed
 * @halted: the unit fetches no descriptors
 * @run_on_poll: the unit fetches descriptors only when software reads FSTS with
 *	interrupts enabled
 * @min_waits: number of queued wait descriptors at which the unit begins to
 *	fetch descriptors; reset to 0 when it does
 * @poll_sleeps: a read of FSTS with interrupts enabled sleeps for a tick
 * @reverse_waits: wait descriptors write their status in reverse order
 * @refuse: returns the IQEI with which the unit refuses a descriptor; negative:
 *	it does not
 * @unresponsive: requester ID of a device that does not respond to device-TLB
 *	invalidations; 0: all devices respond
 * @ignore_count: number of invalidations to which this device does not respond
 * @names_device: ITESID is the device's requester ID, otherwise 0
 * @timeout: how the unit treats the device
 * @wrong_sid: requester ID in ITESID if it is not the device's; 0: it is
 * @prefetched: number of descriptors that the unit has fetched when it raises
 *	ITE, and drops
 * @stalled: the unit waits for a response of the device
 * @reg_stuck: invalidations through CCMD and IOTLB never complete
 * @reg_refused: number of invalidations through CCMD and IOTLB that complete
 *	without effect
 * @on_fsts: hook, called without @lock when software reads FSTS with interrupts
 *	enabled
 * @storm: number of faults that the unit records as soon as there is room
 * @gsts: Global Status Register
 * @pending: the command in progress
 * @pending_bits: its bits that differ from GSTS
 * @busy: number of reads of GSTS until it completes
 * @reg_busy: number of reads of CCMD or IOTLB until they complete
 * @rtaddr: Root Table Address Register
 * @root: address of the root table in use
 * @scalable: the root table in use is that of scalable mode
 * @fsts: Fault Status Register, without PPF and FRI
 * @fri: index of the first pending record
 * @fectl: Fault Event Control Register
 * @femsg: Fault Event Data, Address and Upper Address Registers
 * @pqh: Page Request Queue Head Register
 * @pqt: Page Request Queue Tail Register
 * @pqa: Page Request Queue Address Register
 * @prs: Page Request Status Register
 * @pectl: Page Request Event Control Register
 * @pemsg: Page Request Event Data, Address and Upper Address Registers
 * @page_interrupts: number of page request event messages sent
 * @undrained: page requests that the unit has received and not written to the queue;
 *	pairs of quadwords
 * @nr_undrained: number of them
 * @drain_overflows: number of drains, from now on, in which the queue overflows. What
 *	was received is then not written
 * @pmen: Protected Memory Enable Register
 * @iqa: Invalidation Queue Address Register
 * @head: index of the next descriptor that the unit fetches
 * @tail: index after the last descriptor that software wrote
 * @iqercd: Invalidation Queue Error Record Register
 * @ccmd: Context Command Register
 * @iotlb: IOTLB Invalidate Register
 * @iva: Invalidate Address Register
 * @reports: status writes of executed wait descriptors
 * @nr_reports: number of them
 * @cc_flushed: the context-cache was invalidated since the root table was set
 * @pasid_flushed: in scalable mode, the PASID-cache was invalidated after that
 * @iotlb_flushed: the IOTLB was invalidated after that
 * @frcd: the fault records
 * @next: index of the next record that the unit writes
 * @interrupts: number of fault event messages sent
 * @intr: the unit's interrupt remapping
 * @walk: the unit's caches
 * @events: actions of software
 * @nr_events: number of them
 */
struct vtd_model {
	struct kunit *test;
	struct vtd_unit *vu;
	phys_addr_t base;
	size_t window;
	raw_spinlock_t lock;	/* see @lock above */
	const char *broken;
	u64 broken_at;
	unsigned long accesses;

	u32 ver;
	u64 cap;
	u64 ecap;
	bool graphics;
	bool legacy;
	bool read_only;
	bool gone;
	unsigned long gone_after;
	u32 held_cmds;
	u32 ignored_cmds;
	unsigned int latency;
	bool halted;
	bool run_on_poll;
	unsigned int min_waits;
	bool poll_sleeps;
	bool reverse_waits;
	int (*refuse)(struct vtd_model *model, u64 lo, u64 hi);
	u16 unresponsive;
	unsigned int ignore_count;
	bool names_device;
	enum model_timeout timeout;
	u16 wrong_sid;
	unsigned int prefetched;
	bool stalled;
	bool reg_stuck;
	unsigned int reg_refused;
	void (*on_fsts)(struct vtd_model *model);
	unsigned long storm;

	u32 gsts;
	u32 pending;
	u32 pending_bits;
	unsigned int busy;
	unsigned int reg_busy;
	u64 rtaddr;
	u64 root;
	bool scalable;
	u32 fsts;
	u8 fri;
	u32 fectl;
	u32 femsg[3];
	u64 pqh;
	u64 pqt;
	u64 pqa;
	u32 prs;
	u32 pectl;
	u32 pemsg[3];
	unsigned int page_interrupts;
	u64 undrained[4][2];
	unsigned int nr_undrained;
	unsigned int drain_overflows;
	u32 pmen;
	u64 iqa;
	u32 head;
	u32 tail;
	u64 iqercd;
	u64 ccmd;
	u64 iotlb;
	u64 iva;
	struct {
		u32 *status;
		u32 data;
	} reports[MODEL_REPORTS];
	unsigned int nr_reports;
	bool cc_flushed;
	bool pasid_flushed;
	bool iotlb_flushed;
	struct {
		u64 lo;
		u64 hi;
	} frcd[MODEL_RECORDS];
	unsigned int next;
	unsigned int interrupts;

	struct vtd_intr_model intr;
	struct vtd_walk walk;
	struct model_event events[MODEL_EVENTS];
	unsigned int nr_events;
};

/*
 * Capabilities of QEMU's unit, without caching mode, device TLBs and other
 * features that tests add with the bits below.
 */
#define MODEL_CAP	0x00d2008c222f0606ULL
#define MODEL_ECAP	0x0000000000f00f4aULL

/* Bits of CAP and ECAP with the specification's numbers (11.4.2, 11.4.3). */
#define MODEL_CAP_RWBF	BIT_ULL(4)
#define MODEL_CAP_PMR	(3ULL << 5)
#define MODEL_CAP_CM	BIT_ULL(7)
#define MODEL_CAP_PSI	BIT_ULL(39)
#define MODEL_CAP_PI	BIT_ULL(59)
#define MODEL_CAP_ESIRTPS	BIT_ULL(62)
#define MODEL_CAP_ESRTPS	BIT_ULL(63)
#define MODEL_ECAP_C	BIT_ULL(0)
#define MODEL_ECAP_QI	BIT_ULL(1)
#define MODEL_ECAP_DT	BIT_ULL(2)
#define MODEL_ECAP_IR	BIT_ULL(3)
#define MODEL_ECAP_EIM	BIT_ULL(4)
#define MODEL_ECAP_PT	BIT_ULL(6)
#define MODEL_CAP_FS1GP	BIT_ULL(56)
#define MODEL_CAP_FS5LP	BIT_ULL(60)
#define MODEL_ECAP_SC	BIT_ULL(7)
/* PSS: PASIDs of n bits. */
#define MODEL_ECAP_PSS(n)	((u64)((n) - 1) << 35)
#define MODEL_ECAP_PASID	BIT_ULL(40)
#define MODEL_ECAP_NEST	BIT_ULL(26)
#define MODEL_ECAP_PRS	BIT_ULL(29)
#define MODEL_ECAP_SRS	BIT_ULL(31)
#define MODEL_ECAP_EAFS	BIT_ULL(34)
#define MODEL_ECAP_PDS	BIT_ULL(42)
#define MODEL_ECAP_FSTS	BIT_ULL(47)
#define MODEL_ECAP_DIT	BIT_ULL(41)
#define MODEL_ECAP_SMTS	BIT_ULL(43)
#define MODEL_ECAP_SSTS	BIT_ULL(46)
#define MODEL_ECAP_SMPWCS	BIT_ULL(48)
#define MODEL_ECAP_SSADS	BIT_ULL(45)

/* The driver uses scalable mode on a unit with these, unless model->legacy is set. */
#define MODEL_ECAP_SCALABLE	(MODEL_ECAP_SMTS | MODEL_ECAP_SSTS)

struct vtd_model *vtd_model_new(struct kunit *test, u64 cap, u64 ecap);
void vtd_model_probe(struct vtd_model *model);
struct nyx_unit *vtd_model_start_disabled(struct vtd_model *model);
void vtd_model_start(struct vtd_model *model);
struct vtd_model *vtd_model_running(struct kunit *test, u64 cap, u64 ecap);
void vtd_model_free(struct vtd_model *model);

/* Parts of the model; callers hold @model->lock. */
void vtd_model_break(struct vtd_model *model, const char *why, u64 at);
void vtd_model_event(struct vtd_model *model, enum model_event_kind kind, u64 a,
		     u64 b);
u64 vtd_model_read(struct vtd_model *model, u32 reg, int size);
void vtd_model_write(struct vtd_model *model, u32 reg, int size, u64 val);
u32 vtd_model_dsc_size(const struct vtd_model *model);
void vtd_model_queue(struct vtd_model *model);
u64 vtd_model_log_read(struct vtd_model *model, u32 offset, int size);
void vtd_model_log_write(struct vtd_model *model, u32 offset, int size, u64 val);
u32 vtd_model_fsts(const struct vtd_model *model);
void vtd_model_page_drain(struct vtd_model *model);
void vtd_model_page_ctl(struct vtd_model *model, u32 val);
void vtd_model_storm(struct vtd_model *model);

/* For tests; callers do not hold @model->lock. */
void vtd_model_fault(struct vtd_model *model, u64 lo, u64 hi);
void vtd_model_qi_event(struct vtd_model *model, u32 bit);
void vtd_model_page_request(struct vtd_model *model, u64 lo, u64 hi, bool late);
void vtd_model_ite(struct vtd_model *model);
void vtd_model_many_timeouts(struct vtd_model *model);
void vtd_model_run(struct vtd_model *model);
void vtd_model_clear_events(struct vtd_model *model);
unsigned int vtd_model_count(const struct vtd_model *model,
			     enum model_event_kind kind, u64 mask, u64 a);
void vtd_model_expect_event(struct vtd_model *model, unsigned int n,
			    enum model_event_kind kind, u64 a);

#endif /* NYX_KUNIT_VTD_MODEL_H */
