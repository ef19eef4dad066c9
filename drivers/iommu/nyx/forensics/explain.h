/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Explanations of faults: why an address of a domain was not accessible.
 */
#ifndef NYX_FORENSICS_EXPLAIN_H
#define NYX_FORENSICS_EXPLAIN_H

#include <linux/types.h>

struct nyx_device;
struct nyx_fault;

/**
 * enum nyx_why - explanation of a fault
 * @NYX_WHY_NONE: not explained
 * @NYX_WHY_MAPPED: the address is mapped with sufficient permissions. Either the
 *	fault has another reason, or the address was mapped after it
 * @NYX_WHY_READ_ONLY: the address is mapped, but not for writes
 * @NYX_WHY_WRITE_ONLY: the address is mapped, but not for reads
 * @NYX_WHY_UNMAPPED: the address was unmapped
 * @NYX_WHY_PAST_END: a mapping ends less than a page before the address
 * @NYX_WHY_BEFORE_START: a mapping starts at most a page after the address
 * @NYX_WHY_PHYSICAL: the address is the physical address of a mapped page
 * @NYX_WHY_PAST_UNMAPPED: a mapping that was unmapped ended less than a page before
 *	the address
 * @NYX_WHY_OTHER_DOMAIN: the address is mapped in the domain of another device
 * @NYX_WHY_NEVER_MAPPED: the address was never mapped
 * @NYX_WHY_NOT_RECENTLY: the address was not mapped since the oldest operation
 *	that is known
 * @NYX_WHY_NOT_MAPPED: the address is not mapped; nothing is recorded about it
 */
enum nyx_why {
	NYX_WHY_NONE,
	NYX_WHY_MAPPED,
	NYX_WHY_READ_ONLY,
	NYX_WHY_WRITE_ONLY,
	NYX_WHY_UNMAPPED,
	NYX_WHY_PAST_END,
	NYX_WHY_BEFORE_START,
	NYX_WHY_PHYSICAL,
	NYX_WHY_PAST_UNMAPPED,
	NYX_WHY_OTHER_DOMAIN,
	NYX_WHY_NEVER_MAPPED,
	NYX_WHY_NOT_RECENTLY,
	NYX_WHY_NOT_MAPPED,
};

/**
 * struct nyx_explanation - explanation of a fault
 * @why: the explanation; it determines which of the other members are set
 * @recorded: the map or unmap in question is recorded: @caller, @cpu, @size and
 *	@ago_ns describe it
 * @caller: the function that mapped or unmapped, and the place in it; "" if it
 *	is not known. As text, because its module may be unloaded later
 * @cpu: CPU on which that was done
 * @size: size of the range in bytes; with NYX_WHY_PAST_UNMAPPED of the mapping
 * @ago_ns: time from the operation to the fault; with NYX_WHY_NOT_RECENTLY from
 *	the oldest operation
 * @flushed: all units have confirmed the invalidation of what was unmapped
 * @flushed_ago_ns: time from the confirmation to the fault
 * @distance: bytes from the end of the mapping to the address, or from the
 *	address to its start. The address of a fault may be that of its page: then
 *	0 or 4096
 * @iova: with NYX_WHY_PHYSICAL: where the page is mapped
 * @domain: with NYX_WHY_OTHER_DOMAIN: number of that domain
 * @device: with NYX_WHY_OTHER_DOMAIN: name of a device that is attached to it
 */
struct nyx_explanation {
	enum nyx_why why;
	bool recorded;
	char caller[64];
	unsigned int cpu;
	u64 size;
	u64 ago_ns;
	bool flushed;
	u64 flushed_ago_ns;
	u64 distance;
	u64 iova;
	u32 domain;
	char device[24];
};

/* Size of the buffer for nyx_explanation_text(). */
#define NYX_EXPLANATION_TEXT 224

void nyx_explain(struct nyx_device *ndev, const struct nyx_fault *fault,
		 u64 now_ns, struct nyx_explanation *ex);

/* text.c */
int nyx_explanation_text(char *buf, size_t size,
			 const struct nyx_explanation *ex);

#endif /* NYX_FORENSICS_EXPLAIN_H */
