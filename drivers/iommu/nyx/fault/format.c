// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text output of faults: a sentence for the log, a line of columns for debugfs.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "format.h"
#include "lib/show.h"
#include "ring.h"

/* The word for each access in debugfs, and its phrase before an address. */
static const struct {
	const char *word;
	const char *phrase;
} accesses[] = {
	[NYX_ACCESS_READ] = { "read", "DMA read from" },
	[NYX_ACCESS_WRITE] = { "write", "DMA write to" },
	[NYX_ACCESS_EXECUTE] = { "execute", "instruction fetch from" },
	[NYX_ACCESS_ATOMIC] = { "atomic", "AtomicOp on" },
	[NYX_ACCESS_INTERRUPT] = { "interrupt", "interrupt request to" },
	[NYX_ACCESS_UNKNOWN] = { "unknown", "DMA to" },
};

/**
 * nyx_fault_describe() - format a fault as a sentence for the log
 * @buf: output buffer
 * @size: size of @buf in bytes; NYX_FAULT_SENTENCE is enough for every fault
 *	whose reason has at most 80 characters
 * @rec: the fault
 *
 * Context: Any.
 * Return: number of characters written, without the terminating NUL.
 */
int nyx_fault_describe(char *buf, size_t size,
		       const struct nyx_fault_record *rec)
{
	const struct nyx_fault *fault = &rec->fault;
	char address[20] = "no address", domain[12] = "none";
	char isolation[12] = "";
	char rid[16], requester[32] = "", phys[40] = "";
	char why[NYX_EXPLANATION_TEXT];

	snprintf(rid, sizeof(rid), "%04x:%02x:%02x.%x", rec->segment,
		 PCI_BUS_NUM(fault->rid), PCI_SLOT(fault->rid),
		 PCI_FUNC(fault->rid));
	/*
	 * The requester ID of a bridge or of an unknown device names no device.
	 */
	if (strcmp(rec->device, rid))
		snprintf(requester, sizeof(requester), "requester %s, ", rid);
	if (fault->has_iova)
		snprintf(address, sizeof(address), "0x%llx", fault->iova);
	else if (fault->has_index)
		snprintf(address, sizeof(address), "entry %u", fault->index);
	if (fault->has_phys)
		snprintf(phys, sizeof(phys), ", physical address 0x%llx",
			 fault->phys);
	if (rec->domain)
		snprintf(domain, sizeof(domain), "%u", rec->domain);
	if (rec->isolation)
		snprintf(isolation, sizeof(isolation), " %s",
			 nyx_isolation_word(rec->isolation));
	nyx_explanation_text(why, sizeof(why), &rec->explanation);

	return scnprintf(buf, size,
			 "%s: %s (%sdriver %s, domain %s%s): %s %s blocked: %s (code 0x%x%s)%s%s",
			 rec->unit,
			 *rec->device ? rec->device : "unknown device",
			 requester, *rec->driver ? rec->driver : "none", domain,
			 isolation, accesses[fault->access].phrase, address,
			 fault->reason, fault->code, phys, *why ? ": " : "",
			 why);
}

/**
 * nyx_fault_show_header() - print the line of column names
 * @m: output
 *
 * Context: Any.
 */
void nyx_fault_show_header(struct seq_file *m)
{
	seq_printf(m, "%8s %14s %-8s %-12s %-12s %-16s %6s %-9s %-9s %-18s %-6s %-6s %-8s %-11s %s\n",
		   "seq", "time_s", "unit", "requester", "device", "driver",
		   "domain", "isolation", "access", "iova", "index", "code",
		   "pasid", "explanation", "reason");
}

/**
 * nyx_fault_show() - print a fault as a line of columns
 * @m: output
 * @rec: the fault
 *
 * Unknown values are printed as "-", so that each column except the last is one
 * word.
 *
 * Context: Any.
 */
void nyx_fault_show(struct seq_file *m, const struct nyx_fault_record *rec)
{
	const struct nyx_fault *fault = &rec->fault;
	char why[NYX_EXPLANATION_TEXT];
	u32 ns;
	u64 s = div_u64_rem(rec->time_ns, NSEC_PER_SEC, &ns);

	seq_printf(m, "%8llu %7llu.%06u ", rec->seq, s, ns / 1000);
	nyx_show_word(m, 8, rec->unit);
	seq_printf(m, "%04x:%02x:%02x.%x ", rec->segment,
		   PCI_BUS_NUM(fault->rid), PCI_SLOT(fault->rid),
		   PCI_FUNC(fault->rid));
	nyx_show_word(m, 12, rec->device);
	nyx_show_word(m, 16, rec->driver);
	nyx_show_id(m, 6, rec->domain);
	nyx_show_word(m, 9, nyx_isolation_word(rec->isolation));
	nyx_show_word(m, 9, accesses[fault->access].word);
	if (fault->has_iova)
		seq_printf(m, "0x%016llx ", fault->iova);
	else
		nyx_show_word(m, 18, "-");
	if (fault->has_index)
		seq_printf(m, "0x%04x ", fault->index);
	else
		nyx_show_word(m, 6, "-");
	seq_printf(m, "0x%04x ", fault->code);
	if (fault->has_pasid)
		seq_printf(m, "0x%06x ", fault->pasid);
	else
		nyx_show_word(m, 8, "-");
	nyx_explanation_text(why, sizeof(why), &rec->explanation);
	nyx_show_word(m, 11, why);
	seq_puts(m, fault->reason);
	if (fault->has_phys)
		seq_printf(m, ", physical address 0x%llx", fault->phys);
	seq_putc(m, '\n');
}
