/* SPDX-License-Identifier: GPL-2.0-only */
/* What assigned devices had before. */
#ifndef NYXCTL_RECORD_H
#define NYXCTL_RECORD_H

#include <stdbool.h>

/**
 * struct record - what a device had before it was assigned
 * @driver: its driver; an empty string without one
 * @override: the only driver that could bind it; an empty string if any could
 */
struct record {
	char *driver;
	char *override;
};

int record_write(const char *device, const struct record *record);
bool record_read(const char *device, struct record *record);
bool record_exists(const char *device);
void record_free(struct record *record);
void record_remove(const char *device);

#endif
