/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers and in-memory structures, named as in the Intel VT-d specification.
 * Section numbers are those of revision 5.1.
 */
#ifndef NYX_VTD_REGS_H
#define NYX_VTD_REGS_H

#include <linux/bits.h>

/* Register offsets in bytes from the base address in the DRHD (11.4). */
#define VTD_VER_REG		0x000	/* 11.4.1 */
#define VTD_CAP_REG		0x008	/* 11.4.2 */
#define VTD_ECAP_REG		0x010	/* 11.4.3 */
#define VTD_GCMD_REG		0x018	/* 11.4.4.1 */
#define VTD_GSTS_REG		0x01c	/* 11.4.4.2 */
#define VTD_RTADDR_REG		0x020	/* 11.4.5 */
#define VTD_CCMD_REG		0x028	/* 11.4.6.1 */
#define VTD_FSTS_REG		0x034	/* 11.4.7.1 */
#define VTD_FECTL_REG		0x038	/* 11.4.7.2 */
#define VTD_FEDATA_REG		0x03c	/* 11.4.7.3 */
#define VTD_FEADDR_REG		0x040	/* 11.4.7.4 */
#define VTD_FEUADDR_REG		0x044	/* 11.4.7.5 */
#define VTD_PMEN_REG		0x064	/* 11.4.8.1 */
#define VTD_PLMBASE_REG		0x068	/* 11.4.8.2 */
#define VTD_PLMLIMIT_REG	0x06c	/* 11.4.8.3 */
#define VTD_PHMBASE_REG		0x070	/* 11.4.8.4 */
#define VTD_PHMLIMIT_REG	0x078	/* 11.4.8.5 */
#define VTD_IQH_REG		0x080	/* 11.4.9.1 */
#define VTD_IQT_REG		0x088	/* 11.4.9.2 */
#define VTD_IQA_REG		0x090	/* 11.4.9.3 */
#define VTD_ICS_REG		0x09c	/* 11.4.9.4 */
#define VTD_IECTL_REG		0x0a0	/* 11.4.9.5 */
#define VTD_IQERCD_REG		0x0b0	/* 11.4.9.9 */
#define VTD_IRTA_REG		0x0b8	/* 11.4.10 */

/* Relative to ECAP.IRO (11.4.6.2). */
#define VTD_IVA_REG		0x0	/* 11.4.6.4 */
#define VTD_IOTLB_REG		0x8	/* 11.4.6.3 */
#define VTD_IOTLB_REGS_SIZE	0x10

/* CAP.NFR + 1 fault recording registers, relative to CAP.FRO (11.4.7.6). */
#define VTD_FRCD_SIZE		0x10

/* End of the registers above that have a fixed offset. */
#define VTD_FIXED_REGS_END	0x0c0

/* Registers of page requests, only with ECAP.PRS, and their end. */
#define VTD_PQH_REG		0x0c0	/* 11.4.10.1 */
#define VTD_PQT_REG		0x0c8	/* 11.4.10.2 */
#define VTD_PQA_REG		0x0d0	/* 11.4.10.3 */
#define VTD_PRS_REG		0x0dc	/* 11.4.10.4 */
#define VTD_PECTL_REG		0x0e0	/* 11.4.10.5 */
#define VTD_PEDATA_REG		0x0e4	/* 11.4.10.6 */
#define VTD_PEADDR_REG		0x0e8	/* 11.4.10.7 */
#define VTD_PEUADDR_REG		0x0ec	/* 11.4.10.8 */
#define VTD_PRS_REGS_END	0x0f0

/* The smallest register window that the architecture allows (11.1). */
#define VTD_MIN_WINDOW		0x1000

/* Version Register (11.4.1) */
#define VTD_VER_MIN		GENMASK(3, 0)
#define VTD_VER_MAX		GENMASK(7, 4)
/* This and later major versions have no register-based invalidation (6.5). */
#define VTD_VER_MAX_QI_ONLY	6

