/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a group has several devices. */
#ifndef NYXCTL_ACS_H
#define NYXCTL_ACS_H

char *acs_gap(const char *device);

#endif
