/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the probing of all devices and the removal of single devices apart.
 */
#ifndef NYX_ADOPT_GATE_H
#define NYX_ADOPT_GATE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct device;

/**
 * struct nyx_adopt_gate - removals under way, and whether a probe waits for
 * them
 * @lock: protects all other members; held while @probe runs and while all
 *	devices are released
 * @removals: devices whose removal has begun and not ended
 * @pending: @probe is to run when @removals is empty
 * @probe: lets the IOMMU core probe devices; takes no device's lock and not the
 *	PCI core's lock, which removals may hold while they wait for @lock
 */
struct nyx_adopt_gate {
	struct mutex lock;	/* see @lock above */
	struct list_head removals;
	bool pending;
	void (*probe)(void);
};

void nyx_adopt_gate_init(struct nyx_adopt_gate *gate, void (*probe)(void));
void nyx_adopt_gate_kick(struct nyx_adopt_gate *gate);
void nyx_adopt_gate_begin_removal(struct nyx_adopt_gate *gate,
				  struct device *dev);
void nyx_adopt_gate_end_removal(struct nyx_adopt_gate *gate,
				struct device *dev);
bool nyx_adopt_gate_close(struct nyx_adopt_gate *gate);
void nyx_adopt_gate_open(struct nyx_adopt_gate *gate);
void nyx_adopt_gate_clear(struct nyx_adopt_gate *gate);

#endif /* NYX_ADOPT_GATE_H */