/* Capability Register (11.4.2) */
#define VTD_CAP_ND		GENMASK_ULL(2, 0)
#define VTD_CAP_RWBF		BIT_ULL(4)
#define VTD_CAP_PLMR		BIT_ULL(5)
#define VTD_CAP_PHMR		BIT_ULL(6)
#define VTD_CAP_CM		BIT_ULL(7)
#define VTD_CAP_SAGAW		GENMASK_ULL(12, 8)
#define VTD_CAP_MGAW		GENMASK_ULL(21, 16)
#define VTD_CAP_ZLR		BIT_ULL(22)
#define VTD_CAP_FRO		GENMASK_ULL(33, 24)
#define VTD_CAP_SSLPS		GENMASK_ULL(37, 34)
#define VTD_CAP_PSI		BIT_ULL(39)
#define VTD_CAP_NFR		GENMASK_ULL(47, 40)
#define VTD_CAP_MAMV		GENMASK_ULL(53, 48)
#define VTD_CAP_DWD		BIT_ULL(54)
#define VTD_CAP_DRD		BIT_ULL(55)
#define VTD_CAP_FS1GP		BIT_ULL(56)
#define VTD_CAP_PI		BIT_ULL(59)
#define VTD_CAP_FS5LP		BIT_ULL(60)
#define VTD_CAP_ECMDS		BIT_ULL(61)
#define VTD_CAP_ESIRTPS		BIT_ULL(62)
#define VTD_CAP_ESRTPS		BIT_ULL(63)

/* Values of CAP.SAGAW and CAP.SSLPS, bit by bit (11.4.2) */
#define VTD_SAGAW_39		BIT(1)
#define VTD_SAGAW_48		BIT(2)
#define VTD_SAGAW_57		BIT(3)
#define VTD_SSLPS_2M		BIT(0)
#define VTD_SSLPS_1G		BIT(1)
/* CAP.ND: larger values are reserved. */
#define VTD_ND_MAX		6

/* Extended Capability Register (11.4.3) */
#define VTD_ECAP_C		BIT_ULL(0)
#define VTD_ECAP_QI		BIT_ULL(1)
#define VTD_ECAP_DT		BIT_ULL(2)
#define VTD_ECAP_IR		BIT_ULL(3)
#define VTD_ECAP_EIM		BIT_ULL(4)
#define VTD_ECAP_PT		BIT_ULL(6)
#define VTD_ECAP_SC		BIT_ULL(7)
#define VTD_ECAP_IRO		GENMASK_ULL(17, 8)
#define VTD_ECAP_MHMV		GENMASK_ULL(23, 20)
#define VTD_ECAP_MTS		BIT_ULL(25)
#define VTD_ECAP_NEST		BIT_ULL(26)
#define VTD_ECAP_PRS		BIT_ULL(29)
#define VTD_ECAP_ERS		BIT_ULL(30)
#define VTD_ECAP_SRS		BIT_ULL(31)
#define VTD_ECAP_NWFS		BIT_ULL(33)
#define VTD_ECAP_EAFS		BIT_ULL(34)
#define VTD_ECAP_PSS		GENMASK_ULL(39, 35)
#define VTD_ECAP_PASID		BIT_ULL(40)
#define VTD_ECAP_DIT		BIT_ULL(41)
#define VTD_ECAP_PDS		BIT_ULL(42)
#define VTD_ECAP_SMTS		BIT_ULL(43)
#define VTD_ECAP_VCS		BIT_ULL(44)
#define VTD_ECAP_SSADS		BIT_ULL(45)
#define VTD_ECAP_SSTS		BIT_ULL(46)
#define VTD_ECAP_FSTS		BIT_ULL(47)
#define VTD_ECAP_SMPWCS		BIT_ULL(48)
#define VTD_ECAP_RPS		BIT_ULL(49)
#define VTD_ECAP_TDXCS		BIT_ULL(50)
#define VTD_ECAP_PMS		BIT_ULL(51)
#define VTD_ECAP_ADMS		BIT_ULL(52)
#define VTD_ECAP_RPRIVS		BIT_ULL(53)
#define VTD_ECAP_HPTS		BIT_ULL(55)
#define VTD_ECAP_PTRS		BIT_ULL(56)
#define VTD_ECAP_SSIRWS		BIT_ULL(57)
#define VTD_ECAP_SMS		BIT_ULL(58)
#define VTD_ECAP_HPT1GPS	BIT_ULL(59)
#define VTD_ECAP_RDTS		BIT_ULL(60)
#define VTD_ECAP_EIMER		BIT_ULL(61)
#define VTD_ECAP_IRREQ		BIT_ULL(62)

