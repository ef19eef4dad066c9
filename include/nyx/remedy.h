/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Remedies that several log messages share, and messages that are the same for
 * all vendors. A message names the cause, then, after a colon, the remedy.
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

/* A unit is in a state that only a loss of power ends. */
#define NYX_REMEDY_POWER "power the machine off and on"

/* A unit does not respond to a command. */
#define NYX_REMEDY_HANGS \
	NYX_REMEDY_POWER "; if that does not help, " NYX_REMEDY_LACK

/*
 * Formats of messages about a unit. The first argument is the unit's name.
 */

/* Address of the registers. @table is the signature of the ACPI table. */
#define NYX_LOG_NO_RESPONSE(table) \
	"%s: no response at %pa: the " table " table is wrong, or firmware disabled the unit: " \
	NYX_REMEDY_FIRMWARE "\n"

/* The capability that is missing or wrong. */
#define NYX_LOG_NOT_SUPPORTED \
	"%s: not supported: it has %s: " NYX_REMEDY_LACK "\n"

/* All three: the function that is enabled. The second: the reason. */
#define NYX_LOG_TAKEOVER \
	"%s: firmware or an earlier kernel left %s enabled: taking the unit over\n"

#define NYX_LOG_NO_TAKEOVER \
	"%s: firmware or an earlier kernel left %s enabled, and %s: the unit stays as it is: power the machine off and on; if that does not help, disable DMA protection in the firmware setup\n"

#define NYX_LOG_TAKEOVER_OFF \
	"%s: firmware or an earlier kernel left %s enabled, and takeover=0: load without takeover=0, or power the machine off and on\n"

#define NYX_LOG_NO_TABLES \
	"%s: no memory for its tables: " NYX_REMEDY_MEMORY "\n"

/* The error of the kernel's interrupt code. */
#define NYX_LOG_NO_FAULT_IRQ \
	"%s: no fault interrupt (%d): no free vector or no memory: unbind devices, or load the module earlier\n"

#define NYX_LOG_STUCK \
	"%s: may still access its memory, which is therefore not freed\n"

#endif /* NYX_REMEDY_H */
