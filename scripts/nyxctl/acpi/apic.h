/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPUs that firmware lists. */
#ifndef NYXCTL_APIC_H
#define NYXCTL_APIC_H

int count_wide_cpus(void);

#endif