/* Global Command Register; status bits have the same positions (11.4.4) */
#define VTD_GCMD_CFI		BIT(23)
#define VTD_GCMD_SIRTP		BIT(24)
#define VTD_GCMD_IRE		BIT(25)
#define VTD_GCMD_QIE		BIT(26)
#define VTD_GCMD_WBF		BIT(27)
#define VTD_GCMD_SRTP		BIT(30)
#define VTD_GCMD_TE		BIT(31)
/* Status bits to write back with a command: not those of one-shot commands. */
#define VTD_GSTS_PERSISTENT	0x96ffffffU

/* Root Table Address Register (11.4.5) */
#define VTD_RTADDR_RTA		GENMASK_ULL(63, 12)
#define VTD_RTADDR_TTM		GENMASK_ULL(11, 10)

/* Values of RTADDR.TTM (11.4.5); the other one is reserved. */
#define VTD_TTM_LEGACY		0
#define VTD_TTM_SCALABLE	1
#define VTD_TTM_ABORT		3

/* Context Command Register (11.4.6.1) */
#define VTD_CCMD_DID		GENMASK_ULL(15, 0)
#define VTD_CCMD_SID		GENMASK_ULL(31, 16)
#define VTD_CCMD_FM		GENMASK_ULL(33, 32)
#define VTD_CCMD_CAIG		GENMASK_ULL(60, 59)
#define VTD_CCMD_CIRG		GENMASK_ULL(62, 61)
#define VTD_CCMD_ICC		BIT_ULL(63)

/* IOTLB Invalidate Register (11.4.6.3) */
#define VTD_IOTLB_DID		GENMASK_ULL(47, 32)
#define VTD_IOTLB_DW		BIT_ULL(48)
#define VTD_IOTLB_DR		BIT_ULL(49)
#define VTD_IOTLB_IAIG		GENMASK_ULL(58, 57)
#define VTD_IOTLB_IIRG		GENMASK_ULL(61, 60)
#define VTD_IOTLB_IVT		BIT_ULL(63)

/* Fault Status Register (11.4.7.1) */
#define VTD_FSTS_PFO		BIT(0)
#define VTD_FSTS_PPF		BIT(1)
#define VTD_FSTS_IQE		BIT(4)
#define VTD_FSTS_ICE		BIT(5)
#define VTD_FSTS_ITE		BIT(6)
#define VTD_FSTS_FRI		GENMASK(15, 8)
#define VTD_FSTS_QI_ERRORS	(VTD_FSTS_IQE | VTD_FSTS_ICE | VTD_FSTS_ITE)

/* Fault Event Control Register (11.4.7.2) */
#define VTD_FECTL_IP		BIT(30)
#define VTD_FECTL_IM		BIT(31)

/* Page Request Status Register (11.4.10.4) */
#define VTD_PRS_PPR		BIT(0)
#define VTD_PRS_PRO		BIT(1)

