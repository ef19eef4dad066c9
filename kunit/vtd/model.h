/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VT-d unit as the specification (revision 5.1) describes it, for tests of
 * what drives one: registers with side effects behind readl() and writeq(), an
 * invalidation queue, a fault log, caches. It shares no constant with the
 * driver.
 *
 * What software must not do is noted, and fails the test at its end.
 */
#ifndef NYX_KUNIT_VTD_MODEL_H
#define NYX_KUNIT_VTD_MODEL_H

#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/spinlock.h>

#include "intr_model.h"
#include "walk.h"

struct vtd_unit;

enum {
	MODEL_EVENTS = 512,
	MODEL_RECORDS = 256,
	MODEL_REPORTS = 64,
};

/**
 * enum model_event_kind - what software did that a test may want to look at
 * @EVENT_DSC: a descriptor was executed; a and b are its halves
 * @EVENT_GCMD: a is what was written to GCMD
 * @EVENT_CCMD: a is what was written to CCMD
 * @EVENT_IOTLB: a is what was written to IOTLB, b is IVA
 * @EVENT_ATS_ON: a is the device's requester ID
 * @EVENT_ATS_OFF: a is the device's requester ID
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
 * enum model_silence - what a device that does not answer has the unit do
 * @SILENCE_ITE: give up at once, and raise ITE
 * @SILENCE_STAND: stand still behind its descriptor
 * @SILENCE_FETCH: go on to the next wait descriptor, and stand still there
 * @SILENCE_DEEP: as SILENCE_FETCH, also when the queue was off meanwhile
 */
enum model_silence {
	SILENCE_ITE,
	SILENCE_STAND,
	SILENCE_FETCH,
	SILENCE_DEEP,
};

struct model_event {
	enum model_event_kind kind;
	u64 a;
	u64 b;
};

/**
 * struct vtd_model - one unit
 * @test: the test
 * @vu: what the driver made of it
 * @base: where its registers are
 * @window: bytes of them that are mapped; 0: none
 * @lock: orders what the registers do
 * @broken: the first rule that was broken, or NULL
 * @broken_at: a number that goes with it
 * @accesses: reads and writes of registers
 * @ver: Version Register; set by tests, like all up to @storm
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 * @gone: all registers read as ones, and nothing is done any more
 * @gone_in: it is gone after so many accesses; 0: never
 * @deaf: commands, by their bits in GCMD, that it never takes up
 * @latency: reads of GSTS, CCMD and IOTLB for which a command is under way
 * @held: it reads no descriptors
 * @drowsy: it reads them only when software looks for errors
 * @hold_waits: it reads none until so many wait descriptors are there; once
 * @yield: whoever looks for errors lets others run
 * @shuffle: wait descriptors report in reverse order
 * @refuse: refuse a descriptor with what this returns as IQEI, unless negative
 * @mute: a device that does not answer; 0: none does not
 * @mute_times: how often it does not
 * @mute_told: ITESID tells who it was
 * @silence: and how: see enum model_silence
 * @late_ite: with a silence, ITE comes when so many descriptors were executed
 *	after the queue was started anew; 0: never
 * @blame: it tells that this one was it; 0: the truth
 * @ahead: descriptors that were fetched, and are dropped, when that shows
 * @stalled: no wait descriptor completes: a device has yet to answer
 * @ite_in: descriptors until a late ITE; 0: none comes
 * @jammed: CCMD and IOTLB never complete
 * @reg_refuse: how often CCMD or IOTLB do nothing
 * @on_fsts: called when software reads FSTS, without @lock
 * @storm: faults that come as soon as there is room
 * @gsts: Global Status Register
 * @pending: command under way
 * @busy: reads of GSTS until it is done
 * @reg_busy: reads of CCMD or IOTLB until they are done
 * @rtaddr: Root Table Address Register
 * @root: root table in use
 * @fsts: Fault Status Register, but for PPF and FRI
 * @fri: first record pending
 * @fectl: Fault Event Control Register
 * @pmen: Protected Memory Enable Register
 * @iqa: Invalidation Queue Address Register
 * @head: next descriptor to be read
 * @tail: descriptor behind the last
 * @iqercd: Invalidation Queue Error Record Register
 * @ccmd: Context Command Register
 * @iotlb: IOTLB Invalidate Register
 * @iva: Invalidate Address Register
 * @reports: what wait descriptors are about to write
 * @nr_reports: how many
 * @cc_flushed: all context entries were forgotten since the root table was set
 * @iotlb_flushed: and then all translations
 * @frcd: the fault records
 * @next: the one to be filled next
 * @interrupts: fault event messages sent
 * @intr: its interrupt remapping
 * @walk: its caches
 * @events: what software did
 * @nr_events: how much
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
	bool gone;
	unsigned long gone_in;
	u32 deaf;
	unsigned int latency;
	bool held;
	bool drowsy;
	unsigned int hold_waits;
	bool yield;
	bool shuffle;
	int (*refuse)(struct vtd_model *model, u64 lo, u64 hi);
	u16 mute;
	unsigned int mute_times;
	bool mute_told;
	enum model_silence silence;
	unsigned int late_ite;
	u16 blame;
	unsigned int ahead;
	bool stalled;
	unsigned int ite_in;
	bool jammed;
	unsigned int reg_refuse;
	void (*on_fsts)(struct vtd_model *model);
	unsigned long storm;

	u32 gsts;
	u32 pending;
	unsigned int busy;
	unsigned int reg_busy;
	u64 rtaddr;
	u64 root;
	u32 fsts;
	u8 fri;
	u32 fectl;
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

/* What QEMU's unit says, and one without what QEMU's has. */
#define MODEL_CAP	0x00d2008c222f0606ULL
#define MODEL_ECAP	0x0000000000f00f4aULL

