# SPDX-License-Identifier: GPL-2.0-only
#
# Probes of the kernel's headers, included by drivers/iommu/nyx/Kbuild.
#
# A kernel's version does not show which interfaces it has: stable branches and
# distributions backport them. So each probe below searches the headers for one
# interface, and defines NYX_HAVE_<name> for include/nyx/compat.h if the kernel
# has its newest variant. These are the variants, by the upstream release that
# introduced them, or "by" the first that was looked at:
#
# name               newest variant                    older variant
# ------------------ --------------------------------- -------------------------
# KZALLOC_OBJ        7.0: kzalloc_obj()                6.12: kzalloc()
# SYSCORE_DATA       6.19: register_syscore()          6.12: register_syscore_ops()
# IRQ_MOVE_DEFERRED  6.14: IRQCHIP_MOVE_DEFERRED       6.12: IRQ_MOVE_PCNTXT
# ACS_CAPABILITIES   7.0: pci_dev.acs_capabilities     6.12: pci_dev.acs_cap only
# BRIDGE_NO_ALIAS    7.0: PCI_BRIDGE_NO_ALIAS quirk    6.12: no such quirk
# IOMMU_PAGES_LIST   6.16: struct iommu_pages_list,    6.12: list_head, pages from
#                    iommu_alloc_pages_node_sz()       alloc_pages_node()
# ATTACH_OLD_DOMAIN  6.19: attach_dev(domain, dev,     6.12: attach_dev(domain, dev)
#                    old)
# MSI_DESCS_LOCK     6.15: guard(msi_descs_lock)       6.12: msi_lock_descs()
# ALLOC_FLAGS        by 7.2:                           6.12: domain_alloc_user()
#                    domain_alloc_paging_flags()
# HW_INFO_ENUM       by 7.2: hw_info() with enum type  6.12: hw_info() with u32 type
# CAP_ATS            by 7.2: IOMMU_CAP_PCI_ATS_        6.12: no such capability
#                    SUPPORTED
# PASID_BLOCKED      by 7.2: set_dev_pasid() of the   6.12: remove_dev_pasid()
#                    blocked domain
# HWPT_PASID         by 7.2: IOMMU_HWPT_ALLOC_PASID    6.12: no such flag
# NS_STRING          6.13: MODULE_IMPORT_NS("NAME")    6.12: MODULE_IMPORT_NS(NAME)
# PI_DATA            by 7.2: struct                    6.12: struct vcpu_data
#                    intel_iommu_pi_data
# IOMMUPT            7.1: iommu_domain.is_iommupt,     6.12: map_pages() only
#                    pt_iommu_ops.map_range()
#
# Known backports: KZALLOC_OBJ in 6.12.117 and 6.18.35, SYSCORE_DATA in 6.12.117.

# $(call nyx-probe,NAME,HEADERS): -DNYX_HAVE_<NAME> if HEADERS match the extended
# regular expression nyx-new, nothing if they match nyx-old. Each run of white
# space in a header counts as one blank. A header may be missing.
nyx-matches = $(shell cd $(srctree)/include/linux && cat $(1) 2>/dev/null | \
	tr -s '[:space:]' ' ' | grep -qE '$(2)' && echo y)
nyx-probe = $(if $(call nyx-matches,$(2),$(nyx-new)),-DNYX_HAVE_$(1),$(if \
	$(call nyx-matches,$(2),$(nyx-old)),,$(error \
	Linux $(KERNELRELEASE) has a variant of the interface $(1) that Nyx \
	does not know, in $(addprefix include/linux/,$(2)). \
	Please report this line to the Nyx developers)))

# Each probe is evaluated where it stands, while nyx-new and nyx-old are its own.
nyx-flags :=

# Makefile.clean includes this file, too. It compiles nothing, so it must not stop.
ifdef cc-option

nyx-new := define kzalloc_obj\(\w+, \.\.\.\).*define kzalloc_objs\(\w+, \w+, \.\.\.\).*define kzalloc_flex\(\w+, \w+, \w+, \.\.\.\)
nyx-old := void \*kzalloc(_noprof)?\(size_t size, gfp_t flags\)
nyx-flags += $(call nyx-probe,KZALLOC_OBJ,slab.h)

nyx-new := void register_syscore\(struct syscore \*syscore\);
nyx-old := void register_syscore_ops\(struct syscore_ops \*ops\);
nyx-flags += $(call nyx-probe,SYSCORE_DATA,syscore_ops.h)

nyx-new := IRQCHIP_MOVE_DEFERRED =
nyx-old := IRQ_MOVE_PCNTXT =
nyx-flags += $(call nyx-probe,IRQ_MOVE_DEFERRED,irq.h)

