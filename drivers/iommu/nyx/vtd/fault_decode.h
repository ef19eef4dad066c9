/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault records, decoded.
 */
#ifndef NYX_VTD_FAULT_DECODE_H
#define NYX_VTD_FAULT_DECODE_H

#include <linux/types.h>

struct nyx_fault;

void vtd_fault_decode(u64 lo, u64 hi, struct nyx_fault *fault);

#endif /* NYX_VTD_FAULT_DECODE_H */
