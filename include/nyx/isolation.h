/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far devices are isolated from each other, by their domains.
 */
#ifndef NYX_ISOLATION_H
#define NYX_ISOLATION_H

#include <nyx/unit.h>

struct nyx_domain;

/**
 * enum nyx_isolation - who can reach the memory that is mapped for a device
 * @NYX_ISOLATION_NONE: nothing is mapped: no device is attached, or the entry
 *	is blocked
 * @NYX_ISOLATION_STRICT: the devices of one group
 * @NYX_ISOLATION_SHARED: the devices of several groups, which share a domain,
 *	for example a VFIO container or an IOAS
 * @NYX_ISOLATION_UNMANAGED: the device has identity: it reaches all memory, like
 *	every other device with identity
 */
enum nyx_isolation {
	NYX_ISOLATION_NONE,
	NYX_ISOLATION_STRICT,
	NYX_ISOLATION_SHARED,
	NYX_ISOLATION_UNMANAGED,
};

enum nyx_isolation nyx_isolation(const struct nyx_domain *domain,
				 enum nyx_entry_kind kind);
const char *nyx_isolation_word(enum nyx_isolation isolation);

#endif /* NYX_ISOLATION_H */
