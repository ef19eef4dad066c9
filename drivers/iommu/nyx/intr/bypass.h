/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts that bypass remapping.
 */
#ifndef NYX_BYPASS_H
#define NYX_BYPASS_H

#include <linux/types.h>

struct nyx_device;
struct nyx_unit;

/**
 * struct nyx_bypass - an interrupt that bypasses remapping
 * @irq: Linux number; -1 for a device that may bypass remapping, but has no
 *	interrupt
 * @source: name of the device, I/O APIC or HPET
 * @unit: unit that serves the source; NULL if unknown
 * @chipset: the source is an I/O APIC or HPET, and not below a unit that stays off
 * @reason: why it bypasses remapping
 */
struct nyx_bypass {
	int irq;
	const char *source;
	const struct nyx_unit *unit;
	bool chipset;
	const char *reason;
};

typedef void nyx_bypass_visit(const struct nyx_bypass *bypass, void *arg);

bool nyx_bypass_device_sends(const struct nyx_device *ndev);
const char *nyx_bypass_refusal(const struct nyx_device *ndev);
bool nyx_bypass_device_may(struct nyx_device *ndev);
void nyx_bypass_for_each(nyx_bypass_visit *visit, void *arg);
bool nyx_bypass_chipset_does(const struct nyx_unit *unit);

#endif /* NYX_BYPASS_H */
