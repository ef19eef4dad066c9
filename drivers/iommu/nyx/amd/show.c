// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers, capabilities and device table entries for debugfs, with the field
 * names of the specification.
 */
#include <linux/kernel.h>
#include <linux/seq_file.h>

#include "lib/register_dump.h"

#include "amd.h"
#include "caps.h"
#include "show.h"
#include "unit_ops.h"

static const struct nyx_field amd_dev_tab_fields[] = {
	{ "Size", AMD_DEV_TAB_SIZE },
	{ }
};

static const struct nyx_field amd_ring_fields[] = {
	{ "Len", AMD_RING_LEN },
	{ }
};

static const struct nyx_field amd_ring_ptr_fields[] = {
	{ "entry", AMD_RING_PTR },
	{ }
};

static const struct nyx_field amd_control_fields[] = {
	{ "IommuEn", AMD_CTRL_IOMMU_EN },
	{ "HtTunEn", AMD_CTRL_HT_TUN_EN },
	{ "EventLogEn", AMD_CTRL_EVENT_LOG_EN },
	{ "EventIntEn", AMD_CTRL_EVENT_INT_EN },
	{ "ComWaitIntEn", AMD_CTRL_COM_WAIT_INT_EN },
	{ "InvTimeOut", AMD_CTRL_INV_TIME_OUT },
	{ "PassPW", AMD_CTRL_PASS_PW },
	{ "ResPassPW", AMD_CTRL_RES_PASS_PW },
	{ "Coherent", AMD_CTRL_COHERENT },
	{ "Isoc", AMD_CTRL_ISOC },
	{ "CmdBufEn", AMD_CTRL_CMD_BUF_EN },
	{ "PPRLogEn", AMD_CTRL_PPR_LOG_EN },
	{ "PPRIntEn", AMD_CTRL_PPR_INT_EN },
	{ "PPREn", AMD_CTRL_PPR_EN },
	{ "GTEn", AMD_CTRL_GT_EN },
	{ "GAEn", AMD_CTRL_GA_EN },
	{ "DevTblSegEn", AMD_CTRL_DEV_TBL_SEG_EN },
	{ "NumIntRemapMode", AMD_CTRL_NUM_INT_REMAP_MODE },
	{ "XTEn", AMD_CTRL_XT_EN },
	{ "IntCapXTEn", AMD_CTRL_INT_CAP_XT_EN },
	{ }
};

static const struct nyx_field amd_excl_fields[] = {
	{ "ExEn", AMD_EXCL_EX_EN },
	{ "Allow", AMD_EXCL_ALLOW },
	{ }
};

static const struct nyx_field amd_status_fields[] = {
	{ "EventOverflow", AMD_STATUS_EVENT_OVERFLOW },
	{ "EventLogInt", AMD_STATUS_EVENT_LOG_INT },
	{ "ComWaitInt", AMD_STATUS_COM_WAIT_INT },
	{ "EventLogRun", AMD_STATUS_EVENT_LOG_RUN },
	{ "CmdBufRun", AMD_STATUS_CMD_BUF_RUN },
	{ "PPROverflow", AMD_STATUS_PPR_OVERFLOW },
	{ "PPRInt", AMD_STATUS_PPR_INT },
	{ "PPRLogRun", AMD_STATUS_PPR_LOG_RUN },
	{ }
};

/*
 * The fields of each 64 bits of a DTE. "Host Page Table Root Pointer" is
 * abbreviated as Root, "Guest CR3 Table Root Pointer" as GCR3, "Interrupt Table Root
 * Pointer" as IntTabRoot.
 */
static const struct nyx_field amd_dte0_fields[] = {
	{ "V", AMD_DTE0_V },
	{ "TV", AMD_DTE0_TV },
	{ "Mode", AMD_DTE0_MODE },
	{ "Root", AMD_DTE0_ROOT },
	{ "PPR", AMD_DTE0_PPR },
	{ "GIOV", AMD_DTE0_GIOV },
	{ "GV", AMD_DTE0_GV },
	{ "GLX", AMD_DTE0_GLX },
	{ "GCR3[14:12]", AMD_DTE0_GCR3_14_12 },
	{ "IR", AMD_DTE0_IR },
	{ "IW", AMD_DTE0_IW },
	{ }
};

static const struct nyx_field amd_dte1_fields[] = {
	{ "DomainID", AMD_DTE1_DOMAIN_ID },
	{ "GCR3[30:15]", AMD_DTE1_GCR3_30_15 },
	{ "I", AMD_DTE1_I },
	{ "SE", AMD_DTE1_SE },
	{ "SA", AMD_DTE1_SA },
	{ "SysMgt", AMD_DTE1_SYS_MGT },
	{ "GCR3[51:31]", AMD_DTE1_GCR3_51_31 },
	{ }
};

static const struct nyx_field amd_dte2_fields[] = {
	{ "IV", AMD_DTE2_IV },
	{ "IntTabLen", AMD_DTE2_INT_TAB_LEN },
	{ "IG", AMD_DTE2_IG },
	{ "IntTabRoot", AMD_DTE2_INT_TAB_ROOT },
	{ "INITPass", AMD_DTE2_INIT_PASS },
	{ "EIntPass", AMD_DTE2_EINT_PASS },
	{ "NMIPass", AMD_DTE2_NMI_PASS },
	{ "IntCtl", AMD_DTE2_INT_CTL },
	{ "Lint0Pass", AMD_DTE2_LINT0_PASS },
	{ "Lint1Pass", AMD_DTE2_LINT1_PASS },
	{ }
};

