/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking snapshots. */
#ifndef NYXCTL_CAPTURE_H
#define NYXCTL_CAPTURE_H

#include <jansson.h>

#include "base/list.h"

/**
 * struct capture - a snapshot that is being taken
 * @snapshot: the snapshot
 * @page_tables: whether it contains the mappings of domains
 * @problems: what is missing in it
 */
struct capture {
	json_t *snapshot;
	bool page_tables;
	struct names problems;
};

int capture(struct capture *capture);

/* Parts of it, in a file of their own. */
json_t *capture_clock(void);
json_t *capture_kernel(void);
json_t *capture_module(void);
json_t *capture_pci(void);
json_t *capture_firmware(struct names *problems);

#endif
