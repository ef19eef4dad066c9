/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers and structures in memory, named as in the AMD I/O Virtualization
 * Technology (IOMMU) Specification, 48882. Section numbers are those of
 * revision 3.11; sections that move between revisions are cited by name. A
 * command is described in section 2.4.<opcode>, an event in 2.5.<code + 1>.
 */
#ifndef NYX_AMD_REGS_H
#define NYX_AMD_REGS_H

#include <linux/bits.h>
#include <linux/io.h>
#include <linux/mem_encrypt.h>
#include <linux/types.h>

/* Capability Header in the unit's PCI configuration space */
#define AMD_CAP_ID		GENMASK(7, 0)
#define AMD_CAP_TYPE		GENMASK(18, 16)
#define AMD_CAP_REV		GENMASK(23, 19)
#define AMD_CAP_IOTLB_SUP	BIT(24)
#define AMD_CAP_HT_TUNNEL	BIT(25)
#define AMD_CAP_NP_CACHE	BIT(26)
#define AMD_CAP_EFR_SUP		BIT(27)
#define AMD_CAP_EXT		BIT(28)
/* Required values of AMD_CAP_ID and AMD_CAP_TYPE: secure device, IOMMU. */
#define AMD_CAP_ID_SECURE	0x0f
#define AMD_CAP_TYPE_IOMMU	3

/* Register offsets, in bytes from the base address in the IVHD block. */
#define AMD_DEV_TAB_BASE	0x0000
#define AMD_CMD_BUF_BASE	0x0008
#define AMD_EVENT_LOG_BASE	0x0010
#define AMD_CONTROL		0x0018
#define AMD_EXCL_BASE		0x0020
#define AMD_EXCL_LIMIT		0x0028
#define AMD_EFR			0x0030
#define AMD_PPR_LOG_BASE	0x0038
/* Segments 1 to 7 of the device table. */
#define AMD_DEV_TAB_SEG(n)	(0x0100 + 8 * ((n) - 1))
#define AMD_EFR2		0x01a0
#define AMD_CMD_BUF_HEAD	0x2000
#define AMD_CMD_BUF_TAIL	0x2008
#define AMD_EVENT_LOG_HEAD	0x2010
#define AMD_EVENT_LOG_TAIL	0x2018
#define AMD_STATUS		0x2020
#define AMD_PPR_LOG_HEAD	0x2030
#define AMD_PPR_LOG_TAIL	0x2038

/*
 * Size of the register window without the event counters, which are not used.
 */
#define AMD_WINDOW		0x4000

/* Device Table Base Address, of segments too (MMIO offset 0000h) */
#define AMD_DEV_TAB_SIZE	GENMASK_ULL(8, 0)
#define AMD_DEV_TAB_ADDR	GENMASK_ULL(51, 12)

/* Bases of command buffer and logs (MMIO offsets 0008h, 0010h, 0038h) */
#define AMD_RING_ADDR		GENMASK_ULL(51, 12)
#define AMD_RING_LEN		GENMASK_ULL(59, 56)
/* Heads and tails of these (MMIO offsets 2000h to 2018h, 2030h, 2038h) */
#define AMD_RING_PTR		GENMASK(18, 4)

