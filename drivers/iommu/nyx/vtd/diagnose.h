/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Diagnostics only: looking at a unit that the DMAR table describes.
 */
#ifndef NYX_VTD_DIAGNOSE_H
#define NYX_VTD_DIAGNOSE_H

struct vtd_site;

int vtd_diag_unit(const struct vtd_site *site);

#endif /* NYX_VTD_DIAGNOSE_H */
