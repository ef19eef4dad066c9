/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a unit needs for identity: a domain ID, and a 1:1 table if it cannot pass
 * requests through.
 */
#ifndef NYX_IDENTITY_H
#define NYX_IDENTITY_H

struct nyx_unit;

int nyx_identity_init(struct nyx_unit *unit);
void nyx_identity_exit(struct nyx_unit *unit);

#endif /* NYX_IDENTITY_H */