/* Control (MMIO offset 0018h) */
#define AMD_CTRL_IOMMU_EN	BIT_ULL(0)
#define AMD_CTRL_HT_TUN_EN	BIT_ULL(1)
#define AMD_CTRL_EVENT_LOG_EN	BIT_ULL(2)
#define AMD_CTRL_EVENT_INT_EN	BIT_ULL(3)
#define AMD_CTRL_COM_WAIT_INT_EN BIT_ULL(4)
#define AMD_CTRL_INV_TIME_OUT	GENMASK_ULL(7, 5)
#define AMD_CTRL_PASS_PW	BIT_ULL(8)
#define AMD_CTRL_RES_PASS_PW	BIT_ULL(9)
#define AMD_CTRL_COHERENT	BIT_ULL(10)
#define AMD_CTRL_ISOC		BIT_ULL(11)
#define AMD_CTRL_CMD_BUF_EN	BIT_ULL(12)
#define AMD_CTRL_PPR_LOG_EN	BIT_ULL(13)
#define AMD_CTRL_PPR_INT_EN	BIT_ULL(14)
#define AMD_CTRL_PPR_EN		BIT_ULL(15)
#define AMD_CTRL_GT_EN		BIT_ULL(16)
#define AMD_CTRL_GA_EN		BIT_ULL(17)
#define AMD_CTRL_GAM_EN		GENMASK_ULL(27, 25)
#define AMD_CTRL_GA_LOG_EN	BIT_ULL(28)
#define AMD_CTRL_GA_INT_EN	BIT_ULL(29)
#define AMD_CTRL_DUAL_PPR_LOG_EN GENMASK_ULL(31, 30)
#define AMD_CTRL_DUAL_EVENT_LOG_EN GENMASK_ULL(33, 32)
#define AMD_CTRL_DEV_TBL_SEG_EN	GENMASK_ULL(36, 34)
#define AMD_CTRL_PPR_AUTO_RSP_EN BIT_ULL(39)
#define AMD_CTRL_MARC_EN	BIT_ULL(40)
#define AMD_CTRL_BLK_STOP_MRK_EN BIT_ULL(41)
#define AMD_CTRL_PPR_AUTO_RSP_AON BIT_ULL(42)
#define AMD_CTRL_NUM_INT_REMAP_MODE GENMASK_ULL(44, 43)
#define AMD_CTRL_EPH_EN		BIT_ULL(45)
#define AMD_CTRL_GD_UPDATE_DIS	BIT_ULL(48)
#define AMD_CTRL_XT_EN		BIT_ULL(50)
#define AMD_CTRL_INT_CAP_XT_EN	BIT_ULL(51)
#define AMD_CTRL_VCMD_EN	BIT_ULL(52)
#define AMD_CTRL_VIOMMU_EN	BIT_ULL(53)
#define AMD_CTRL_GA_UPDATE_DIS	BIT_ULL(54)
#define AMD_CTRL_GAPPI_EN	BIT_ULL(55)
#define AMD_CTRL_TMPM_EN	BIT_ULL(56)
#define AMD_CTRL_GCR3_TRP_MODE	BIT_ULL(58)
#define AMD_CTRL_IRT_CACHE_DIS	BIT_ULL(59)
#define AMD_CTRL_GST_BUFFER_TRP_MODE BIT_ULL(60)
#define AMD_CTRL_SNP_AVIC_EN	GENMASK_ULL(63, 61)
/* AMD_CTRL_NUM_INT_REMAP_MODE, and AMD_EFR2_NUM_INT_REMAP_SUP: 2048 entries */
#define AMD_NUM_INT_REMAP_2048	1
/* AMD_CTRL_INV_TIME_OUT: one second */
#define AMD_INV_TIME_OUT_1S	4

/* Exclusion Base (MMIO offset 0020h) */
#define AMD_EXCL_EX_EN		BIT_ULL(0)
#define AMD_EXCL_ALLOW		BIT_ULL(1)