nyx-new := DEFINE_LOCK_GUARD_1\(msi_descs_lock, struct device,
nyx-old := void msi_lock_descs\(struct device \*dev\);
nyx-flags += $(call nyx-probe,MSI_DESCS_LOCK,msi.h)

nyx-new := u16 acs_capabilities[;,)]
nyx-old := u16 acs_cap[;,)]
nyx-flags += $(call nyx-probe,ACS_CAPABILITIES,pci.h)

nyx-new := PCI_DEV_FLAGS_PCI_BRIDGE_NO_ALIAS =
nyx-old := PCI_DEV_FLAGS_BRIDGE_XLATE_ROOT =
nyx-flags += $(call nyx-probe,BRIDGE_NO_ALIAS,pci.h)

nyx-new := struct iommu_pages_list \{ struct list_head pages; \};.*struct iommu_pages_list freelist;
nyx-old := struct list_head freelist;
nyx-flags += $(call nyx-probe,IOMMU_PAGES_LIST,iommu.h)

nyx-old := int \(\*attach_dev\)\(struct iommu_domain \*domain, struct device \*dev
nyx-new := $(nyx-old), struct iommu_domain \*old\);
nyx-old := $(nyx-old)\);
nyx-flags += $(call nyx-probe,ATTACH_OLD_DOMAIN,iommu.h)

nyx-new := struct iommu_domain \*\(\*domain_alloc_paging_flags\)\( struct device \*dev, u32 flags, $\
	const struct iommu_user_data \*user_data\);
nyx-old := struct iommu_domain \*\(\*domain_alloc_user\)\( struct device \*dev, u32 flags, struct iommu_domain \*parent, $\
	const struct iommu_user_data \*user_data\);
nyx-flags += $(call nyx-probe,ALLOC_FLAGS,iommu.h)

nyx-old := void \*\(\*hw_info\)\(struct device \*dev, u32 \*length,
nyx-new := $(nyx-old) enum iommu_hw_info_type \*type\);
nyx-old := $(nyx-old) u32 \*type\);
nyx-flags += $(call nyx-probe,HW_INFO_ENUM,iommu.h)

nyx-new := IOMMU_CAP_PCI_ATS_SUPPORTED,
nyx-old := IOMMU_CAP_DIRTY_TRACKING,
nyx-flags += $(call nyx-probe,CAP_ATS,iommu.h)

nyx-old := int \(\*def_domain_type\)\(struct device \*dev\);
nyx-new := $(nyx-old) (size_t \(\*get_viommu_size|const struct iommu_domain_ops)
nyx-old := $(nyx-old) void \(\*remove_dev_pasid\)\(
nyx-flags += $(call nyx-probe,PASID_BLOCKED,iommu.h)

nyx-new := IOMMU_HWPT_ALLOC_PASID =
nyx-old := IOMMU_HWPT_ALLOC_DIRTY_TRACKING =
nyx-flags += $(call nyx-probe,HWPT_PASID,../uapi/linux/iommufd.h)

nyx-new := define MODULE_IMPORT_NS\(ns\) MODULE_INFO\(import_ns, ns\)
nyx-old := define MODULE_IMPORT_NS\(ns\) MODULE_INFO\(import_ns, __stringify\(ns\)\)
nyx-flags += $(call nyx-probe,NS_STRING,module.h)

nyx-pi := \{ u64 pi_desc_addr;( /\*[^*]*\*/)? u32 vector;( /\*[^*]*\*/)? \};
nyx-new := struct intel_iommu_pi_data $(nyx-pi)
nyx-old := struct vcpu_data $(nyx-pi)
nyx-flags += $(call nyx-probe,PI_DATA,../../arch/x86/include/asm/irq_remapping.h)

nyx-map := int \(\*map_range\)\(struct pt_iommu \*iommu_table, dma_addr_t iova, phys_addr_t paddr, dma_addr_t len, $\
	unsigned int prot, gfp_t gfp, size_t \*mapped\);
nyx-unmap := size_t \(\*unmap_range\)\(struct pt_iommu \*iommu_table, dma_addr_t iova, dma_addr_t len, $\
	struct iommu_iotlb_gather \*iotlb_gather\);
nyx-new := bool is_iommupt;.*$(nyx-map).*$(nyx-unmap)
nyx-old := struct iommu_domain \{ unsigned type;( enum iommu_domain_cookie_type cookie_type;)? const struct
nyx-flags += $(call nyx-probe,IOMMUPT,iommu.h generic_pt/iommu.h)

endif

ccflags-y += $(nyx-flags)
