/* SPDX-License-Identifier: GPL-2.0-only */
/* The checks of the command doctor. Each adds what it found to a list. */
#ifndef NYXCTL_DOCTOR_H
#define NYXCTL_DOCTOR_H

#include "finding.h"
#include "state.h"

/* What the module and the kernel are set to. */
void doctor_module(struct findings *findings, const struct state *state);
void doctor_parameters(struct findings *findings, const struct state *state);
void doctor_kernel(struct findings *findings, const struct state *state);

/* What the module's tables show. */
void doctor_blocked(struct findings *findings, const struct state *state);
void doctor_identity(struct findings *findings, const struct state *state);
void doctor_faults(struct findings *findings, const struct state *state);

/* What IOMMU groups mean for virtual machines. */
void doctor_groups(struct findings *findings, const struct state *state);
void doctor_reserved(struct findings *findings, const struct state *state);

/* What the next boot and the capture kernel find. */
void doctor_initramfs(struct findings *findings, const struct state *state);
void doctor_next_kernel(struct findings *findings, const struct state *state);
void doctor_kdump(struct findings *findings, const struct state *state);

#endif
