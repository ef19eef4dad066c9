/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register-based invalidation (6.5.1).
 */
#ifndef NYX_VTD_REGINV_H
#define NYX_VTD_REGINV_H

struct nyx_cmd;
struct vtd_unit;

int vtd_reginv(struct vtd_unit *vu, const struct nyx_cmd *dscs,
	       unsigned int nr);

#endif /* NYX_VTD_REGINV_H */
