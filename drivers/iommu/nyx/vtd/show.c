// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints registers, capabilities and context entries for debugfs, with the
 * field names of the specification.
 */
#include <linux/seq_file.h>

#include "lib/register_dump.h"

#include "caps.h"
#include "context.h"
#include "scalable.h"
#include "show.h"
#include "unit_ops.h"
#include "vtd.h"

static const struct nyx_field vtd_gsts_fields[] = {
	{ "TES", VTD_GCMD_TE },
	{ "RTPS", VTD_GCMD_SRTP },
	{ "WBFS", VTD_GCMD_WBF },
	{ "QIES", VTD_GCMD_QIE },
	{ "IRES", VTD_GCMD_IRE },
	{ "IRTPS", VTD_GCMD_SIRTP },
	{ "CFIS", VTD_GCMD_CFI },
	{ }
};

static const struct nyx_field vtd_rtaddr_fields[] = {
	{ "TTM", VTD_RTADDR_TTM },
	{ }
};

static const struct nyx_field vtd_ccmd_fields[] = {
	{ "ICC", VTD_CCMD_ICC },
	{ "CIRG", VTD_CCMD_CIRG },
	{ "CAIG", VTD_CCMD_CAIG },
	{ }
};

static const struct nyx_field vtd_fsts_fields[] = {
	{ "PFO", VTD_FSTS_PFO },
	{ "PPF", VTD_FSTS_PPF },
	{ "IQE", VTD_FSTS_IQE },
	{ "ICE", VTD_FSTS_ICE },
	{ "ITE", VTD_FSTS_ITE },
	{ "FRI", VTD_FSTS_FRI },
	{ }
};

static const struct nyx_field vtd_fectl_fields[] = {
	{ "IM", VTD_FECTL_IM },
	{ "IP", VTD_FECTL_IP },
	{ }
};

static const struct nyx_field vtd_pmen_fields[] = {
	{ "EPM", VTD_PMEN_EPM },
	{ "PRS", VTD_PMEN_PRS },
	{ }
};

/* In units of 16 bytes, also if descriptors have 32 (IQA.DW). */
static const struct nyx_field vtd_iq_fields[] = {
	{ "offset", VTD_IQ_OFFSET },
	{ }
};

static const struct nyx_field vtd_iqa_fields[] = {
	{ "QS", VTD_IQA_QS },
	{ "DW", VTD_IQA_DW },
	{ }
};

static const struct nyx_field vtd_irta_fields[] = {
	{ "S", VTD_IRTA_S },
	{ "EIME", VTD_IRTA_EIME },
	{ }
};

static const struct nyx_field vtd_iqercd_fields[] = {
	{ "IQEI", VTD_IQERCD_IQEI },
	{ "ITESID", VTD_IQERCD_ITESID },
	{ "ICESID", VTD_IQERCD_ICESID },
	{ }
};

/* Both halves of a fault recording register */
static const struct nyx_field vtd_frcd_lo_fields[] = {
	{ "FI", VTD_FRCD_LO_FI },
	{ }
};

static const struct nyx_field vtd_frcd_hi_fields[] = {
	{ "SID", VTD_FRCD_HI_SID },
	{ "T2", VTD_FRCD_HI_T2 },
	{ "PRIV", VTD_FRCD_HI_PRIV },
	{ "EXE", VTD_FRCD_HI_EXE },
	{ "PP", VTD_FRCD_HI_PP },
	{ "FR", VTD_FRCD_HI_FR },
	{ "PV", VTD_FRCD_HI_PV },
	{ "AT", VTD_FRCD_HI_AT },
	{ "T1", VTD_FRCD_HI_T1 },
	{ "F", VTD_FRCD_HI_F },
	{ }
};

/* Both halves of a context entry */
static const struct nyx_field vtd_context_lo_fields[] = {
	{ "P", VTD_CTX_LO_P },
	{ "FPD", VTD_CTX_LO_FPD },
	{ "TT", VTD_CTX_LO_TT },
	{ "SSPTPTR", VTD_CTX_LO_SSPTPTR },
	{ }
};

static const struct nyx_field vtd_context_hi_fields[] = {
	{ "AW", VTD_CTX_HI_AW },
	{ "DID", VTD_CTX_HI_DID },
	{ }
};

