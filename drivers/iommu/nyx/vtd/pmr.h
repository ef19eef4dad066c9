/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Protected memory regions.
 */
#ifndef NYX_VTD_PMR_H
#define NYX_VTD_PMR_H

struct vtd_unit;

int vtd_pmr_disable(struct vtd_unit *vu);

#endif /* NYX_VTD_PMR_H */