/* Page request (7.4.1) */
#define VTD_PRQ_LO_TYPE		GENMASK_ULL(7, 0)
#define VTD_PRQ_LO_PP		BIT_ULL(8)
#define VTD_PRQ_LO_RID		GENMASK_ULL(31, 16)
#define VTD_PRQ_LO_PASID	GENMASK_ULL(51, 32)
#define VTD_PRQ_LO_EXE		BIT_ULL(52)
#define VTD_PRQ_LO_PM		BIT_ULL(53)
#define VTD_PRQ_HI_RD		BIT_ULL(0)
#define VTD_PRQ_HI_WR		BIT_ULL(1)
#define VTD_PRQ_HI_LPIG		BIT_ULL(2)
#define VTD_PRQ_HI_PRGI		GENMASK_ULL(11, 3)
#define VTD_PRQ_HI_ADDR		GENMASK_ULL(63, 12)
#define VTD_PRQ_TYPE_PAGE_REQUEST	1

/* Fault Recording Register, low and high quadword (11.4.7.6) */
#define VTD_FRCD_LO_FI		GENMASK_ULL(63, 12)
/* For an interrupt request instead of FI. */
#define VTD_FRCD_LO_INDEX	GENMASK_ULL(63, 48)
#define VTD_FRCD_HI_SID		GENMASK_ULL(15, 0)
#define VTD_FRCD_HI_T2		BIT_ULL(28)
#define VTD_FRCD_HI_PRIV	BIT_ULL(29)
#define VTD_FRCD_HI_EXE		BIT_ULL(30)
#define VTD_FRCD_HI_PP		BIT_ULL(31)
#define VTD_FRCD_HI_FR		GENMASK_ULL(39, 32)
#define VTD_FRCD_HI_PV		GENMASK_ULL(59, 40)
#define VTD_FRCD_HI_AT		GENMASK_ULL(61, 60)
#define VTD_FRCD_HI_T1		BIT_ULL(62)
#define VTD_FRCD_HI_F		BIT_ULL(63)
/* The F field, in the highest doubleword of a record. */
#define VTD_FRCD_DW3		0xc
#define VTD_FRCD_DW3_F		BIT(31)

/* Protected Memory Enable Register (11.4.8.1) */
#define VTD_PMEN_PRS		BIT(0)
#define VTD_PMEN_EPM		BIT(31)

/* Invalidation Queue Head and Tail Registers (11.4.9.1, 11.4.9.2) */
#define VTD_IQ_OFFSET		GENMASK_ULL(18, 4)
#define VTD_IQ_SHIFT		4

/* Invalidation Queue Address Register (11.4.9.3) */
#define VTD_IQA_QS		GENMASK_ULL(2, 0)
#define VTD_IQA_DW		BIT_ULL(11)

/* Invalidation Queue Error Record Register (11.4.9.9) */
#define VTD_IQERCD_IQEI		GENMASK_ULL(3, 0)
#define VTD_IQERCD_ITESID	GENMASK_ULL(47, 32)
#define VTD_IQERCD_ICESID	GENMASK_ULL(63, 48)
#define VTD_IQEI_TYPE		3
#define VTD_IQEI_RESERVED	4

/* Interrupt Remapping Table Address Register (11.4.10) */
#define VTD_IRTA_S		GENMASK_ULL(3, 0)
#define VTD_IRTA_EIME		BIT_ULL(11)
#define VTD_IRTA_IRTA		GENMASK_ULL(63, 12)

/*
 * Root entry, low quadword; the high one is reserved (9.1). In scalable mode both
 * have these fields, and lead to a lower and an upper context table (9.2).
 */
#define VTD_ROOT_P		BIT_ULL(0)
#define VTD_ROOT_CTP		GENMASK_ULL(63, 12)

/* Context entry, low and high quadword (9.3) */
#define VTD_CTX_LO_P		BIT_ULL(0)
#define VTD_CTX_LO_FPD		BIT_ULL(1)
#define VTD_CTX_LO_TT		GENMASK_ULL(3, 2)
#define VTD_CTX_LO_RSVD		GENMASK_ULL(11, 4)
#define VTD_CTX_LO_SSPTPTR	GENMASK_ULL(63, 12)
#define VTD_CTX_HI_AW		GENMASK_ULL(2, 0)
#define VTD_CTX_HI_DID		GENMASK_ULL(23, 8)
#define VTD_CTX_HI_RSVD		(BIT_ULL(7) | GENMASK_ULL(63, 24))

