// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes fault recording registers (11.4.7.6).
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>

#include <nyx/fault.h>

#include "fault.h"
#include "regs.h"

/* Fault reasons: 5.1.4.1 for interrupt requests, else table 30 in 7.1.3. */
static const char *const vtd_fault_reasons[] = {
	[0x01] = "Present (P) field in root-entry is 0",
	[0x02] = "Present (P) field in context-entry is 0",
	[0x03] = "Invalid programming of context-entry",
	[0x04] = "Address beyond MGAW, AGAW or HAW",
	[0x05] = "Lack of write permission",
	[0x06] = "Lack of read permission",
	[0x07] = "Error accessing second-stage paging entry",
	[0x08] = "Error accessing root-entry",
	[0x09] = "Error accessing context-entry",
	[0x0a] = "Non-zero reserved field in root-entry",
	[0x0b] = "Non-zero reserved field in context-entry",
	[0x0c] = "Non-zero reserved field in second-stage paging entry",
	[0x0d] = "Translation Type (TT) field in context-entry blocks the request",
	[0x0e] = "Output address in interrupt address range",

	[0x20] = "Non-zero reserved field in remappable interrupt request",
	[0x21] = "interrupt_index exceeds interrupt-remapping table size",
	[0x22] = "Present (P) field in IRTE is 0",
	[0x23] = "Error accessing interrupt-remapping table",
	[0x24] = "Non-zero reserved field in IRTE",
	[0x25] = "Compatibility format interrupt request blocked",
	[0x26] = "Source-id verification of interrupt request failed",
	[0x27] = "Error accessing Posted Interrupt Descriptor",
	[0x28] = "Non-zero reserved field in Posted Interrupt Descriptor",
	[0x29] = "Untranslated request to interrupt address range is no valid interrupt",
	[0x2a] = "Extended Interrupt Mode Enable (EIME) field is 0 where it is required",
	[0x2b] = "Interrupt request while interrupt remapping, which is required, is disabled",

	[0x30] = "Invalid programming of Root Table Address Register",
	[0x31] = "Request-with-PASID in legacy mode",
	[0x32] = "Page request in legacy mode",
	[0x33] = "Request in abort-dma mode",
	[0x34] = "Request-with-PASID with Execute-Requested (ER) field set",
	[0x38] = "Error accessing scalable-mode root-entry",
	[0x39] = "Present (P) field in scalable-mode root-entry is 0",
	[0x3a] = "Non-zero reserved field in scalable-mode root-entry",

	[0x40] = "Error accessing scalable-mode context-entry",
	[0x41] = "Present (P) field in scalable-mode context-entry is 0",
	[0x42] = "Non-zero reserved field in scalable-mode context-entry",
	[0x43] = "Invalid programming of scalable-mode context-entry",
	[0x44] = "Device-TLB Enable (DTE) field in scalable-mode context-entry is 0",
	[0x45] = "PASID Enable (PASIDE) field in scalable-mode context-entry is 0",
	[0x46] = "PASID larger than PDTS field in scalable-mode context-entry supports",
	[0x47] = "Page Request Enable (PRE) field in scalable-mode context-entry is 0",
	[0x48] = "PASID matches RID_PASID in scalable-mode context-entry",
	[0x49] = "Enable PASID in Translated Requests (EPTR) field is 0",

	[0x50] = "Error accessing scalable-mode PASID-directory entry",
	[0x51] = "Present (P) field in scalable-mode PASID-directory entry is 0",
	[0x52] = "Non-zero reserved field in scalable-mode PASID-directory entry",
	[0x58] = "Error accessing scalable-mode PASID-table entry",
	[0x59] = "Present (P) field in scalable-mode PASID-table entry is 0",
	[0x5a] = "Non-zero reserved field in scalable-mode PASID-table entry",
	[0x5b] = "Invalid programming of scalable-mode PASID-table entry",
	[0x5c] = "Execute-Requested (ER) field set without Execute Requests Support",
	[0x5d] = "Supervisor Requests Enable (SRE) field in scalable-mode PASID-table entry is 0",
	[0x60] = "Translated request beyond size of Host Permission Table",

	[0x70] = "Error accessing first-stage paging entry",
	[0x71] = "Present (P) field in first-stage paging entry is 0",
	[0x72] = "Non-zero reserved field in first-stage paging entry",
	[0x73] = "Error accessing FS-PML4 or FS-PML5 entry",
	[0x74] = "Address in first-stage paging entry beyond MGAW or AGAW",
	[0x75] = "Lack of second-stage read permission for FS-PML4 or FS-PML5 entry",
	[0x76] = "Lack of second-stage read permission for first-stage paging entry",
	[0x77] = "Lack of second-stage write permission for flags of first-stage paging entry",
	[0x78] = "Error accessing second-stage paging entry in scalable mode",
	[0x79] = "Second-stage paging entry grants neither read nor write",
	[0x7a] = "Non-zero reserved field in second-stage paging entry in scalable mode",
	[0x7b] = "Error accessing second-stage paging entry through SSPTPTR field",
	[0x7c] = "A/D bit of second-stage paging entry needs update without snooping",
	[0x7d] = "Failed to update A/D bit of second-stage paging entry",

	[0x80] = "Input-address is not canonical",
	[0x81] = "User privilege request to supervisor first-stage paging entry",
	[0x83] = "Input-address beyond Host Address Width (HAW)",
	[0x84] = "Input-address beyond MGAW or AGAW in scalable mode",
	[0x85] = "Lack of write permission in scalable mode",
	[0x86] = "Lack of read permission in scalable mode",
	[0x87] = "Output address in interrupt address range in scalable mode",
	[0x89] = "PASID larger than PASID Size Supported (PSS)",

	[0x90] = "A/D bit of first-stage paging entry needs update without snooping",
	[0x91] = "Failed to update flags of first-stage paging entry",

	[0xa0] = "Error accessing HPT entry",
	[0xa1] = "Non-zero reserved field in HPT entry",
	[0xa2] = "Error accessing HPT entry through HPT root",
	[0xa3] = "HPT walk ended without permission",
	[0xa4] = "Lack of write permission in HPT",
	[0xa5] = "Lack of read permission in HPT",
};

