/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the driver: attaching devices, mapping and unmapping ranges,
 * flushing domains, faults, and devices that are cut off.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM nyx

#if !defined(_TRACE_NYX_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_NYX_H

#include <linux/iommu.h>
#include <linux/tracepoint.h>

#include <nyx/fault.h>
#include <nyx/pt.h>
#include <nyx/quarantine.h>
#include <nyx/unit.h>

/* Exports the values, so that tools that read binary traces know the names. */
TRACE_DEFINE_ENUM(NYX_ENTRY_BLOCKED);
TRACE_DEFINE_ENUM(NYX_ENTRY_IDENTITY);
TRACE_DEFINE_ENUM(NYX_ENTRY_TABLE);

TRACE_DEFINE_ENUM(NYX_ACTIVE);
TRACE_DEFINE_ENUM(NYX_QUARANTINED);
TRACE_DEFINE_ENUM(NYX_DISABLED);

TRACE_DEFINE_ENUM(NYX_CUT_FAULTS);
TRACE_DEFINE_ENUM(NYX_CUT_REQUESTER);
TRACE_DEFINE_ENUM(NYX_CUT_DOMAIN);
TRACE_DEFINE_ENUM(NYX_CUT_COMMAND);

TRACE_DEFINE_ENUM(NYX_ACCESS_READ);
TRACE_DEFINE_ENUM(NYX_ACCESS_WRITE);
TRACE_DEFINE_ENUM(NYX_ACCESS_EXECUTE);
TRACE_DEFINE_ENUM(NYX_ACCESS_ATOMIC);
TRACE_DEFINE_ENUM(NYX_ACCESS_INTERRUPT);
TRACE_DEFINE_ENUM(NYX_ACCESS_UNKNOWN);

TRACE_EVENT(nyx_attach,
	TP_PROTO(const char *dev, const char *unit, u32 domain, u16 domain_id,
		 int kind, int ret),

	TP_ARGS(dev, unit, domain, domain_id, kind, ret),

	TP_STRUCT__entry(
		__string(dev, dev)
		__string(unit, unit)
		__field(u32, domain)
		__field(u16, domain_id)
		__field(int, kind)
		__field(int, ret)
	),

	TP_fast_assign(
		__assign_str(dev);
		__assign_str(unit);
		__entry->domain = domain;
		__entry->domain_id = domain_id;
		__entry->kind = kind;
		__entry->ret = ret;
	),

	TP_printk("dev=%s unit=%s domain=%u domain_id=%u entry=%s ret=%d",
		  __get_str(dev), __get_str(unit), __entry->domain,
		  __entry->domain_id,
		  __print_symbolic(__entry->kind,
				   { NYX_ENTRY_BLOCKED, "blocked" },
				   { NYX_ENTRY_IDENTITY, "identity" },
				   { NYX_ENTRY_TABLE, "translated" }),
		  __entry->ret)
);

TRACE_EVENT(nyx_map,
	TP_PROTO(struct nyx_pt *pt, u64 iova, phys_addr_t paddr, u64 len,
		 int prot, int ret),

	TP_ARGS(pt, iova, paddr, len, prot, ret),

	TP_STRUCT__entry(
		__field(u32, domain)
		__field(u64, iova)
		__field(u64, paddr)
		__field(u64, len)
		__field(int, prot)
		__field(int, ret)
	),

	TP_fast_assign(
		__entry->domain = pt->id;
		__entry->iova = iova;
		__entry->paddr = paddr;
		__entry->len = len;
		__entry->prot = prot;
		__entry->ret = ret;
	),

	TP_printk("domain=%u iova=0x%llx paddr=0x%llx len=0x%llx prot=%s ret=%d",
		  __entry->domain, __entry->iova, __entry->paddr, __entry->len,
		  __print_flags(__entry->prot, "|",
				{ IOMMU_READ, "read" },
				{ IOMMU_WRITE, "write" },
				{ IOMMU_CACHE, "cache" },
				{ IOMMU_NOEXEC, "noexec" },
				{ IOMMU_MMIO, "mmio" }),
		  __entry->ret)
);

