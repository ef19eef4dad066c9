/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A log that a unit writes to memory: the event log (2.5) or the log of
 * peripheral page requests (PPR log).
 */
#ifndef NYX_AMD_LOG_H
#define NYX_AMD_LOG_H

#include <linux/bits.h>
#include <linux/types.h>

struct amd_unit;

/*
 * EventLen and PPRLogLen: the log has 2^n entries of 16 bytes, n from 8 to 15.
 */
#define AMD_LOG_LEN_MIN 8
#define AMD_LOG_LEN_MAX 15

/**
 * struct amd_entry - a log entry as the unit writes it
 * @lo: bits 63:0; the code is in the uppermost four, and is never 0
 * @hi: bits 127:64
 */
struct amd_entry {
	u64 lo;
	u64 hi;
} __aligned(16);

/**
 * struct amd_log_regs - registers and bits of a log
 * @base: offset of its base register
 * @head: offset of its head register
 * @tail: offset of its tail register
 * @enable: bit in the Control Register that enables the log
 * @run: bit in the Status Register: the unit writes the log
 * @overflow: bit in the Status Register: entries were dropped
 * @interrupt: bit in the Status Register: an entry was written
 */
struct amd_log_regs {
	u32 base;
	u32 head;
	u32 tail;
	u64 enable;
	u32 run;
	u32 overflow;
	u32 interrupt;
};

/**
 * struct amd_log - a log
 * @regs: its registers and bits
 * @ring: its entries, NULL if the unit has no such log
 * @len: EventLen or PPRLogLen
 * @head: next entry to be read
 * @losses: number of times that entries may have been lost; wraps
 * @restarting: a restart is under way, during which entries are lost
 * @crowded: the log was at least half full and may have overflowed since
 * @failed: the log did not stop or start; it is not restarted any more
 *
 * &amd_unit.log_lock protects it. amd_timeouts_none() reads some members of the
 * event log without the lock.
 */
struct amd_log {
	const struct amd_log_regs *regs;
	struct amd_entry *ring;
	u8 len;
	u32 head;
	u32 losses;
	bool restarting;
	bool crowded;
	bool failed;
};

/* Number of entries in a log, a power of two. */
static inline u32 amd_log_entries(const struct amd_log *log)
{
	return BIT(log->len);
}

int amd_log_init(struct amd_log *log, const struct amd_log_regs *regs, u8 len,
		 int nid);
void amd_log_destroy(struct amd_log *log);
void amd_log_start(struct amd_unit *au, struct amd_log *log);
int amd_log_tail(const struct amd_unit *au, const struct amd_log *log,
		 u32 *tail);
bool amd_log_peek(const struct amd_log *log, u32 pos, struct amd_entry *entry);
void amd_log_release(struct amd_unit *au, struct amd_log *log, u32 pos);
int amd_log_restart(struct amd_unit *au, struct amd_log *log);

#endif /* NYX_AMD_LOG_H */
