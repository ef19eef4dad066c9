// SPDX-License-Identifier: GPL-2.0-only
/*
 * Definitions of the tracepoints that <trace/events/nyx.h> declares.
 */
#define CREATE_TRACE_POINTS
#include <trace/events/nyx.h>
