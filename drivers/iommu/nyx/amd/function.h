/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PCI function of a unit: configuration space, interrupt and errata.
 */
#ifndef NYX_AMD_FUNCTION_H
#define NYX_AMD_FUNCTION_H

#include <linux/types.h>

struct amd_ivrs_unit;
struct amd_unit;

/* function.c */
bool amd_function_look(const struct amd_ivrs_unit *fw, u32 *cap, bool *msi);
int amd_function_find(struct amd_unit *au, const struct amd_ivrs_unit *fw);
void amd_function_put(struct amd_unit *au);
const char *amd_function_name(const struct amd_unit *au);
u32 amd_config_read(struct amd_unit *au, int where);
void amd_config_write(struct amd_unit *au, int where, u32 val);
u32 amd_bridge_read(struct amd_unit *au, int where);
void amd_bridge_write(struct amd_unit *au, int where, u32 val);

/* irq.c */
int amd_irq_init(struct amd_unit *au);
void amd_irq_exit(struct amd_unit *au);

/* errata.c */
void amd_errata_apply(struct amd_unit *au);

#endif /* NYX_AMD_FUNCTION_H */
