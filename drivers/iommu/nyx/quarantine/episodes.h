/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The most recent episodes, in which devices were cut off.
 */
#ifndef NYX_QUARANTINE_EPISODES_H
#define NYX_QUARANTINE_EPISODES_H

#include <nyx/quarantine.h>

/* Number of episodes that are kept. */
#define NYX_EPISODES_MAX 256

/**
 * struct nyx_episode - one time that a device was cut off
 * @seq: number of the episode, counted from 1 since the module was loaded
 * @start_ns: when the device was cut off, on the clock of the kernel log
 * @end_ns: when that ended
 * @device: name of the device
 * @origin: name of the device that caused the faults, or for which the command
 *	was given
 * @reason: why it was cut off
 * @domain: number of its domain, 0 if there was none
 * @faults: faults that led to it
 * @suppressed: faults that the unit logged meanwhile; set at the end
 * @number: number of the episode among those of the device without an hour of
 *	operation between them, from 1
 * @ended: what ended it, one word, a string constant; NULL while it is ongoing
 */
struct nyx_episode {
	u64 seq;
	u64 start_ns;
	u64 end_ns;
	char device[NYX_QUARANTINE_NAME];
	char origin[NYX_QUARANTINE_NAME];
	enum nyx_cut_reason reason;
	u32 domain;
	u32 faults;
	u32 suppressed;
	unsigned int number;
	const char *ended;
};

u64 nyx_episode_begin(const struct nyx_episode *episode);
void nyx_episode_end(u64 seq, u64 now_ns, u32 suppressed, const char *how);
u64 nyx_episode_newest(void);
bool nyx_episode_read(u64 seq, struct nyx_episode *episode);

#endif /* NYX_QUARANTINE_EPISODES_H */