/* Extended Feature (MMIO offset 0030h) */
#define AMD_EFR_PREF_SUP	BIT_ULL(0)
#define AMD_EFR_PPR_SUP		BIT_ULL(1)
#define AMD_EFR_XT_SUP		BIT_ULL(2)
#define AMD_EFR_NX_SUP		BIT_ULL(3)
#define AMD_EFR_GT_SUP		BIT_ULL(4)
#define AMD_EFR_GAPPI_SUP	BIT_ULL(5)
#define AMD_EFR_IA_SUP		BIT_ULL(6)
#define AMD_EFR_GA_SUP		BIT_ULL(7)
#define AMD_EFR_HE_SUP		BIT_ULL(8)
#define AMD_EFR_PC_SUP		BIT_ULL(9)
#define AMD_EFR_HATS		GENMASK_ULL(11, 10)
#define AMD_EFR_GATS		GENMASK_ULL(13, 12)
#define AMD_EFR_GLX_SUP		GENMASK_ULL(15, 14)
#define AMD_EFR_SMI_F_SUP	GENMASK_ULL(17, 16)
#define AMD_EFR_SMI_F_RC	GENMASK_ULL(20, 18)
#define AMD_EFR_GAM_SUP		GENMASK_ULL(23, 21)
#define AMD_EFR_DUAL_PPR_LOG_SUP GENMASK_ULL(25, 24)
#define AMD_EFR_DUAL_EVENT_LOG_SUP GENMASK_ULL(29, 28)
#define AMD_EFR_SATS_SUP	BIT_ULL(31)
#define AMD_EFR_PAS_MAX		GENMASK_ULL(36, 32)
#define AMD_EFR_US_SUP		BIT_ULL(37)
#define AMD_EFR_DEV_TBL_SEG_SUP	GENMASK_ULL(39, 38)
#define AMD_EFR_PPR_OVRFLW_EARLY_SUP BIT_ULL(40)
#define AMD_EFR_PPR_AUTO_RSP_SUP BIT_ULL(41)
#define AMD_EFR_MARC_SUP	GENMASK_ULL(43, 42)
#define AMD_EFR_BLK_STOP_MRK_SUP BIT_ULL(44)
#define AMD_EFR_PERF_OPT_SUP	BIT_ULL(45)
#define AMD_EFR_MSI_CAP_MMIO_SUP BIT_ULL(46)
#define AMD_EFR_GIO_SUP		BIT_ULL(48)
#define AMD_EFR_HA_SUP		BIT_ULL(49)
#define AMD_EFR_EPH_SUP		BIT_ULL(50)
#define AMD_EFR_ATTR_FW_SUP	BIT_ULL(51)
#define AMD_EFR_HD_SUP		BIT_ULL(52)
#define AMD_EFR_INV_IOTLB_TYPE_SUP BIT_ULL(54)
#define AMD_EFR_VIOMMU_SUP	BIT_ULL(55)
#define AMD_EFR_VM_GUARD_IO_SUP	BIT_ULL(56)
#define AMD_EFR_VM_TABLE_SIZE	GENMASK_ULL(60, 57)
#define AMD_EFR_GA_UPDATE_DIS_SUP BIT_ULL(61)
#define AMD_EFR_FORCE_PHY_DEST_SUP BIT_ULL(62)
#define AMD_EFR_SNP_SUP		BIT_ULL(63)
/* AMD_EFR_HATS and AMD_EFR_GATS: 0 means 4 levels, 1 means 5, 2 means 6 */
#define AMD_HATS_RESERVED	3
#define AMD_GATS_RESERVED	3
/* AMD_EFR_GLX_SUP: GCR3 tables have n + 1 levels at most */
#define AMD_GLX_RESERVED	3

/* Extended Feature 2 (MMIO offset 01a0h) */
#define AMD_EFR2_TMPM_SUP	BIT_ULL(2)
#define AMD_EFR2_GCR3_TRP_MODE	BIT_ULL(3)
#define AMD_EFR2_GAPPI_DIS_SUP	BIT_ULL(4)
#define AMD_EFR2_SNP_AVIC_SUP	GENMASK_ULL(7, 5)
#define AMD_EFR2_NUM_INT_REMAP_SUP GENMASK_ULL(9, 8)
#define AMD_EFR2_HT_RANGE_IGNORE BIT_ULL(11)

/* IOMMU Attributes and Feature Reporting of IVHD blocks (5.2.2) */
#define AMD_IVHD_HATS_DIS	BIT(0)		/* types 11h and 40h */
#define AMD_IVHD_FEATURE_IA_SUP	BIT(5)		/* type 10h, as all below */
#define AMD_IVHD_FEATURE_GA_SUP	BIT(6)
#define AMD_IVHD_FEATURE_HATS	GENMASK(31, 30)