/* Scalable-mode context entry, lowest quadword; the others are 0 here (9.4) */
#define VTD_SM_CTX_P		BIT_ULL(0)
#define VTD_SM_CTX_FPD		BIT_ULL(1)
#define VTD_SM_CTX_DTE		BIT_ULL(2)
#define VTD_SM_CTX_PASIDE	BIT_ULL(3)
#define VTD_SM_CTX_PRE		BIT_ULL(4)
#define VTD_SM_CTX_PDTS		GENMASK_ULL(11, 9)
#define VTD_SM_CTX_PASIDDIRPTR	GENMASK_ULL(63, 12)

/* Scalable-mode PASID-directory entry (9.5) */
#define VTD_PASID_DIR_P		BIT_ULL(0)
#define VTD_PASID_DIR_SMPTBLPTR	GENMASK_ULL(63, 12)

/* Scalable-mode PASID-table entry, the three lowest quadwords (9.6) */
#define VTD_PASID_LO_P		BIT_ULL(0)
#define VTD_PASID_LO_FPD	BIT_ULL(1)
#define VTD_PASID_LO_AW		GENMASK_ULL(4, 2)
#define VTD_PASID_LO_PGTT	GENMASK_ULL(8, 6)
#define VTD_PASID_LO_SSADE	BIT_ULL(9)
#define VTD_PASID_LO_SSPTPTR	GENMASK_ULL(63, 12)
#define VTD_PASID_HI_DID	GENMASK_ULL(15, 0)
#define VTD_PASID_HI_PWSNP	BIT_ULL(23)
#define VTD_PASID_HI_PGSNP	BIT_ULL(24)
#define VTD_PASID_FS_SRE	BIT_ULL(0)
#define VTD_PASID_FS_FSPM	GENMASK_ULL(3, 2)
#define VTD_PASID_FS_WPE	BIT_ULL(4)
#define VTD_PASID_FS_EAFE	BIT_ULL(7)
#define VTD_PASID_FS_FSPTPTR	GENMASK_ULL(63, 12)

/* Values of PGTT (9.6) */
#define VTD_PGTT_FIRST_STAGE	1
#define VTD_PGTT_SECOND_STAGE	2
#define VTD_PGTT_NESTED		3
#define VTD_PGTT_PASS_THROUGH	4

/* Second-stage page-table entries of all levels (9.8) */
#define VTD_SS_R		BIT_ULL(0)
#define VTD_SS_W		BIT_ULL(1)
#define VTD_SS_PS		BIT_ULL(7)
#define VTD_SS_ADDR		GENMASK_ULL(51, 12)

/* Translation types of a context entry (9.3) */
#define VTD_TT_UNTRANSLATED	0
#define VTD_TT_DEVICE_TLB	1
#define VTD_TT_PASS_THROUGH	2

/*
 * Interrupt remapping table entry, low and high: in remapped format (9.10), and in
 * posted format (9.11), which has P, FPD, V and the fields of the upper half, too.
 */
#define VTD_IRTE_LO_P		BIT_ULL(0)
#define VTD_IRTE_LO_FPD		BIT_ULL(1)
#define VTD_IRTE_LO_DM		BIT_ULL(2)
#define VTD_IRTE_LO_TM		BIT_ULL(4)
/* One of the bits that are available to software: the source is a pin of an I/O APIC. */
#define VTD_IRTE_LO_PIN		BIT_ULL(8)
#define VTD_IRTE_LO_V		GENMASK_ULL(23, 16)
#define VTD_IRTE_LO_DST		GENMASK_ULL(63, 32)
/* An APIC ID of 8 bits is in bits 15:8 of DST. */
#define VTD_IRTE_DST_XAPIC	GENMASK(15, 8)
#define VTD_IRTE_LO_IM		BIT_ULL(15)
/* Bits 31:6 and 63:32 of the address of the descriptor */
#define VTD_IRTE_LO_PDA		GENMASK_ULL(63, 38)
#define VTD_IRTE_HI_PDA		GENMASK_ULL(63, 32)
#define VTD_IRTE_PDA_LOW	GENMASK_ULL(31, 6)
#define VTD_IRTE_HI_SID		GENMASK_ULL(15, 0)
#define VTD_IRTE_HI_SQ		GENMASK_ULL(17, 16)
#define VTD_IRTE_HI_SVT		GENMASK_ULL(19, 18)

