# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Which stock kernels Debian offers, and how to get at their files. Part of
# setup.sh.

# suite_version PACKAGE SUITE: the newest version that a suite offers.
suite_version() {
	in_chroot apt-cache madison "$1" |
		awk -F' *[|] *' -v suite=" $2/" \
			'index($3, suite) && !found++ { print $2 }'
}

# suite_kernel SUITE: the release that its linux-image-amd64 stands for.
suite_kernel() {
	local version

	version=$(suite_version linux-image-amd64 "$1")
	[ -n "$version" ] || return 1
	in_chroot apt-cache show "linux-image-amd64=$version" |
		sed -nE 's/^Depends:.*linux-image-([0-9][^ ,]*).*/\1/p'
}

find_offer() {
	local lts new newest

	lts=$(suite_kernel trixie) || die "trixie offers no linux-image-amd64"
	new=$(suite_kernel trixie-backports) ||
		die "trixie-backports offers no linux-image-amd64"
	newest=$(in_chroot apt-cache search --names-only \
			'^linux-headers-[0-9.]+[+~a-z0-9]*-amd64$' |
		sed -E 's/^linux-headers-([^ ]*) .*/\1/' | sort -V | tail -n 1)
	cat >"$NYX_KERNELS/offer.part" <<-EOF
	NYX_LTS=$lts
	NYX_NEW=$new
	NYX_NEWEST=$newest
	NYX_SOURCE=/usr/src/linux-source-$(say "$new" |
		sed -E 's/^([0-9]+\.[0-9]+).*/\1/').tar.xz
	EOF
	mv "$NYX_KERNELS/offer.part" "$NYX_KERNELS/offer"
}

# The packages that hold a kernel's image and modules. Newer kernels split them
# over several, which linux-image depends on by the same release.
image_packages() {
	say "linux-image-$1"
	in_chroot apt-cache depends --important "linux-image-$1" |
		awk -v rel="-$1" '$1 == "Depends:" && index($2, rel) { print $2 }'
}

# Unpacked, not installed: no initramfs is made and no hook runs.
unpack_kernel() {
	local rel=$1 part=$NYX_KERNELS/$1.part deb
	local -a names

	rm -rf "$part"
	mkdir -p "$part/debs"
	mapfile -t names < <(image_packages "$rel")
	in_chroot env --chdir="$NYX_IN_KERNELS/$rel.part/debs" \
		apt-get download "${names[@]}" || return 1
	for deb in "$part"/debs/*.deb; do
		in_chroot dpkg-deb -x "$NYX_IN_KERNELS/$rel.part/debs/${deb##*/}" \
			"$NYX_IN_KERNELS/$rel.part" || return 1
	done
	rm -rf "$part/debs"
	# depmod looks in lib/modules, where a merged /usr has a link.
	[ -e "$part/lib" ] || ln -s usr/lib "$part/lib"
	in_chroot depmod -b "$NYX_IN_KERNELS/$rel.part" "$rel" || return 1
	mv "$part" "$NYX_KERNELS/$rel"
}

# Changes when this clone wants something that the cache may not have.
setup_version() {
	cat "$NYX_ROOT/scripts/setup.sh" "$NYX_ROOT/scripts/lib/kernels.sh" |
		cksum
}