/* Status (MMIO offset 2020h); writing 1 clears all bits except RUN bits */
#define AMD_STATUS_EVENT_OVERFLOW BIT(0)
#define AMD_STATUS_EVENT_LOG_INT BIT(1)
#define AMD_STATUS_COM_WAIT_INT	BIT(2)
#define AMD_STATUS_EVENT_LOG_RUN BIT(3)
#define AMD_STATUS_CMD_BUF_RUN	BIT(4)
#define AMD_STATUS_PPR_OVERFLOW	BIT(5)
#define AMD_STATUS_PPR_INT	BIT(6)
#define AMD_STATUS_PPR_LOG_RUN	BIT(7)

/* Device table entry, bits 63:0 (2.2.2.1) */
#define AMD_DTE0_V		BIT_ULL(0)
#define AMD_DTE0_TV		BIT_ULL(1)
#define AMD_DTE0_HAD		GENMASK_ULL(8, 7)
#define AMD_DTE0_MODE		GENMASK_ULL(11, 9)
#define AMD_DTE0_ROOT		GENMASK_ULL(51, 12)
#define AMD_DTE0_PPR		BIT_ULL(52)
#define AMD_DTE0_GIOV		BIT_ULL(54)
#define AMD_DTE0_GV		BIT_ULL(55)
#define AMD_DTE0_GLX		GENMASK_ULL(57, 56)
#define AMD_DTE0_GCR3_14_12	GENMASK_ULL(60, 58)
#define AMD_DTE0_IR		BIT_ULL(61)
#define AMD_DTE0_IW		BIT_ULL(62)
/* Value of HAD: the unit sets A and D in leaves (2.2.2.1) */
#define AMD_HAD_ACCESSED_DIRTY	3
/* bits 127:64 */
#define AMD_DTE1_DOMAIN_ID	GENMASK_ULL(15, 0)
#define AMD_DTE1_GCR3_30_15	GENMASK_ULL(31, 16)
#define AMD_DTE1_I		BIT_ULL(32)
#define AMD_DTE1_SE		BIT_ULL(33)
#define AMD_DTE1_SA		BIT_ULL(34)
#define AMD_DTE1_SYS_MGT	GENMASK_ULL(41, 40)
#define AMD_DTE1_GCR3_51_31	GENMASK_ULL(63, 43)
/* bits 191:128 */
#define AMD_DTE2_IV		BIT_ULL(0)
#define AMD_DTE2_INT_TAB_LEN	GENMASK_ULL(4, 1)
#define AMD_DTE2_IG		BIT_ULL(5)
#define AMD_DTE2_INT_TAB_ROOT	GENMASK_ULL(51, 6)
#define AMD_DTE2_INIT_PASS	BIT_ULL(56)
#define AMD_DTE2_EINT_PASS	BIT_ULL(57)
#define AMD_DTE2_NMI_PASS	BIT_ULL(58)
#define AMD_DTE2_INT_CTL	GENMASK_ULL(61, 60)
#define AMD_DTE2_LINT0_PASS	BIT_ULL(62)
#define AMD_DTE2_LINT1_PASS	BIT_ULL(63)
/* AMD_DTE2_INT_CTL: handling of fixed and arbitrated interrupts */
#define AMD_INT_CTL_ABORT	0
#define AMD_INT_CTL_REMAP	2

/* Entries of guest CR3 tables (GCR3 tables) of all levels (2.2.6) */
#define AMD_GCR3_V		BIT_ULL(0)
#define AMD_GCR3_ADDR		GENMASK_ULL(51, 12)

/* Host page-table entries of all levels (2.2.3) */
#define AMD_PTE_PR		BIT_ULL(0)
#define AMD_PTE_NEXT_LEVEL	GENMASK_ULL(11, 9)
#define AMD_PTE_ADDR		GENMASK_ULL(51, 12)
/* AMD_PTE_NEXT_LEVEL: a page of the level's size, and one of another size */
#define AMD_PTE_LEVEL_SIZE	0
#define AMD_PTE_ANY_SIZE	7

