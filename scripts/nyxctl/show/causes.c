// SPDX-License-Identifier: GPL-2.0-only
/*
 * What causes faults, by the explanation that the module gives. Documentation/debugfs.md
 * lists the explanations.
 */
#include <stdlib.h>
#include <string.h>

#include "causes.h"
#include "nyxctl.h"

/* Found anywhere in the explanation. The first one that is found applies. */
static const struct cause by_explanation[] = {
	{ "mapped with sufficient permissions", "the address is accessible now",
	  "The device may access the address now. Either it was mapped just after the "
	  "access, so the driver started the device too early, or the unit refused the "
	  "request for the reason above.",
	  "Look for a driver that gives the device an address before dma_map_*() has "
	  "returned." },
	{ "mapped read-only", "write to a read-only mapping",
	  "The driver mapped the buffer for reading, and the device wrote to it: the "
	  "direction that the driver passed to the DMA API is wrong.",
	  "Report it to the authors of the driver: the mapping needs DMA_FROM_DEVICE or "
	  "DMA_BIDIRECTIONAL." },
	{ "mapped write-only", "read from a write-only mapping",
	  "The driver mapped the buffer for writing, and the device read from it: the "
	  "direction that the driver passed to the DMA API is wrong.",
	  "Report it to the authors of the driver: the mapping needs DMA_TO_DEVICE or "
	  "DMA_BIDIRECTIONAL." },
	{ "past the end of", "past the end of a buffer",
	  "The device continued past the end of a buffer: the length that the driver "
	  "gave it is too large, or the device reads ahead.",
	  "Report it to the authors of the driver with the function above, which mapped "
	  "the buffer." },
	{ "before the start of", "before the start of a buffer",
	  "The device accessed memory before a buffer: the address that the driver gave "
	  "it is too low.",
	  "Report it to the authors of the driver with the function above, which mapped "
	  "the buffer." },
	{ "unmapped ", "buffer used after its unmap",
	  "The device used a buffer after the driver had unmapped it. Without an IOMMU "
	  "it would have read or overwritten memory that may belong to somebody else.",
	  "Report it to the authors of the driver with the function above, which "
	  "unmapped the buffer: it must wait until the device has finished." },
	{ "physical address of", "physical address used",
	  "The driver gave the device a physical address, where it must give it the "
	  "address that the DMA API returned.",
	  "Report it to the authors of the driver with the function above, which mapped "
	  "the page." },
	{ "mapped in domain", "address of another device",
	  "The address is valid for another device. The driver may have mixed up two "
	  "devices, or this is a coincidence, because domains use the same addresses.",
	  "Compare with the drivers of both devices." },
	{ "never mapped", "never mapped",
	  "The driver has never mapped this address for the device. The device may use "
	  "an address from before the driver started, for example one that firmware gave "
	  "it, or a value that is no address.",
	  "If the device has no driver, firmware left it running: look for an update of "
	  "the firmware, or disable the device there." },
	{ "not mapped in the last", "not mapped recently",
	  "Operations that are older than the recorded ones may have mapped and unmapped "
	  "the address.",
	  "Record more operations: see the parameter forensics_records." },
	{ "not mapped", "not mapped, nothing recorded",
	  "Operations on the device's domain are not recorded, so it is not known "
	  "whether the address was ever mapped.",
	  "Run nyxctl forensics on, and cause the fault again." },
};

/* Found anywhere in the reason, for faults without an explanation: those without address. */
static const struct cause by_reason[] = {
	{ "page not present", "page not present",
	  "The device used an address that is not mapped for it. The unit did not report "
	  "the address, so the operations on it cannot be found.",
	  "Find out what the driver did at that time, with tracepoints: see "
	  "Documentation/tracing.md." },
	{ "lack of permission", "lack of permission",
	  "The device wrote to memory that is mapped for reading only, or read from memory "
	  "that is mapped for writing only. The unit did not report the address.",
	  "Look for a wrong direction in the calls of the DMA API by the driver." },
};

static const struct cause interrupt = {
	NULL,
	"interrupt of another device",
	"The device sent an interrupt that does not belong to it, or whose table entry "
	"is gone: a driver that freed the interrupt before it stopped the device, or a "
	"device that forges interrupts.",
	"If the driver was just unbound, this is harmless. Otherwise do not pass the "
	"device to a virtual machine.",
};

static const struct cause unknown = {
	NULL,
	NULL,
	"The reason code above is all that the unit reports.",
	"Look the code up in the specification of the unit, and see dmesg.",
};

static const struct cause *search(const struct cause *causes, size_t count, const char *text)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strstr(text, causes[i].known))
			return &causes[i];
	return NULL;
}

/**
 * cause_of() - find the likely cause of a fault
 * @faults: the table of faults
 * @row: number of the row of the fault
 *
 * Return: the cause; never NULL.
 */
const struct cause *cause_of(const struct table *faults, size_t row)
{
	char *text = with_blanks("explanation", table_cell(faults, row, "explanation"));
	const struct cause *found;

	if (table_is(faults, row, "access", "interrupt"))
		found = &interrupt;
	else if (strcmp(text, "-"))
		found = search(by_explanation, COUNT_OF(by_explanation), text);
	else
		found = search(by_reason, COUNT_OF(by_reason),
			       table_cell(faults, row, "reason"));
	free(text);
	return found ? found : &unknown;
}
