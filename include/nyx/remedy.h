/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Remedies that several log messages share. A message names the cause, then,
 * after a colon, the remedy.
 */
#ifndef NYX_REMEDY_H
#define NYX_REMEDY_H

/* An allocation failed, perhaps because memory is fragmented. */
#define NYX_REMEDY_MEMORY "free memory, or load the module earlier"

/* A table of the firmware contradicts the hardware. */
#define NYX_REMEDY_FIRMWARE \
	"enable the IOMMU in the firmware setup, or update the firmware"

/* A unit lacks a required capability. */
#define NYX_REMEDY_LACK \
	"use the built-in driver, or disable the IOMMU in the firmware setup"

/* A unit does not respond to a command. */
#define NYX_REMEDY_HANGS \
	"power the machine off and on; if that does not help, " NYX_REMEDY_LACK

#endif /* NYX_REMEDY_H */
