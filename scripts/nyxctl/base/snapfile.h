/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading snapshots. */
#ifndef NYXCTL_SNAPFILE_H
#define NYXCTL_SNAPFILE_H

#include <jansson.h>
#include <stdbool.h>

#define SNAPSHOT_FORMAT "nyx-snapshot"
#define SNAPSHOT_VERSION 1

/* States of a file in a snapshot. */
#define FILE_COMPLETE "complete"
#define FILE_TRUNCATED "truncated"
#define FILE_MISSING "missing"
#define FILE_UNREADABLE "unreadable"

int snapshot_load(const char *path, json_t **snapshot);
void snapshot_use(const json_t *snapshot, const char *name);
bool snapshot_in_use(void);
char *snapshot_line(const char *path);
int snapshot_text(const char *name, char **text);
int snapshot_report(const char *name);
const json_t *snapshot_part(const json_t *snapshot, const char *part, const char *name);
const char *snapshot_string(const json_t *snapshot, const char *part, const char *name);

#endif
