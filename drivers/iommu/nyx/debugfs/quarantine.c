// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs quarantine: the most recent times that devices were cut off, the oldest
 * first.
 */
#include <linux/cleanup.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/sched/clock.h>
#include <linux/seq_file.h>
#include <linux/time64.h>

#include <nyx/device.h>

#include "debugfs.h"
#include "lib/show.h"
#include "quarantine/episodes.h"
#include "quarantine/quarantine.h"

/* The device counts the faults of an ongoing episode. */
static u32 suppressed_of(const struct nyx_episode *episode)
{
	struct nyx_device *ndev;

	if (episode->ended)
		return episode->suppressed;
	guard(mutex)(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node)
		if (ndev->quarantine.seq == episode->seq)
			return atomic_read(&ndev->quarantine.suppressed);
	return 0;
}

static void show_episode(struct seq_file *m, const struct nyx_episode *episode)
{
	u64 end = episode->ended ? episode->end_ns : local_clock(), s;
	u32 ns;

	s = div_u64_rem(episode->start_ns, NSEC_PER_SEC, &ns);
	seq_printf(m, "%7llu.%06u ", s, ns / 1000);
	nyx_show_word(m, 12, episode->device);
	nyx_show_id(m, 6, episode->domain);
	nyx_show_word(m, 9, nyx_cut_reason_word(episode->reason));
	nyx_show_word(m, 12, episode->origin);
	seq_printf(m, "%6u %10u %7u ", episode->faults, suppressed_of(episode),
		   episode->number);
	/* The clocks of CPUs differ slightly. */
	s = div_u64_rem(max(end, episode->start_ns) - episode->start_ns,
			NSEC_PER_SEC, &ns);
	seq_printf(m, "%7llu.%03u %s\n", s, ns / 1000000,
		   episode->ended ?: "ongoing");
}

static int nyx_quarantine_show(struct seq_file *m, void *unused)
{
	struct nyx_episode episode = { };
	u64 newest = nyx_episode_newest();

	seq_printf(m, "%14s %-12s %6s %-9s %-12s %6s %10s %7s %11s %s\n",
		   "time_s", "device", "domain", "reason", "caused_by",
		   "faults", "suppressed", "episode", "duration_s", "ended");
	/* Not beyond the newest, so that new episodes do not keep it reading. */
	while (nyx_episode_read(episode.seq + 1, &episode) &&
	       episode.seq <= newest)
		show_episode(m, &episode);
	return 0;
}

NYX_SHOW_FOPS(nyx_quarantine);
