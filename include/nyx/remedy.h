/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What to do when the module does not load, for the log: causes that several
 * places can meet. Each goes behind the cause and a colon.
 */
#ifndef NYX_REMEDY_H
#define NYX_REMEDY_H

/* There is no memory, or none in one piece. */
#define NYX_REMEDY_MEMORY "free memory, or load it earlier"

/* Firmware says what is not so. */
#define NYX_REMEDY_FIRMWARE \
	"switch the IOMMU on in the firmware's set-up, or update the firmware"

/* A unit that lacks what cannot be done without. */
#define NYX_REMEDY_LACK \
	"leave the IOMMU to the built-in driver, or switch it off in the firmware's set-up"

/* A unit that does not do what it is told. */
#define NYX_REMEDY_HANGS \
	"power the machine off and on; if that does not help, " NYX_REMEDY_LACK

#endif /* NYX_REMEDY_H */