static const struct nyx_reg amd_regs[] = {
	{ "DevTabBase", AMD_DEV_TAB_BASE, true, amd_dev_tab_fields },
	{ "CmdBufBase", AMD_CMD_BUF_BASE, true, amd_ring_fields },
	{ "EventLogBase", AMD_EVENT_LOG_BASE, true, amd_ring_fields },
	{ "Control", AMD_CONTROL, true, amd_control_fields },
	{ "ExclBase", AMD_EXCL_BASE, true, amd_excl_fields },
	{ "ExclLimit", AMD_EXCL_LIMIT, true },
	{ "EFR", AMD_EFR, true },
	{ "PPRLogBase", AMD_PPR_LOG_BASE, true, amd_ring_fields },
	{ "EFR2", AMD_EFR2, true },
	{ "CmdBufHead", AMD_CMD_BUF_HEAD, true, amd_ring_ptr_fields },
	{ "CmdBufTail", AMD_CMD_BUF_TAIL, true, amd_ring_ptr_fields },
	{ "EventLogHead", AMD_EVENT_LOG_HEAD, true, amd_ring_ptr_fields },
	{ "EventLogTail", AMD_EVENT_LOG_TAIL, true, amd_ring_ptr_fields },
	{ "Status", AMD_STATUS, true, amd_status_fields },
	{ "PPRLogHead", AMD_PPR_LOG_HEAD, true, amd_ring_ptr_fields },
	{ "PPRLogTail", AMD_PPR_LOG_TAIL, true, amd_ring_ptr_fields },
};

/**
 * amd_show_window() - print the registers of a unit
 * @regs: the registers
 * @efr: the unit's features
 * @m: the file to print to
 *
 * Reading these registers has no side effects.
 *
 * Context: May sleep.
 */
void amd_show_window(const void __iomem *regs, u64 efr, struct seq_file *m)
{
	struct nyx_reg segment = {
		.quad = true,
		.fields = amd_dev_tab_fields,
	};
	char name[24];
	size_t i;

	nyx_show_register_header(m);
	for (i = 0; i < ARRAY_SIZE(amd_regs); i++)
		nyx_show_register(m, &amd_regs[i],
				  readq(regs + amd_regs[i].offset));
	segment.name = name;
	for (i = 1; i < amd_caps_segments(efr); i++) {
		snprintf(name, sizeof(name), "DevTabBase%zu", i);
		segment.offset = AMD_DEV_TAB_SEG(i);
		nyx_show_register(m, &segment, readq(regs + segment.offset));
	}
}

/**
 * amd_show_caps() - print capability registers
 * @cap: Capability Header
 * @efr: the unit's features
 * @efr2: its further features
 * @intr: what the driver does with interrupts
 * @m: the file to print to
 *
 * Context: May sleep.
 */
void amd_show_caps(u32 cap, u64 efr, u64 efr2, const char *intr,
		   struct seq_file *m)
{
	nyx_show_capability_header(m);
	nyx_show_capability(m, "CapHdr", amd_cap_fields, cap);
	nyx_show_capability(m, "EFR", amd_efr_fields, efr);
	nyx_show_capability(m, "EFR2", amd_efr2_fields, efr2);
	nyx_show_capability_word(m, "intr", intr);
}

/**
 * amd_show_registers() - nyx_unit_ops.show_registers
 * @unit: the unit
 * @m: the file to print to
 *
 * Context: May sleep.
 */
void amd_show_registers(struct nyx_unit *unit, struct seq_file *m)
{
	const struct amd_unit *au = to_amd_unit(unit);

	amd_show_window(au->regs, au->efr, m);
}

/**
 * amd_show_capabilities() - nyx_unit_ops.show_capabilities
 * @unit: the unit
 * @m: the file to print to
 *
 * Context: May sleep.
 */
void amd_show_capabilities(struct nyx_unit *unit, struct seq_file *m)
{
	const struct amd_unit *au = to_amd_unit(unit);

	amd_show_caps(au->cap, au->efr, au->efr2, au->unit.intr.on ?
		      "remapped" : au->unit.intr.why_off ?: "off", m);
}

/**
 * amd_show_entry() - nyx_unit_ops.show_entry
 * @unit: the unit
 * @rid: DeviceID
 * @m: the file to print to
 *
 * Reads 64 bits at a time, without a lock. For an entry that is being changed,
 * the output may mix the old value and the new one.
 *
 * Context: Any.
 */
void amd_show_entry(struct nyx_unit *unit, u16 rid, struct seq_file *m)
{
	static const struct nyx_field *const fields[] = {
		amd_dte0_fields, amd_dte1_fields, amd_dte2_fields,
	};
	const struct amd_dte *dte;
	const char *sep = "";
	struct amd_dte val;
	size_t i;

	dte = amd_devtab_lookup(&to_amd_unit(unit)->devtab, rid);
	if (!dte) {
		seq_puts(m, "- -");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(val.q); i++) {
		val.q[i] = READ_ONCE(dte->q[i]);
		seq_printf(m, "%s%#018llx", i ? "+" : "", val.q[i]);
	}
	seq_putc(m, ' ');
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		sep = nyx_show_fields(m, fields[i], val.q[i], sep);
}
