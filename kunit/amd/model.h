/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An AMD IOMMU as the specification (48882) describes it, for tests of what has
 * devices forget: a command buffer, an event log and a PPR log, caches of device
 * table entries and of what was walked. It shares no constant with the driver.
 *
 * It executes commands only when software looks at the Status Register while it
 * waits, so tests can have something happen before and after.
 */
#ifndef NYX_KUNIT_AMD_MODEL_H
#define NYX_KUNIT_AMD_MODEL_H

#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/spinlock.h>
#include <nyx/device.h>

#include "intr_model.h"

struct amd_unit;

enum {
	AMD_MODEL_DEVICES = 4,
	AMD_MODEL_WALKS = 16,
	AMD_MODEL_CMDS = 128,
};

/**
 * struct amd_model_device - what there is of a device below the unit
 * @rid: its DeviceID
 * @known: its device table entry is cached
 * @q: that entry, bits 127:0
 * @asked: how often it was asked to forget
 */
struct amd_model_device {
	u16 rid;
	bool known;
	u64 q[2];
	unsigned int asked;
};

/**
 * struct amd_model_walk - that the unit walked a table for a domain
 * @domain_id: its DomainID
 * @root: physical address of the table
 */
struct amd_model_walk {
	u16 domain_id;
	u64 root;
};

/**
 * struct amd_model - one unit
 * @test: the test
 * @au: the driver's idea of it
 * @lock: orders what the registers do
 * @on_status: called when software reads the Status Register with interrupts on,
 *	before and after commands are executed, without @lock
 * @mute: a device that does not answer; 0: all do
 * @mute_all: none does
 * @storm: the log overflows with every command that asks a device
 * @flood: another device faults so often with every such command
 * @tail_reads: the event log's tail is read so often until it goes back, to entry
 * @tail_then: this one. 0: it does not
 * @late: events whose tail comes, and which never do
 * @deaf: bits of the Status Register that do not change any more
 * @again: bits of the Status Register that are set anew when they are cleared
 *	next
 * @gone: all registers read as ones
 * @held: it reads no commands, until its command buffer goes off
 * @jammed: and then goes on reading none
 * @illegal: commands of this opcode stop the command buffer; 0: none does
 * @illegal_times: so often, and not again
 * @halves: the CPU stores an entry's halves one by one
 * @base: physical address of its registers
 * @cap: Capability Header of its PCI function
 * @functions: how often that function is in use
 * @efr: Extended Feature Register
 * @control: Control Register
 * @status: Status Register
 * @devtab: Device Table Base Address Register, and those of other segments
 * @exclusion: Exclusion Base and Limit Registers
 * @cmd_base: Command Buffer Base Address Register
 * @cmd_head: Command Buffer Head Pointer Register
 * @cmd_tail: Command Buffer Tail Pointer Register
 * @log_base: Event Log Base Address Register
 * @log_head: Event Log Head Pointer Register
 * @log_tail: Event Log Tail Pointer Register
 * @ppr_base: PPR Log Base Address Register
 * @ppr_head: PPR Log Head Pointer Register
 * @ppr_tail: PPR Log Tail Pointer Register
 * @l2_index: IOMMU L2 Config Index, in configuration space
 * @l2: what is behind it
 * @l2_writes: how often software wrote there
 * @atomic: software looks at the Status Register with interrupts off
 * @globals: INVALIDATE_IOMMU_ALL commands
 * @globals_atomic: those for which software waits with interrupts off
 * @entries: DeviceIDs of which entries were forgotten one by one
 * @domains: DomainIDs that were forgotten one by one
 * @answer: the last COMPLETE_PPR_REQUEST command
 * @answers: how many
 * @cmds: the first commands since @nr_cmds was 0
 * @nr_cmds: how many were executed, even if they are more than fit
 * @walks: what was walked, and is not forgotten
 * @nr_walks: how much
 * @dropped: events for which there was no room, or no log
 * @intr: its interrupt remapping
 * @devices: devices
 * @nr_devices: how many
 */
struct amd_model {
	struct kunit *test;
	struct amd_unit *au;
	raw_spinlock_t lock;	/* see @lock above */
	void (*on_status)(struct amd_model *model, bool done);
	u16 mute;
	bool mute_all;
	bool storm;
	unsigned int flood;
	unsigned int late;
	u32 deaf;
	u32 again;
	bool gone;
	bool held;
	bool jammed;
	u8 illegal;
	unsigned int illegal_times;
	bool halves;
	u64 base;
	u32 cap;
	int functions;
	u64 efr;

	u64 control;
	u32 status;
	u64 devtab[8];
	u64 exclusion[2];
	u64 cmd_base;
	u32 cmd_head;
	u32 cmd_tail;
	u64 log_base;
	u32 log_head;
	u32 log_tail;
	u32 tail_reads;
	u32 tail_then;
	u64 ppr_base;
	u32 ppr_head;
	u32 ppr_tail;
	u32 l2_index;
	u32 l2[256];
	unsigned int l2_writes;
	bool atomic;
	unsigned int globals;
	unsigned int globals_atomic;
	DECLARE_BITMAP(entries, 65536);
	DECLARE_BITMAP(domains, 65536);
	u64 answer[2];
	unsigned int answers;
	u64 cmds[AMD_MODEL_CMDS][2];
	unsigned int nr_cmds;
	struct amd_model_walk walks[AMD_MODEL_WALKS];
	unsigned int nr_walks;
	unsigned int dropped;
	struct amd_intr_model intr;
	struct amd_model_device devices[AMD_MODEL_DEVICES];
	unsigned int nr_devices;
};

u64 amd_model_read(struct amd_model *model, u32 reg);
void amd_model_write(struct amd_model *model, u32 reg, u64 val);
void amd_model_run(struct amd_model *model);
void amd_model_log(struct amd_model *model, u64 lo, u64 hi);
const u64 *amd_model_entry(struct amd_model *model, u16 rid);
struct amd_model_device *amd_model_find(struct amd_model *model, u16 rid);
bool amd_model_reaches(struct amd_model *model, const struct nyx_entry *entry);
bool amd_model_mixes(struct amd_model *model, const struct nyx_entry *entry);

struct amd_model *amd_model_at(unsigned int index);
struct amd_model *amd_model_new(struct kunit *test, u64 efr, u16 last);
void amd_model_ioapic(struct amd_model *model, u16 source);
void amd_model_start(struct amd_model *model);
struct amd_model *amd_model_running(struct kunit *test);
void amd_model_free(struct amd_model *model);
struct nyx_device *amd_model_add(struct amd_model *model, u16 rid);
void amd_model_alias(struct amd_model *model, struct nyx_device *ndev, u16 rid);
struct nyx_entry amd_model_table(struct amd_model *model, u16 domain_id);
int amd_model_set(struct nyx_device *ndev, const struct nyx_entry *entry);

#endif /* NYX_KUNIT_AMD_MODEL_H */
