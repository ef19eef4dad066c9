# SPDX-License-Identifier: GPL-2.0-only
# What people call. The module itself is described in Kbuild.

KDIR ?= /lib/modules/$(shell uname -r)/build
VENDOR ?= intel

all: modules

# KBUILD_EXTMOD's Kbuild is read in its stead, so this file stays out of it.
modules clean:
	$(if $(wildcard $(KDIR)/Makefile),,$(error no kernel headers in $(KDIR): \
		install linux-headers-$(shell uname -r), or give another folder as KDIR))
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@

setup:
	scripts/setup.sh

demo:
	VENDOR='$(VENDOR)' scripts/demo.sh

check:
	scripts/check.sh

help:
	@echo 'make [KDIR=...]          build drivers/iommu/nyx/nyx_iommu.ko for the'
	@echo '                         running kernel, or for the one in KDIR'
	@echo 'make demo [VENDOR=intel] set up, boot the test machine, show the main job'
	@echo 'make check               everything that tests; ends with N passed, N failed'
	@echo 'make setup               only set up: packages, chroot, kernels, QEMU'
	@echo 'make clean               remove what make built here'
	@echo
	@echo 'demo, check and setup need root. They keep a cache in NYX_CACHE and'
	@echo 'everything else in build/. scripts/check.sh --help tells more.'

.PHONY: all modules clean setup demo check help
