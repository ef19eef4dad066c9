// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of the most recent episodes, in which devices were cut off.
 */
#include <linux/cleanup.h>
#include <linux/minmax.h>
#include <linux/mutex.h>

#include "episodes.h"

static DEFINE_MUTEX(nyx_episodes_lock);	/* protects the ring */
static struct nyx_episode nyx_episodes[NYX_EPISODES_MAX];
static u64 nyx_episodes_nr;		/* number of episodes ever added */

static struct nyx_episode *nyx_episode_slot(u64 seq)
{
	return &nyx_episodes[seq % NYX_EPISODES_MAX];
}

/**
 * nyx_episode_begin() - add an episode, overwriting the oldest if there is no room
 * @episode: the episode; its @seq is ignored
 *
 * Context: May sleep.
 * Return: the number assigned to it.
 */
u64 nyx_episode_begin(const struct nyx_episode *episode)
{
	struct nyx_episode *slot;

	guard(mutex)(&nyx_episodes_lock);
	slot = nyx_episode_slot(++nyx_episodes_nr);
	*slot = *episode;
	slot->seq = nyx_episodes_nr;
	return slot->seq;
}

/**
 * nyx_episode_end() - record the end of an episode
 * @seq: its number; nothing happens if it was overwritten
 * @now_ns: the time, on the clock of the kernel log
 * @suppressed: faults that the unit logged meanwhile
 * @how: what ended it, one word, a string constant
 *
 * Context: May sleep.
 */
void nyx_episode_end(u64 seq, u64 now_ns, u32 suppressed, const char *how)
{
	struct nyx_episode *slot = nyx_episode_slot(seq);

	guard(mutex)(&nyx_episodes_lock);
	if (slot->seq != seq)
		return;
	slot->end_ns = now_ns;
	slot->suppressed = suppressed;
	slot->ended = how;
}

/**
 * nyx_episode_newest() - number of the newest episode
 *
 * Context: May sleep.
 * Return: the number, 0 if there is none.
 */
u64 nyx_episode_newest(void)
{
	guard(mutex)(&nyx_episodes_lock);
	return nyx_episodes_nr;
}

/**
 * nyx_episode_read() - copy one episode
 * @seq: its number. If it was overwritten, or is 0, the oldest one is copied
 * @episode: set to the episode; nyx_episode.seq is its number
 *
 * Context: May sleep.
 * Return: false if there is no episode with this or a higher number.
 */
bool nyx_episode_read(u64 seq, struct nyx_episode *episode)
{
	u64 oldest;

	guard(mutex)(&nyx_episodes_lock);
	oldest = nyx_episodes_nr > NYX_EPISODES_MAX ?
		 nyx_episodes_nr - NYX_EPISODES_MAX + 1 : 1;
	seq = max(seq, oldest);
	if (seq > nyx_episodes_nr)
		return false;
	*episode = *nyx_episode_slot(seq);
	return true;
}
