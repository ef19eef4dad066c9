#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds a kernel with KASAN, lockdep and IOMMUFD for the test machine.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
# shellcheck source-path=SCRIPTDIR
. "$NYX_ROOT/scripts/lib/source.sh"

usage() {
	cat <<EOF
Usage: scripts/debug-kernel.sh [--help]

Builds the source of the newest kernel with the options in scripts/guest/debug.config,
and prints the kernel's release, which ends with "-debug". The kernel is in the cache
beside the stock kernels. It is built once for all clones.
EOF
}

take_options

config=$NYX_ROOT/scripts/guest/debug.config

# options: prints the options without comments.
options() {
	grep '^CONFIG_' "$config"
}

make_kernel() {
	in_tree make -s ARCH=x86_64 O="$in/build" LOCALVERSION=-debug "$@"
}

# configure: fails if the kernel does not have one of the options, for example because it
# depends on another.
configure() {
	local missing

	make_kernel KCONFIG_ALLCONFIG="$NYX_IN_ROOT/scripts/guest/debug.config" \
		allnoconfig || return
	missing=$(comm -23 <(options | sort) <(sort "$dir/build/.config"))
	[ -z "$missing" ] || die "the kernel's configuration lacks: ${missing//$'\n'/ }"
}

# build: leaves only what building a module and a boot need.
build() {
	make_kernel -j"$(nproc)" bzImage modules &&
		make_kernel INSTALL_MOD_PATH="$in" modules_install || return
	[ -d "$dir/lib/modules/$rel" ] ||
		die "the kernel's release is $(ls "$dir/lib/modules"), not $rel"
	mkdir -p "$dir/boot"
	cp "$dir/build/arch/x86/boot/bzImage" "$dir/boot/vmlinuz-$rel"
	find "$dir/build" \( -name '*.o' -o -name '*.a' -o -name '*.cmd' -o -name 'vmlinux*' \) \
		-not -path "$dir/build/scripts/*" -not -path "$dir/build/tools/*" -delete
}

need_root
contain
load_kernels
kernel_source
rel=$NYX_DEBUG
dir=$NYX_KERNELS/$rel
in=$NYX_IN_KERNELS/$rel
key=$({ say "$NYX_TREE"; options; in_chroot gcc --version; } | sha256sum | cut -c1-12)

exec 8>"$NYX_CACHE/$rel.lock"
flock 8
if [ "$(cat "$dir/key" 2>/dev/null)" != "$key" ]; then
	say "debug-kernel: build $rel, once for all clones" >&2
	rm -rf "$dir"
	mkdir -p "$dir/build"
	log=$NYX_CACHE/logs/$rel.log
	{ configure && build; } >"$log" 2>&1 || {
		tail -n 15 "$log" >&2
		die "the kernel does not build; the whole log is $log"
	}
	say "$key" >"$dir/key"
fi
say "$rel"