/* Interrupt remapping table entry (IRTE) of either format, 32 or 128 bits */
#define AMD_IRTE_REMAP_EN	BIT(0)
#define AMD_IRTE_SUP_IOPF	BIT(1)
#define AMD_IRTE_DM		BIT(6)
/* Of 32 bits (GAEn = 0) */
#define AMD_IRTE_DEST		GENMASK(15, 8)
#define AMD_IRTE_VECTOR		GENMASK(23, 16)
/* Of 128 bits (GAEn = 1), bits 63:0 and 127:64 */
#define AMD_IRTE_LO_DEST_23_0	GENMASK_ULL(31, 8)
#define AMD_IRTE_HI_VECTOR	GENMASK_ULL(7, 0)
#define AMD_IRTE_HI_DEST_31_24	GENMASK_ULL(63, 56)

/* Message that a device sends: the index of the IRTE is in its data. */
#define AMD_MSI_ADDRESS		0xfee00000
#define AMD_MSI_ADDRESS_DM	BIT(2)

/* Commands (2.4): the opcode is in bits 63:60. */
#define AMD_CMD_OPCODE		GENMASK_ULL(63, 60)
#define AMD_CMD_COMPLETION_WAIT	0x1ULL
#define AMD_CMD_INVALIDATE_DEVTAB_ENTRY 0x2ULL
#define AMD_CMD_INVALIDATE_IOMMU_PAGES 0x3ULL
#define AMD_CMD_INVALIDATE_IOTLB_PAGES 0x4ULL
#define AMD_CMD_INVALIDATE_INTERRUPT_TABLE 0x5ULL
#define AMD_CMD_COMPLETE_PPR_REQUEST 0x7ULL
#define AMD_CMD_INVALIDATE_IOMMU_ALL 0x8ULL

/* COMPLETION_WAIT (2.4.1) */
#define AMD_WAIT_LO_S		BIT_ULL(0)
#define AMD_WAIT_LO_F		BIT_ULL(2)
#define AMD_WAIT_LO_ADDR	GENMASK_ULL(51, 3)
/* INVALIDATE_DEVTAB_ENTRY (2.4.2) */
#define AMD_DEVTAB_LO_DEVICE_ID	GENMASK_ULL(15, 0)
/* INVALIDATE_IOMMU_PAGES (2.4.3) */
#define AMD_PAGES_LO_PASID	GENMASK_ULL(19, 0)
#define AMD_PAGES_LO_DOMAIN_ID	GENMASK_ULL(47, 32)
#define AMD_PAGES_HI_PDE	BIT_ULL(1)
/* INVALIDATE_IOTLB_PAGES (2.4.4) */
#define AMD_IOTLB_LO_DEVICE_ID	GENMASK_ULL(15, 0)
#define AMD_IOTLB_LO_PASID_15_8	GENMASK_ULL(23, 16)
#define AMD_IOTLB_LO_MAX_PEND	GENMASK_ULL(31, 24)
#define AMD_IOTLB_LO_QUEUE_ID	GENMASK_ULL(47, 32)
#define AMD_IOTLB_LO_PASID_7_0	GENMASK_ULL(55, 48)
#define AMD_IOTLB_LO_PASID_19_16 GENMASK_ULL(59, 56)
/* INVALIDATE_INTERRUPT_TABLE (2.4.5) */
#define AMD_INTTAB_LO_DEVICE_ID	GENMASK_ULL(15, 0)
/* Address and size, and GN: a PASID is given; in both of the above */
#define AMD_PAGES_HI_S		BIT_ULL(0)
#define AMD_PAGES_HI_GN		BIT_ULL(2)
#define AMD_PAGES_HI_ADDR	GENMASK_ULL(63, 12)
/* COMPLETE_PPR_REQUEST (2.4.7) */
#define AMD_PPR_LO_DEVICE_ID	GENMASK_ULL(15, 0)
#define AMD_PPR_LO_PASID	GENMASK_ULL(51, 32)
#define AMD_PPR_HI_GN		BIT_ULL(2)
#define AMD_PPR_HI_TAG		GENMASK_ULL(47, 32)
/* In the tag: the response */
#define AMD_PPR_TAG_RESPONSE	GENMASK(15, 12)
#define AMD_PPR_SUCCESS		0x0
#define AMD_PPR_INVALID		0x1
#define AMD_PPR_FAILURE		0xf

