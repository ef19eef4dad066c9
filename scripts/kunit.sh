#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The KUnit lane: User-mode Linux with Nyx dropped in, built and run.
set -euo pipefail

usage() {
	cat <<EOF
Usage: ${0##*/} [--filter GLOB] [--seed N] [--list] [--raw]

Builds User-mode Linux from Debian's kernel source with this checkout as
drivers/nyx, and runs the KUnit suites in it under KASAN and lockdep.

  --filter GLOB  run only these suites, e.g. nyx_pt or 'nyx_*.*overlap*'
  --seed N       seed of the random tests (they print the one they use)
  --list         list the tests and end
  --raw          show the kernel's log as it is, not kunit.py's summary

NYX_CACHE  folder that clones share (${XDG_CACHE_HOME:-$HOME/.cache}/nyx)
NYX_SRC    checkout to test, by default the one that this script stands in
EOF
}

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

filter= raw=() args=() list=
while [ $# -gt 0 ]; do
	case $1 in
	--filter) filter=${2:?--filter needs a glob}; shift ;;
	--seed) args+=("--kernel_args=nyx_iommu.kunit_seed=${2:?--seed needs a number}"); shift ;;
	--list) list=1 ;;
	--raw) raw=(--raw_output=all) ;;
	-h|--help) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
	shift
done

src=$(realpath "${NYX_SRC:-$(dirname "$0")/..}")
cache=${NYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nyx}
root=$cache/trixie
build=$src/build/uml
[ "$(id -u)" = 0 ] || die "must be root: it works in a chroot"
[ -x "$root/usr/bin/gcc" ] || die "no chroot in $root: run 'make setup' first"

# Runs a command in the chroot, in namespaces of its own: every run sees its
# own clone and build folder under the same names, so the object files of the
# shared build are up to date for make wherever they are copied to.
# sandbox TREE OUT SRC|'' COMMAND...
sandbox() {
	unshare --mount --pid --fork --kill-child --propagation private -- \
	bash -euc '
		root=$1 tree=$2 out=$3 src=$4
		shift 4
		mount -t proc proc "$root/proc"
		mount -t tmpfs tmpfs "$root/tmp"
		mount -t tmpfs tmpfs "$root/mnt"
		mkdir "$root/mnt/linux" "$root/mnt/build"
		mount --bind "$tree" "$root/mnt/linux"
		mount --bind "$out" "$root/mnt/build"
		if [ -n "$src" ]; then
			mount --bind "$src" "$root/mnt/linux/drivers/nyx"
			mount -o remount,bind,ro "$root/mnt/linux/drivers/nyx"
		fi
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin HOME=/tmp \
			TMPDIR=/tmp LC_ALL=C.UTF-8 bash -euc \
			"cd /mnt/linux; exec nice \"\$@\"" sh "$@"
	' sh "$root" "$@"
}

kunit() {
	sandbox "$tree" "$1" "$2" tools/testing/kunit/kunit.py "${@:3}" \
		--build_dir=/mnt/build
}

# The newest kernel that trixie-backports boots, and its source package.
version=$(chroot "$root" apt-cache madison linux-image-amd64 |
	awk '{ print $3 }' | sort -V | tail -n 1)
[ -n "$version" ] || die "the chroot's apt knows no linux-image-amd64"
tarball=$root/usr/src/linux-source-$(cut -d. -f1,2 <<<"$version").tar.xz
[ -e "$tarball" ] || die "no $tarball: run 'make setup' first"

# Shared by clones, each made once and put in place by a rename.
tree=$cache/linux-$version
key=$({
	echo "$version"
	chroot "$root" gcc --version | head -n 1
	cat "$src/kunit/.kunitconfig"
} | sha256sum | cut -c1-12)
base=$cache/uml-$key
mkdir -p "$build"
exec 9>"$cache/uml.lock" 8>"$build.lock"
flock 9
if [ ! -d "$tree" ]; then
	echo "Unpacking ${tarball##*/} into $tree"
	rm -rf "$tree.tmp"
	mkdir "$tree.tmp"
	tar -xf "$tarball" -C "$tree.tmp" --strip-components=1
	mkdir "$tree.tmp/drivers/nyx"
	touch "$tree.tmp/drivers/nyx/Kbuild" "$tree.tmp/drivers/nyx/Kconfig"
	echo 'obj-y += nyx/' >>"$tree.tmp/drivers/Makefile"
	sed -i '$i source "drivers/nyx/Kconfig"' "$tree.tmp/drivers/Kconfig"
	mv "$tree.tmp" "$tree"
fi
if [ ! -d "$base" ]; then
	echo "Building User-mode Linux $version without Nyx into $base"
	rm -rf "$base.tmp"
	mkdir "$base.tmp"
	grep -v CONFIG_NYX_ "$src/kunit/.kunitconfig" >"$base.tmp/.kunitconfig"
	kunit "$base.tmp" '' config
	sandbox "$tree" "$base.tmp" '' make -s ARCH=um O=/mnt/build -j"$(nproc)"
	mv "$base.tmp" "$base"
fi
flock -u 9

flock 8
if [ "$(cat "$build/base" 2>/dev/null)" != "$key" ]; then
	rm -rf "$build"
	cp -a --reflink=auto "$base" "$build"
	echo "$key" >"$build/base"
fi
cp "$src/kunit/.kunitconfig" "$build/"
kunit "$build" "$src" config
sandbox "$tree" "$build" "$src" make -s ARCH=um O=/mnt/build -j"$(nproc)"
if [ -n "$list" ]; then
	kunit "$build" "$src" exec --list_tests
	exit
fi
kunit "$build" "$src" exec --timeout=600 "${raw[@]}" "${args[@]}" ${filter:+"$filter"}
