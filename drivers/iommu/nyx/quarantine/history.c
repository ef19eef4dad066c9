// SPDX-License-Identifier: GPL-2.0-only
/*
 * The history of devices that were cut off: a ring of the most recent episodes.
 */
#include <linux/cleanup.h>
#include <linux/minmax.h>
#include <linux/mutex.h>

#include "history.h"

static DEFINE_MUTEX(nyx_history_lock);	/* protects the ring */
static struct nyx_episode nyx_history[NYX_HISTORY_SIZE];
static u64 nyx_history_nr;		/* number of episodes ever added */

static struct nyx_episode *nyx_history_slot(u64 seq)
{
	return &nyx_history[seq % NYX_HISTORY_SIZE];
}

/**
 * nyx_history_begin() - add an episode, overwriting the oldest if there is no room
 * @episode: the episode; its @seq is ignored
 *
 * Context: May sleep.
 * Return: the number assigned to it.
 */
u64 nyx_history_begin(const struct nyx_episode *episode)
{
	struct nyx_episode *slot;

	guard(mutex)(&nyx_history_lock);
	slot = nyx_history_slot(++nyx_history_nr);
	*slot = *episode;
	slot->seq = nyx_history_nr;
	return slot->seq;
}

/**
 * nyx_history_end() - record the end of an episode
 * @seq: its number; nothing happens if it was overwritten
 * @now_ns: the time, on the clock of the kernel log
 * @suppressed: faults that the unit logged meanwhile
 * @how: what ended it, one word, a string constant
 *
 * Context: May sleep.
 */
void nyx_history_end(u64 seq, u64 now_ns, u32 suppressed, const char *how)
{
	struct nyx_episode *slot = nyx_history_slot(seq);

	guard(mutex)(&nyx_history_lock);
	if (slot->seq != seq)
		return;
	slot->end_ns = now_ns;
	slot->suppressed = suppressed;
	slot->ended = how;
}

/**
 * nyx_history_newest() - number of the newest episode
 *
 * Context: May sleep.
 * Return: the number, 0 if there is none.
 */
u64 nyx_history_newest(void)
{
	guard(mutex)(&nyx_history_lock);
	return nyx_history_nr;
}

/**
 * nyx_history_read() - copy one episode
 * @seq: its number. If it was overwritten, or is 0, the oldest one is copied
 * @episode: set to the episode; nyx_episode.seq is its number
 *
 * Context: May sleep.
 * Return: false if there is no episode with this or a higher number.
 */
bool nyx_history_read(u64 seq, struct nyx_episode *episode)
{
	u64 oldest;

	guard(mutex)(&nyx_history_lock);
	oldest = nyx_history_nr > NYX_HISTORY_SIZE ?
		 nyx_history_nr - NYX_HISTORY_SIZE + 1 : 1;
	seq = max(seq, oldest);
	if (seq > nyx_history_nr)
		return false;
	*episode = *nyx_history_slot(seq);
	return true;
}
