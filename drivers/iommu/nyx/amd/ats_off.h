/* SPDX-License-Identifier: GPL-2.0-only */
/* ATS turned off because a log failed. */
#ifndef NYX_AMD_ATS_OFF_H
#define NYX_AMD_ATS_OFF_H

struct amd_unit;
struct work_struct;

void amd_ats_off_work(struct work_struct *work);
int amd_ats_off(struct amd_unit *au);
int amd_log_failed(struct amd_unit *au, int err);

#endif /* NYX_AMD_ATS_OFF_H */
