/* SPDX-License-Identifier: GPL-2.0-only */
/* Metrics for Prometheus. */
#ifndef NYXCTL_METRICS_H
#define NYXCTL_METRICS_H

#include "counters.h"

char *metrics_text(const struct counters *counters, size_t *length);

#endif