/* The lowest quadword of a scalable-mode context entry */
static const struct nyx_field vtd_scalable_context_fields[] = {
	{ "P", VTD_SM_CTX_P },
	{ "FPD", VTD_SM_CTX_FPD },
	{ "DTE", VTD_SM_CTX_DTE },
	{ "PASIDE", VTD_SM_CTX_PASIDE },
	{ "PRE", VTD_SM_CTX_PRE },
	{ "PDTS", VTD_SM_CTX_PDTS },
	{ "PASIDDIRPTR", VTD_SM_CTX_PASIDDIRPTR },
	{ }
};

/* The two lowest quadwords of a PASID-table entry */
static const struct nyx_field vtd_pasid_lo_fields[] = {
	{ "PASID.P", VTD_PASID_LO_P },
	{ "PASID.FPD", VTD_PASID_LO_FPD },
	{ "AW", VTD_PASID_LO_AW },
	{ "PGTT", VTD_PASID_LO_PGTT },
	{ "SSADE", VTD_PASID_LO_SSADE },
	{ "SSPTPTR", VTD_PASID_LO_SSPTPTR },
	{ }
};

static const struct nyx_field vtd_pasid_hi_fields[] = {
	{ "DID", VTD_PASID_HI_DID },
	{ "PWSNP", VTD_PASID_HI_PWSNP },
	{ "PGSNP", VTD_PASID_HI_PGSNP },
	{ }
};

/* Bits 191:128 */
static const struct nyx_field vtd_pasid_first_fields[] = {
	{ "SRE", VTD_PASID_FS_SRE },
	{ "FSPM", VTD_PASID_FS_FSPM },
	{ "WPE", VTD_PASID_FS_WPE },
	{ "EAFE", VTD_PASID_FS_EAFE },
	{ "FSPTPTR", VTD_PASID_FS_FSPTPTR },
	{ }
};

static const struct nyx_reg vtd_regs[] = {
	{ "VER", VTD_VER_REG, false, vtd_ver_fields },
	{ "CAP", VTD_CAP_REG, true },
	{ "ECAP", VTD_ECAP_REG, true },
	{ "GSTS", VTD_GSTS_REG, false, vtd_gsts_fields },
	{ "RTADDR", VTD_RTADDR_REG, true, vtd_rtaddr_fields },
	{ "CCMD", VTD_CCMD_REG, true, vtd_ccmd_fields },
	{ "FSTS", VTD_FSTS_REG, false, vtd_fsts_fields },
	{ "FECTL", VTD_FECTL_REG, false, vtd_fectl_fields },
	{ "FEDATA", VTD_FEDATA_REG, false },
	{ "FEADDR", VTD_FEADDR_REG, false },
	{ "FEUADDR", VTD_FEUADDR_REG, false },
	{ "PMEN", VTD_PMEN_REG, false, vtd_pmen_fields },
	{ "PLMBASE", VTD_PLMBASE_REG, false },
	{ "PLMLIMIT", VTD_PLMLIMIT_REG, false },
	{ "PHMBASE", VTD_PHMBASE_REG, true },
	{ "PHMLIMIT", VTD_PHMLIMIT_REG, true },
	{ "IQH", VTD_IQH_REG, true, vtd_iq_fields },
	{ "IQT", VTD_IQT_REG, true, vtd_iq_fields },
	{ "IQA", VTD_IQA_REG, true, vtd_iqa_fields },
	{ "ICS", VTD_ICS_REG, false },
	{ "IECTL", VTD_IECTL_REG, false },
	{ "IQERCD", VTD_IQERCD_REG, true, vtd_iqercd_fields },
	{ "IRTA", VTD_IRTA_REG, true, vtd_irta_fields },
};

static void vtd_show_frcd(struct seq_file *m, size_t i, u32 offset, u64 lo,
			  u64 hi)
{
	const char *sep;

	seq_printf(m, "FRCD%-4zu 0x%03x %#018llx+%#018llx ", i, offset, lo, hi);
	sep = nyx_show_fields(m, vtd_frcd_lo_fields, lo, "");
	nyx_show_fields(m, vtd_frcd_hi_fields, hi, sep);
	seq_putc(m, '\n');
}

/**
 * vtd_show_window() - print the registers of a unit
 * @regs: the registers, at least vtd_caps_window() bytes
 * @cap: Capability Register
 * @m: the file to print to
 *
 * Only reads registers without side effects.
 *
 * Context: May sleep.
 */
void vtd_show_window(const void __iomem *regs, u64 cap, struct seq_file *m)
{
	u32 frcd = vtd_caps_frcd(cap);
	u32 nr = vtd_caps_nr_frcd(cap);
	size_t i;

	nyx_show_register_header(m);
	for (i = 0; i < ARRAY_SIZE(vtd_regs); i++)
		nyx_show_register(m, &vtd_regs[i], vtd_regs[i].quad ?
				  readq(regs + vtd_regs[i].offset) :
				  readl(regs + vtd_regs[i].offset));
	for (i = 0; i < nr; i++, frcd += VTD_FRCD_SIZE)
		vtd_show_frcd(m, i, frcd, readq(regs + frcd),
			      readq(regs + frcd + 8));
}

