/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping of a unit and of the devices below it.
 */
#ifndef NYX_AMD_INTR_H
#define NYX_AMD_INTR_H

#include <linux/types.h>

struct amd_irt;
struct amd_ivrs;
struct amd_unit;
struct nyx_device;
struct nyx_unit;

/* intr.c */
void amd_intr_init(struct amd_unit *au);
u64 amd_intr_control(struct amd_unit *au, bool extended);
void amd_intr_set_on(struct amd_unit *au, bool on);

/* intr_device.c */
bool amd_intr_block_unmapped(struct nyx_unit *unit, struct nyx_device *ndev);
int amd_intr_prepare_block(struct nyx_unit *unit, struct nyx_device *ndev);
int amd_intr_unblock(struct nyx_unit *unit, struct nyx_device *ndev);
void amd_intr_allow_unmapped(struct nyx_unit *unit, struct nyx_device *ndev);
void amd_intr_block_unowned(struct nyx_unit *unit);
void amd_intr_block_foreign(struct amd_unit *au);
void amd_intr_update_unowned(struct nyx_unit *unit, struct nyx_device *ndev);
int amd_intr_provide_table(struct amd_unit *au, const struct nyx_device *ndev);
struct amd_irt *amd_intr_table(struct amd_unit *au,
			       const struct nyx_device *ndev);
void amd_intr_free_devices(struct amd_unit *au);

/* intr_unmapped.c */
bool amd_intr_has_ioapic(const struct amd_ivrs *ivrs);
int amd_intr_unnamed_ioapic(const void *madt, size_t len,
			    const struct amd_ivrs *ivrs);
bool amd_intr_sends_unmapped(const struct amd_unit *au, u16 rid);
bool amd_intr_has_sender(const struct amd_unit *au, u16 rid);
void amd_intr_collect_senders(const struct amd_unit *au,
			      unsigned long *senders);

#endif /* NYX_AMD_INTR_H */