/* Values of SVT. With VTD_SVT_BUS, SID holds a range of bus numbers (9.10) */
#define VTD_SVT_REQUESTER	1
#define VTD_SVT_BUS		2
/* Values of SQ: bits of the function number that are not verified (9.10) */
#define VTD_SQ_ALL		0
#define VTD_SQ_NOT_2		1
#define VTD_SQ_NOT_2_1		2
#define VTD_SQ_SLOT		3
#define VTD_SID_FIRST_BUS	GENMASK(15, 8)
#define VTD_SID_LAST_BUS	GENMASK(7, 0)

/* Remappable interrupt request: address and data (5.1.2.2) */
#define VTD_MSI_ADDRESS		0xfee00000
#define VTD_MSI_HANDLE_15	BIT(2)
#define VTD_MSI_SHV		BIT(3)
#define VTD_MSI_FORMAT		BIT(4)
#define VTD_MSI_HANDLE_14_0	GENMASK(19, 5)
#define VTD_MSI_SUBHANDLE	GENMASK(15, 0)

/* Type of an invalidation descriptor; bits 11:9 of these are 0 (6.5.2) */
#define VTD_DSC_TYPE		GENMASK_ULL(3, 0)
#define VTD_DSC_CC		1	/* 6.5.2.1 */
#define VTD_DSC_IOTLB		2	/* 6.5.2.3 */
#define VTD_DSC_DEV_TLB		3	/* 6.5.2.5 */
#define VTD_DSC_IEC		4	/* 6.5.2.8 */
#define VTD_DSC_WAIT		5	/* 6.5.2.9 */
#define VTD_DSC_P_IOTLB		6	/* 6.5.2.4 */
#define VTD_DSC_PASID		7	/* 6.5.2.2 */
#define VTD_DSC_P_DEV_TLB	8	/* 6.5.2.6 */
#define VTD_DSC_PAGE_RESPONSE	9	/* 7.7.1 */

/* Granularity of context-cache and IOTLB invalidations (11.4.6.1, 11.4.6.3) */
#define VTD_GRAN_GLOBAL		1
#define VTD_GRAN_DOMAIN		2
#define VTD_GRAN_DEVICE		3	/* context-cache */
#define VTD_GRAN_PAGE		3	/* IOTLB */

/* Context-cache Invalidate Descriptor (6.5.2.1) */
#define VTD_CC_LO_G		GENMASK_ULL(5, 4)
#define VTD_CC_LO_DID		GENMASK_ULL(31, 16)
#define VTD_CC_LO_SID		GENMASK_ULL(47, 32)
#define VTD_CC_LO_FM		GENMASK_ULL(49, 48)

/* PASID-cache Invalidate Descriptor, and its granularities (6.5.2.2) */
#define VTD_PASID_DSC_LO_G	GENMASK_ULL(5, 4)
#define VTD_PASID_DSC_LO_DID	GENMASK_ULL(31, 16)
#define VTD_PASID_DSC_LO_PASID	GENMASK_ULL(51, 32)
#define VTD_PASID_GRAN_PASID	1	/* one PASID of a domain */
#define VTD_PASID_GRAN_GLOBAL	3

/* IOTLB Invalidate Descriptor (6.5.2.3); IVA_REG has the layout of HI */
#define VTD_IOTLB_LO_G		GENMASK_ULL(5, 4)
#define VTD_IOTLB_LO_DW		BIT_ULL(6)
#define VTD_IOTLB_LO_DR		BIT_ULL(7)
#define VTD_IOTLB_LO_DID	GENMASK_ULL(31, 16)
#define VTD_IOTLB_HI_AM		GENMASK_ULL(5, 0)
#define VTD_IOTLB_HI_IH		BIT_ULL(6)
#define VTD_IOTLB_HI_ADDR	GENMASK_ULL(63, 12)

