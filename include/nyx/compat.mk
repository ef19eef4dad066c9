# SPDX-License-Identifier: GPL-2.0-only
# Probes of the kernel's headers. Included by drivers/iommu/nyx/Kbuild.
#
# Kernel versions do not show which interfaces a kernel has: stable branches
# and distributions backport them. So each probe searches a header for the
# declaration, and defines NYX_HAVE_<interface> for include/nyx/compat.h.

# $(call nyx-probe,INTERFACE,HEADER,NEW,OLD): define NYX_HAVE_<INTERFACE> if
# HEADER matches the extended regular expression NEW. Stop if it matches
# neither NEW nor OLD. White space in the header counts as one blank.
nyx-header = tr -s '[:space:]' ' ' <$(srctree)/include/linux/$(1)
nyx-matches = $(shell $(call nyx-header,$(1)) | grep -qE '$(2)' && echo y)
nyx-probe = $(if $(call nyx-matches,$(2),$(3)),-DNYX_HAVE_$(1),$(if \
	$(call nyx-matches,$(2),$(4)),,$(error Nyx does not know this kernel's \
	$(1) in include/linux/$(2): please report this line to the Nyx developers)))

# register_syscore(), whose callbacks have an argument: 6.19 and later, and the
# 6.12 branch by 6.12.117. Before that: register_syscore_ops().
ccflags-y += $(call nyx-probe,SYSCORE_DATA,syscore_ops.h,$\
	register_syscore[(]struct syscore .syscore[)],$\
	register_syscore_ops[(]struct syscore_ops .ops[)])
