/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adopting interrupts that were in use before the module was loaded.
 */
#ifndef NYX_ADOPT_H
#define NYX_ADOPT_H

#include <linux/list.h>
#include <linux/types.h>

struct device;
struct irq_data;
struct msi_msg;
struct nyx_device;
struct nyx_splice_source;

/* adopt.c */
int nyx_adopt_device(struct nyx_device *ndev);
int nyx_adopt_return(struct nyx_device *ndev);
bool nyx_adopt_is_busy(const struct nyx_device *ndev);

/* adopt_chain.c */
void nyx_adopt_compose(struct irq_data *data, struct msi_msg *msg);
int nyx_adopt_all(struct nyx_device *ndev,
		  const struct nyx_splice_source *source);
void nyx_adopt_return_all(struct device *dev,
			  const struct nyx_splice_source *source,
			  struct list_head *removed);

/* adopt_entry.c */
int nyx_adopt_entry_in(struct nyx_device *ndev);
int nyx_adopt_entry_out(struct nyx_device *ndev);

#endif /* NYX_ADOPT_H */