/*
 * PASID-based-IOTLB Invalidate Descriptor, and its granularities (6.5.2.4); the upper
 * half has the layout of the descriptor above
 */
#define VTD_P_IOTLB_LO_G	GENMASK_ULL(5, 4)
#define VTD_P_IOTLB_LO_DID	GENMASK_ULL(31, 16)
#define VTD_P_IOTLB_LO_PASID	GENMASK_ULL(51, 32)
#define VTD_P_IOTLB_GRAN_PASID	2
#define VTD_P_IOTLB_GRAN_PAGE	3

/* Device-TLB Invalidate Descriptor (6.5.2.5) */
#define VTD_DEV_TLB_LO_PFSID_3_0	GENMASK_ULL(15, 12)
#define VTD_DEV_TLB_LO_MIP		GENMASK_ULL(20, 16)
#define VTD_DEV_TLB_LO_SID		GENMASK_ULL(47, 32)
#define VTD_DEV_TLB_LO_PFSID_15_4	GENMASK_ULL(63, 52)
#define VTD_DEV_TLB_HI_S		BIT_ULL(0)
#define VTD_DEV_TLB_HI_ADDR		GENMASK_ULL(63, 12)

/* PASID-based-Device-TLB Invalidate Descriptor (6.5.2.6) */
#define VTD_P_DEV_TLB_LO_MIP		GENMASK_ULL(8, 4)
#define VTD_P_DEV_TLB_LO_PFSID_3_0	GENMASK_ULL(15, 12)
#define VTD_P_DEV_TLB_LO_SID		GENMASK_ULL(31, 16)
#define VTD_P_DEV_TLB_LO_PASID		GENMASK_ULL(51, 32)
#define VTD_P_DEV_TLB_LO_PFSID_15_4	GENMASK_ULL(63, 52)
#define VTD_P_DEV_TLB_HI_S		BIT_ULL(11)

/* Interrupt Entry Cache Invalidate Descriptor (6.5.2.8) */
#define VTD_IEC_LO_G		BIT_ULL(4)
#define VTD_IEC_LO_IM		GENMASK_ULL(31, 27)
#define VTD_IEC_LO_IIDX		GENMASK_ULL(47, 32)

/* Invalidation Wait Descriptor (6.5.2.9) */
#define VTD_WAIT_LO_IF		BIT_ULL(4)
#define VTD_WAIT_LO_SW		BIT_ULL(5)
#define VTD_WAIT_LO_FN		BIT_ULL(6)
#define VTD_WAIT_LO_PD		BIT_ULL(7)
#define VTD_WAIT_LO_DATA	GENMASK_ULL(63, 32)

/* Page Group Response Descriptor, and its response codes (7.7.1) */
#define VTD_PRS_DSC_LO_PP	BIT_ULL(4)
#define VTD_PRS_DSC_LO_CODE	GENMASK_ULL(15, 12)
#define VTD_PRS_DSC_LO_RID	GENMASK_ULL(31, 16)
#define VTD_PRS_DSC_LO_PASID	GENMASK_ULL(51, 32)
#define VTD_PRS_DSC_HI_PRGI	GENMASK_ULL(11, 3)
#define VTD_PRS_CODE_SUCCESS	0
#define VTD_PRS_CODE_INVALID	1
#define VTD_PRS_CODE_FAILURE	0xf

/* Fault reasons of interrupt requests (5.1.4.1) */
#define VTD_FR_INTR_FIRST	0x20
#define VTD_FR_INTR_LAST	0x2b
/* Of these, 25h and all from 29h on concern no IRTE. */
#define VTD_FR_INTR_COMPAT	0x25
#define VTD_FR_INTR_NO_INDEX	0x29

#endif /* NYX_VTD_REGS_H */
