/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Links between domains and units.
 */
#ifndef NYX_LINK_H
#define NYX_LINK_H

struct nyx_device;
struct nyx_domain;
struct nyx_flush;
struct nyx_link;
struct nyx_unit;

struct nyx_link *nyx_domain_join(struct nyx_domain *domain,
				 struct nyx_unit *unit);
void nyx_domain_leave(struct nyx_domain *domain, struct nyx_device *ndev);
void nyx_domain_ats_add(struct nyx_domain *domain, struct nyx_device *ndev);
void nyx_domain_ats_del(struct nyx_domain *domain, struct nyx_device *ndev);
int nyx_domain_flush(struct nyx_domain *domain, struct nyx_flush *flush);

#endif /* NYX_LINK_H */
