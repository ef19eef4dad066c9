/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the probing of all devices and the removal of any one apart.
 */
#ifndef NYX_ADOPT_GATE_H
#define NYX_ADOPT_GATE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct device;

/**
 * struct nyx_adopt_gate - who is being removed, and who waits for it
 * @lock: protects all else, and is held while @probe runs, or all devices are
 *	given back
 * @removals: devices whose removal has begun and is not over
 * @pending: @probe is wanted, and runs when @removals is empty
 * @probe: has the IOMMU core probe devices; takes no device's lock and not
 *	that of the PCI core, which removals hold when they wait for @lock
 */
struct nyx_adopt_gate {
	struct mutex lock;	/* see @lock above */
	struct list_head removals;
	bool pending;
	void (*probe)(void);
};

void nyx_adopt_gate_init(struct nyx_adopt_gate *gate, void (*probe)(void));
void nyx_adopt_gate_kick(struct nyx_adopt_gate *gate);
void nyx_adopt_gate_begin_removal(struct nyx_adopt_gate *gate, struct device *dev);
void nyx_adopt_gate_end_removal(struct nyx_adopt_gate *gate, struct device *dev);
bool nyx_adopt_gate_close(struct nyx_adopt_gate *gate);
void nyx_adopt_gate_open(struct nyx_adopt_gate *gate);
void nyx_adopt_gate_clear(struct nyx_adopt_gate *gate);

#endif /* NYX_ADOPT_GATE_H */
