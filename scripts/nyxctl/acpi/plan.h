/* SPDX-License-Identifier: GPL-2.0-only */
/* Saying what the module would do. */
#ifndef NYXCTL_ACPI_PLAN_H
#define NYXCTL_ACPI_PLAN_H

#include <jansson.h>

#include "machine.h"

json_t *plan_refuses(const char *why);
json_t *plan_new(void);
void plan_check_units(json_t *plan);
void plan_add(json_t *plan, const char *list, json_t *item);
void plan_note(json_t *plan, const char *format, ...) __attribute__((format(printf, 2, 3)));
void plan_absent(json_t *plan, const char *where, json_t *structure, json_t *device);
json_t *plan_device(const struct function *function, int unit, const char *vendor,
		    const char *why_not);
json_t *plan_region(json_t *structure, u64 base, u64 limit, u16 segment);
void plan_ignored_region(json_t *plan, json_t *structure);

#endif
