/* SPDX-License-Identifier: GPL-2.0-only */
/* PASID entries: entries of GCR3 tables. */
#ifndef NYX_AMD_PASID_H
#define NYX_AMD_PASID_H

#include <nyx/pasid.h>

extern const struct nyx_pasid_ops amd_pasid_ops;

#endif /* NYX_AMD_PASID_H */
