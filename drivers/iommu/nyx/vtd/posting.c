// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's description of a virtual CPU that gets posted interrupts.
 */
#include <linux/limits.h>
#include <linux/types.h>
#include <asm/irq_remapping.h>

#include <nyx/compat.h>
#include <nyx/intr.h>

#include "intr.h"

/**
 * vtd_intr_posting() - nyx_intr_ops.posting
 * @info: what the owner of the virtual CPU passes
 * @posting: set by this function
 *
 * Context: Any.
 * Return: false if the vector is not one.
 */
bool vtd_intr_posting(const void *info, struct nyx_intr_posting *posting)
{
	const struct nyx_vcpu_data *vcpu = info;

	if (vcpu->vector > U8_MAX)
		return false;
	posting->descriptor = vcpu->pi_desc_addr;
	posting->vector = vcpu->vector;
	return true;
}