/* Event log entries, bits 63:0 (2.5) */
#define AMD_EVENT_DEVICE_ID	GENMASK_ULL(15, 0)
#define AMD_EVENT_PASID_19_16	GENMASK_ULL(19, 16)
#define AMD_EVENT_PASID_15_0	GENMASK_ULL(47, 32)
#define AMD_EVENT_GN		BIT_ULL(48)
#define AMD_EVENT_NX		BIT_ULL(49)
#define AMD_EVENT_I		BIT_ULL(51)
#define AMD_EVENT_PR		BIT_ULL(52)
#define AMD_EVENT_RW		BIT_ULL(53)
#define AMD_EVENT_PE		BIT_ULL(54)
#define AMD_EVENT_RZ		BIT_ULL(55)
#define AMD_EVENT_TR		BIT_ULL(56)
#define AMD_EVENT_TYPE		GENMASK_ULL(59, 57)
#define AMD_EVENT_CODE		GENMASK_ULL(63, 60)
/* AMD_EVENT_TYPE of INVALID_DEVICE_REQUEST with TR = 0 */
#define AMD_EVENT_TYPE_INT_READ	0
#define AMD_EVENT_TYPE_INT_ABORT 5
#define AMD_EVENT_TYPE_INT_RSVD	6

/*
 * Address of an interrupt in an event: the interrupt range of HyperTransport,
 * with vector and message type from the data of the message (2.1.2).
 */
#define AMD_INT_ADDR_RANGE	GENMASK_ULL(39, 24)
#define AMD_INT_ADDR_VECTOR	GENMASK_ULL(23, 16)
#define AMD_INT_ADDR_MT		GENMASK_ULL(4, 2)
#define AMD_INT_RANGE		0xfdf8

#define AMD_EVENT_ILLEGAL_DEV_TABLE_ENTRY 0x1
#define AMD_EVENT_IO_PAGE_FAULT	0x2
#define AMD_EVENT_DEV_TAB_HARDWARE_ERROR 0x3
#define AMD_EVENT_PAGE_TAB_HARDWARE_ERROR 0x4
#define AMD_EVENT_ILLEGAL_COMMAND_ERROR 0x5
#define AMD_EVENT_COMMAND_HARDWARE_ERROR 0x6
#define AMD_EVENT_IOTLB_INV_TIMEOUT 0x7
#define AMD_EVENT_INVALID_DEVICE_REQUEST 0x8
#define AMD_EVENT_INVALID_PPR_REQUEST 0x9
#define AMD_EVENT_EVENT_COUNTER_ZERO 0xa
#define AMD_EVENT_GUEST_EVENT_FAULT 0xb
#define AMD_EVENT_VIOMMU_HARDWARE_ERROR 0xc
#define AMD_EVENT_RMP_PAGE_FAULT 0xd
#define AMD_EVENT_RMP_HARDWARE_ERROR 0xe

/* PPR log entries, bits 63:0 */
#define AMD_PPR_DEVICE_ID	GENMASK_ULL(15, 0)
#define AMD_PPR_PASID_15_0	GENMASK_ULL(31, 16)
#define AMD_PPR_TAG		GENMASK_ULL(41, 32)
#define AMD_PPR_PASID_19_16	GENMASK_ULL(45, 42)
#define AMD_PPR_EX		BIT_ULL(49)
#define AMD_PPR_RP		BIT_ULL(50)
#define AMD_PPR_WP		BIT_ULL(53)
#define AMD_PPR_US		BIT_ULL(54)
#define AMD_PPR_RZ		BIT_ULL(55)
#define AMD_PPR_GN		BIT_ULL(56)
#define AMD_PPR_CODE		GENMASK_ULL(63, 60)
#define AMD_PPR_HI_ADDR		GENMASK_ULL(63, 12)
#define AMD_PPR_PAGE_SERVICE_REQUEST 0x1

/* Converts an address for use by the unit: sets the memory encryption bit. */
static inline u64 amd_phys(const void *virt)
{
	return __sme_set(virt_to_phys((void *)virt));
}

#endif /* NYX_AMD_REGS_H */
