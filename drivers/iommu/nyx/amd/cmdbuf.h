/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command buffer (2.4).
 */
#ifndef NYX_AMD_CMDBUF_H
#define NYX_AMD_CMDBUF_H

/* Device TLB invalidations that one submission may contain. */
#define AMD_CMDBUF_ATS_MAX 4

struct amd_unit;

int amd_cmdbuf_init(struct amd_unit *au);
void amd_cmdbuf_setup(struct amd_unit *au);
void amd_cmdbuf_open(struct amd_unit *au);
void amd_cmdbuf_close(struct amd_unit *au);
int amd_cmdbuf_reset(struct amd_unit *au);

#endif /* NYX_AMD_CMDBUF_H */
