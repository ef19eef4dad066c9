# SPDX-License-Identifier: GPL-2.0-only
# The commands for users. Kbuild describes the module itself.

KDIR ?= /lib/modules/$(shell uname -r)/build
VENDOR ?= intel

all: modules

need_headers = $(if $(wildcard $(KDIR)/Makefile),,$(error no kernel headers in $(KDIR): \
	install linux-headers-$(shell uname -r), or set KDIR to another folder))
failed = nyx: the module does not build for the kernel in $(KDIR). \
	Please report the first error above to the Nyx developers.

# The kernel's makefiles read Kbuild and not this file if both exist.
modules:
	$(need_headers)
	@$(MAKE) -C $(KDIR) M=$(CURDIR) $@ || { echo '$(failed)' >&2; exit 1; }

clean:
	$(need_headers)
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@

setup:
	scripts/setup.sh

demo:
	VENDOR='$(VENDOR)' scripts/demo.sh

deb:
	scripts/deb.sh

check:
	scripts/check.sh

check-all:
	scripts/check.sh --all

vm:
	scripts/setup.sh
	scripts/vm.sh

bench:
	scripts/setup.sh
	scripts/bench.sh

help:
	@echo 'make [KDIR=...]          build drivers/iommu/nyx/nyx_iommu.ko for the'
	@echo '                         running kernel, or for the headers in KDIR'
	@echo 'make deb                 build Debian packages in build/deb'
	@echo 'make demo [VENDOR=intel] set up, boot the test machine, show the main job'
	@echo 'make check               run the tests; ends with N passed, N failed'
	@echo 'make check-all           the same, with the long tests'
	@echo 'make vm                  virtual machines and DPDK with devices; takes long'
	@echo 'make bench               count instructions, beside the built-in drivers'
	@echo 'make setup               only set up: packages, chroot, kernels, QEMU'
	@echo 'make clean               remove the files that make built here'
	@echo
	@echo 'bench, deb, demo, check, vm and setup need root. They keep a cache in NYX_CACHE and'
	@echo 'everything else in build/. See scripts/check.sh --help for more.'

.PHONY: all modules clean setup deb demo check check-all vm bench help
