/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inserting a unit into the chain of an interrupt that is in use.
 */
#ifndef NYX_SPLICE_H
#define NYX_SPLICE_H

#include <linux/list.h>
#include <linux/types.h>

struct irq_chip;
struct irq_data;
struct nyx_device;

/**
 * struct nyx_splice_source - operations of what sends an interrupt
 * @chip: chip of the unit's irq_data
 * @max_index: largest index of an entry that a single store can convey
 * @index: returns the index that the message has, whose entry must be used; -1 if
 *	any will do. NULL if any does always. The lock of the descriptor may be
 *	held
 * @prepare: write the data of the message in compatibility format, while the
 *	unit ignores it; NULL if it always has this data. @top is the top of the
 *	chain. The lock of the descriptor is held
 * @write: write the message that the chain composes. Its first store that has an
 *	effect completes the change of format. Then read from the source. The
 *	lock of the descriptor is held
 */
struct nyx_splice_source {
	struct irq_chip *chip;
	u16 max_index;
	int (*index)(struct irq_data *top);
	void (*prepare)(struct irq_data *top);
	void (*write)(struct irq_data *top);
};

struct irq_data *nyx_splice_top(unsigned int irq);
bool nyx_splice_is_direct(const struct irq_data *top);
int nyx_splice_in(struct irq_data *top, struct nyx_device *ndev,
		  const struct nyx_splice_source *source);
void nyx_splice_out(struct irq_data *top,
		    const struct nyx_splice_source *source,
		    struct list_head *removed);
void nyx_splice_free(struct list_head *removed);

#endif /* NYX_SPLICE_H */