/* Bits of CAP and ECAP by the specification's numbers (11.4.2, 11.4.3). */
#define MODEL_CAP_RWBF	BIT_ULL(4)
#define MODEL_CAP_PMR	(3ULL << 5)
#define MODEL_CAP_CM	BIT_ULL(7)
#define MODEL_CAP_PSI	BIT_ULL(39)
#define MODEL_ECAP_C	BIT_ULL(0)
#define MODEL_ECAP_QI	BIT_ULL(1)
#define MODEL_ECAP_DT	BIT_ULL(2)
#define MODEL_ECAP_IR	BIT_ULL(3)
#define MODEL_ECAP_EIM	BIT_ULL(4)
#define MODEL_ECAP_PT	BIT_ULL(6)
#define MODEL_ECAP_DIT	BIT_ULL(41)

struct vtd_model *vtd_model_new(struct kunit *test, u64 cap, u64 ecap);
void vtd_model_probe(struct vtd_model *model);
void vtd_model_start(struct vtd_model *model);
struct vtd_model *vtd_model_running(struct kunit *test, u64 cap, u64 ecap);
void vtd_model_free(struct vtd_model *model);

/* Parts of the model, with @model->lock held. */
void vtd_model_break(struct vtd_model *model, const char *why, u64 at);
void vtd_model_event(struct vtd_model *model, enum model_event_kind kind, u64 a,
		     u64 b);
u64 vtd_model_read(struct vtd_model *model, u32 reg, int size);
void vtd_model_write(struct vtd_model *model, u32 reg, int size, u64 val);
void vtd_model_queue(struct vtd_model *model);
void vtd_model_qi_event(struct vtd_model *model, u32 bit);
u64 vtd_model_log_read(struct vtd_model *model, u32 offset, int size);
void vtd_model_log_write(struct vtd_model *model, u32 offset, int size, u64 val);
u32 vtd_model_fsts(const struct vtd_model *model);
void vtd_model_storm(struct vtd_model *model);

/* For tests, without it. */
void vtd_model_fault(struct vtd_model *model, u64 lo, u64 hi);
void vtd_model_run(struct vtd_model *model);
void vtd_model_forget_events(struct vtd_model *model);

#endif /* NYX_KUNIT_VTD_MODEL_H */
