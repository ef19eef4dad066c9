/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device table entries (2.2.2.1).
 */
#ifndef NYX_AMD_DTE_H
#define NYX_AMD_DTE_H

#include <linux/types.h>

#include "devtab.h"

struct nyx_entry;

bool amd_dte_needs_guest(const struct nyx_entry *entry);
struct amd_dte amd_dte_encode(const struct nyx_entry *entry,
			      struct amd_dte_setting setting,
			      const void *nowhere);
void amd_dte_set_guest(struct amd_dte *dte, const struct nyx_entry *entry,
		       struct amd_dte_setting setting, const u64 *root,
		       unsigned int levels);
bool amd_dte_has_guest(const struct amd_dte *dte);
void amd_dte_drop_guest(struct amd_dte *dte);
bool amd_dte_can_copy(const u64 *q);
struct amd_dte amd_dte_copy(const u64 *q, struct amd_dte_setting setting);
u64 amd_dte_interrupts(u8 setting);
bool amd_dte_set_interrupts(struct amd_dte *dte, u64 q2);
bool amd_dte_passes(const struct amd_dte *dte);
bool amd_dte_ats(const struct amd_dte *dte);
void amd_dte_refuse_ats(struct amd_dte *dte);
bool amd_dte_set_dirty(struct amd_dte *dte, bool on);
bool amd_dte_is_identity(const struct amd_dte *dte, const void *table);
u16 amd_dte_domain(const struct amd_dte *dte);
bool amd_dte_equal(const struct amd_dte *a, const struct amd_dte *b);
bool amd_dte_replace(struct amd_dte *dte, const struct amd_dte *val);
void amd_dte_block(struct amd_dte *dte, const struct amd_dte *blocked);
void amd_dte_stop(struct amd_dte *dte, const void *nowhere);
void amd_dte_shut(struct amd_dte *dte, const void *nowhere);
void amd_dte_pass_interrupts(struct amd_dte *dte);
void amd_dte_stop_interrupts(struct amd_dte *dte);
void amd_dte_fill(struct amd_dte *dte, const struct amd_dte *val);

#endif /* NYX_AMD_DTE_H */