/**
 * vtd_show_caps() - print capability registers
 * @ver: Version Register
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 * @intr: what the driver does with interrupts
 * @m: the file to print to
 *
 * Context: May sleep.
 */
void vtd_show_caps(u32 ver, u64 cap, u64 ecap, const char *intr,
		   struct seq_file *m)
{
	nyx_show_capability_header(m);
	nyx_show_capability(m, "VER", vtd_ver_fields, ver);
	nyx_show_capability(m, "CAP", vtd_cap_fields, cap);
	nyx_show_capability(m, "ECAP", vtd_ecap_fields, ecap);
	nyx_show_capability_word(m, "intr", intr);
}

/**
 * vtd_show_registers() - nyx_unit_ops.show_registers
 * @unit: the unit
 * @m: the file to print to
 *
 * Context: May sleep.
 */
void vtd_show_registers(struct nyx_unit *unit, struct seq_file *m)
{
	const struct vtd_unit *vu = to_vtd_unit(unit);

	vtd_show_window(vu->regs, vu->cap, m);
}

/**
 * vtd_show_capabilities() - nyx_unit_ops.show_capabilities
 * @unit: the unit
 * @m: the file to print to
 *
 * Context: May sleep.
 */
void vtd_show_capabilities(struct nyx_unit *unit, struct seq_file *m)
{
	const struct vtd_unit *vu = to_vtd_unit(unit);

	vtd_show_caps(vu->ver, vu->cap, vu->ecap, vu->unit.intr.on ?
		      "remapped" : vu->unit.intr.why_off ?: "off", m);
}

static void vtd_show_context(const struct vtd_context *context,
			     struct seq_file *m)
{
	u64 lo = READ_ONCE(context->lo), hi = READ_ONCE(context->hi);
	const char *sep;

	seq_printf(m, "%#018llx+%#018llx ", lo, hi);
	sep = nyx_show_fields(m, vtd_context_lo_fields, lo, "");
	nyx_show_fields(m, vtd_context_hi_fields, hi, sep);
}

/* The unit reads the PASID-table entry only if the context entry is present. */
static void vtd_show_scalable(const struct vtd_scalable_context *context,
			      struct seq_file *m)
{
	struct vtd_scalable val = vtd_scalable_read(context);
	u64 lo = READ_ONCE(context->lo);
	const char *sep;

	if (!vtd_scalable_present(&val)) {
		seq_printf(m, "%#018llx ", lo);
		nyx_show_fields(m, vtd_scalable_context_fields, lo, "");
		return;
	}
	seq_printf(m, "%#018llx+%#018llx+%#018llx", lo, val.lo, val.hi);
	if (val.first)
		seq_printf(m, "+%#018llx", val.first);
	seq_putc(m, ' ');
	sep = nyx_show_fields(m, vtd_scalable_context_fields, lo, "");
	sep = nyx_show_fields(m, vtd_pasid_lo_fields, val.lo, sep);
	sep = nyx_show_fields(m, vtd_pasid_hi_fields, val.hi, sep);
	if (val.first)
		nyx_show_fields(m, vtd_pasid_first_fields, val.first, sep);
}

/**
 * vtd_show_entry() - nyx_unit_ops.show_entry
 * @unit: the unit
 * @rid: source-id
 * @m: the file to print to
 *
 * In scalable mode, prints the lowest quad of the context entry, which alone is not 0,
 * and then the two lowest of the PASID-table entry, or three with a first-stage table.
 *
 * Reads the quads one after the other and without a lock, so an entry that is being
 * changed may show old and new ones.
 *
 * Context: Any.
 */
void vtd_show_entry(struct nyx_unit *unit, u16 rid, struct seq_file *m)
{
	const struct vtd_tables *tables = &to_vtd_unit(unit)->tables;
	const struct vtd_scalable_context *scalable = NULL;
	const struct vtd_context *context = NULL;

	if (tables->scalable)
		scalable = vtd_scalable_lookup(tables, rid);
	else
		context = vtd_tables_lookup(tables, rid);
	if (scalable)
		vtd_show_scalable(scalable, m);
	else if (context)
		vtd_show_context(context, m);
	else
		seq_puts(m, "- -");
}