/* Decodes T1 and T2; EXE is valid only with a PASID (11.4.7.6). */
static enum nyx_access vtd_fault_access(u64 hi)
{
	bool t2 = hi & VTD_FRCD_HI_T2;

	if (!(hi & VTD_FRCD_HI_T1))
		return t2 ? NYX_ACCESS_UNKNOWN : NYX_ACCESS_WRITE;
	if (t2)
		return NYX_ACCESS_ATOMIC;
	if ((hi & VTD_FRCD_HI_PP) && (hi & VTD_FRCD_HI_EXE))
		return NYX_ACCESS_EXECUTE;
	return NYX_ACCESS_READ;
}

/**
 * vtd_fault_decode() - decode a fault recording register (11.4.7.6)
 * @lo: bits 63:0 of the Fault Recording Register
 * @hi: bits 127:64
 * @fault: filled in
 *
 * A page request gives NYX_ACCESS_UNKNOWN, because the unit does not record its
 * access type.
 *
 * Context: Any.
 */
void vtd_fault_decode(u64 lo, u64 hi, struct nyx_fault *fault)
{
	u8 reason = FIELD_GET(VTD_FRCD_HI_FR, hi);

	*fault = (struct nyx_fault) {
		.rid = FIELD_GET(VTD_FRCD_HI_SID, hi),
		.code = reason,
	};
	if (reason < ARRAY_SIZE(vtd_fault_reasons))
		fault->reason = vtd_fault_reasons[reason];
	if (!fault->reason)
		fault->reason = "Reserved fault reason";

	/* Interrupts have no type and no PASID; FI holds at most the index. */
	if (reason >= VTD_FR_INTR_FIRST && reason <= VTD_FR_INTR_LAST) {
		fault->access = NYX_ACCESS_INTERRUPT;
		fault->has_index = reason != VTD_FR_INTR_COMPAT &&
				   reason < VTD_FR_INTR_NO_INDEX;
		if (fault->has_index)
			fault->index = FIELD_GET(VTD_FRCD_LO_INDEX, lo);
		return;
	}
	fault->access = vtd_fault_access(hi);
	fault->iova = lo & VTD_FRCD_LO_FI;
	fault->has_iova = true;
	fault->has_pasid = hi & VTD_FRCD_HI_PP;
	if (fault->has_pasid)
		fault->pasid = FIELD_GET(VTD_FRCD_HI_PV, hi);
}