TRACE_EVENT(nyx_unmap,
	TP_PROTO(struct nyx_pt *pt, u64 iova, u64 len, size_t unmapped),

	TP_ARGS(pt, iova, len, unmapped),

	TP_STRUCT__entry(
		__field(u32, domain)
		__field(u64, iova)
		__field(u64, len)
		__field(u64, unmapped)
	),

	TP_fast_assign(
		__entry->domain = pt->id;
		__entry->iova = iova;
		__entry->len = len;
		__entry->unmapped = unmapped;
	),

	TP_printk("domain=%u iova=0x%llx len=0x%llx unmapped=0x%llx",
		  __entry->domain, __entry->iova, __entry->len,
		  __entry->unmapped)
);

TRACE_EVENT(nyx_flush,
	TP_PROTO(const char *unit, u16 domain_id, u64 start, u64 last,
		 bool leaf_only, bool map, int ret),

	TP_ARGS(unit, domain_id, start, last, leaf_only, map, ret),

	TP_STRUCT__entry(
		__string(unit, unit)
		__field(u16, domain_id)
		__field(u64, start)
		__field(u64, last)
		__field(bool, leaf_only)
		__field(bool, map)
		__field(int, ret)
	),

	TP_fast_assign(
		__assign_str(unit);
		__entry->domain_id = domain_id;
		__entry->start = start;
		__entry->last = last;
		__entry->leaf_only = leaf_only;
		__entry->map = map;
		__entry->ret = ret;
	),

	TP_printk("unit=%s domain_id=%u start=0x%llx last=0x%llx leaf_only=%d map=%d ret=%d",
		  __get_str(unit), __entry->domain_id, __entry->start,
		  __entry->last, __entry->leaf_only, __entry->map, __entry->ret)
);

TRACE_EVENT(nyx_fault,
	TP_PROTO(const char *unit, u16 segment, u16 rid, u64 iova, int access,
		 u16 code, const char *reason),

	TP_ARGS(unit, segment, rid, iova, access, code, reason),

	TP_STRUCT__entry(
		__string(unit, unit)
		__field(u16, segment)
		__field(u16, rid)
		__field(u64, iova)
		__field(int, access)
		__field(u16, code)
		__string(reason, reason)
	),

	TP_fast_assign(
		__assign_str(unit);
		__entry->segment = segment;
		__entry->rid = rid;
		__entry->iova = iova;
		__entry->access = access;
		__entry->code = code;
		__assign_str(reason);
	),

	TP_printk("unit=%s dev=%04x:%02x:%02x.%x iova=0x%llx access=%s code=0x%x reason=\"%s\"",
		  __get_str(unit), __entry->segment, __entry->rid >> 8,
		  (__entry->rid >> 3) & 0x1f, __entry->rid & 7, __entry->iova,
		  __print_symbolic(__entry->access,
				   { NYX_ACCESS_READ, "read" },
				   { NYX_ACCESS_WRITE, "write" },
				   { NYX_ACCESS_EXECUTE, "execute" },
				   { NYX_ACCESS_ATOMIC, "atomic" },
				   { NYX_ACCESS_INTERRUPT, "interrupt" },
				   { NYX_ACCESS_UNKNOWN, "unknown" }),
		  __entry->code, __get_str(reason))
);

TRACE_EVENT(nyx_quarantine,
	TP_PROTO(const char *dev, u32 domain, u32 faults, int state,
		 int reason),

	TP_ARGS(dev, domain, faults, state, reason),

	TP_STRUCT__entry(
		__string(dev, dev)
		__field(u32, domain)
		__field(u32, faults)
		__field(int, state)
		__field(int, reason)
	),

	TP_fast_assign(
		__assign_str(dev);
		__entry->domain = domain;
		__entry->faults = faults;
		__entry->state = state;
		__entry->reason = reason;
	),

	TP_printk("dev=%s domain=%u faults=%u state=%s reason=%s",
		  __get_str(dev), __entry->domain, __entry->faults,
		  __print_symbolic(__entry->state,
				   { NYX_ACTIVE, "ACTIVE" },
				   { NYX_QUARANTINED, "QUARANTINED" },
				   { NYX_DISABLED, "DISABLED" }),
		  __print_symbolic(__entry->reason,
				   { NYX_CUT_FAULTS, "faults" },
				   { NYX_CUT_REQUESTER, "requester" },
				   { NYX_CUT_DOMAIN, "domain" },
				   { NYX_CUT_COMMAND, "command" }))
);

#endif /* _TRACE_NYX_H */

#include <trace/define_trace.h>
