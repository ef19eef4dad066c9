// SPDX-License-Identifier: GPL-2.0-only
/* What IOMMU groups mean for virtual machines. */
#include <stdlib.h>

#include "base/acs.h"
#include "base/pcidev.h"
#include "doctor.h"
#include "nyxctl.h"

#define SHOWN 3			/* names in a finding */

/* The devices of a group that a virtual machine may get. */
static struct names members_of(const char *group)
{
	struct names all = names_in("kernel/iommu_groups/%s/devices", group);
	struct names members = { 0 };
	size_t i;

	for (i = 0; i < all.count; i++)
		if (!pcidev_is_bridge(all.name[i]))
			names_add(&members, all.name[i]);
	names_free(&all);
	return members;
}

static void check_group(struct findings *findings, const char *group)
{
	struct names members = members_of(group);
	char *gap, *text;

	if (members.count > 1) {
		gap = acs_gap(members.name[0]);
		text = names_join(&members, SHOWN);
		found(findings, NOTE,
		      text_of("group %s has %zu devices: %s%s%s", group, members.count, text,
			      gap ? "; " : "", gap ? gap : ""),
		      text_of("assign them to the same virtual machine, or use other slots"));
		free(text);
		free(gap);
	}
	names_free(&members);
}

/**
 * doctor_groups() - find groups with several devices
 * @findings: a list, to which what is found is added
 * @state: not used
 */
void doctor_groups(struct findings *findings, const struct state *state)
{
	struct names groups = names_in("kernel/iommu_groups");
	size_t i;

	(void)state;
	for (i = 0; i < groups.count; i++)
		check_group(findings, groups.name[i]);
	names_free(&groups);
}

/**
 * doctor_reserved() - find groups that VFIO refuses because of reserved memory
 * @findings: a list, to which what is found is added
 * @state: not used
 */
void doctor_reserved(struct findings *findings, const struct state *state)
{
	struct names groups = names_in("kernel/iommu_groups"), members;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < groups.count; i++) {
		if (!group_is_reserved(groups.name[i]))
			continue;
		members = members_of(groups.name[i]);
		text = names_join(&members, SHOWN);
		found(findings, NOTE,
		      text_of("VFIO refuses group %s (%s): firmware reserved memory for it",
			      groups.name[i], text),
		      text_of("if firmware does not use the device, load the module with "
			      "relax_reserved and its name"));
		free(text);
		names_free(&members);
	}
	names_free(&groups);
}
