# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The kernel's source, for User-mode Linux, in-tree builds and its checking
# tools: unpacked once into the cache, with this checkout as drivers/nyx.
# Needs common.sh and load_kernels.

# kernel_source: unpack it if need be; NYX_TREE is where, as the chroot sees it.
kernel_source() {
	local archive=$NYX_CHROOT$NYX_SOURCE version tree

	[ -r "$archive" ] || die "no $archive: run make setup"
	version=$(in_chroot dpkg-query -W -f '${Version}' \
		"$(basename "$NYX_SOURCE" .tar.xz)" | tr -c '[:alnum:].' -)
	tree=$NYX_CACHE/linux-$version
	NYX_TREE=$NYX_IN_CACHE/linux-$version
	[ ! -d "$tree" ] || return 0

	exec 7>"$NYX_CACHE/source.lock"
	flock 7
	if [ ! -d "$tree" ]; then
		say "source: unpack ${NYX_SOURCE##*/}"
		rm -rf "$tree.part"
		mkdir "$tree.part"
		tar -xf "$archive" -C "$tree.part" --strip-components=1
		# Every clone is /src in the chroot, so one tree serves all.
		ln -s "$NYX_IN_ROOT" "$tree.part/drivers/nyx"
		echo 'obj-y += nyx/' >>"$tree.part/drivers/Makefile"
		# shellcheck disable=SC2016 # $ is sed's last line
		sed -i '$i source "drivers/nyx/Kconfig"' \
			"$tree.part/drivers/Kconfig"
		mv "$tree.part" "$tree"
	fi
	exec 7>&-
}

# in_tree COMMAND...: run it in the source tree, gently, and without what an
# outer make left in the environment.
in_tree() {
	in_chroot env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS \
		--chdir="$NYX_TREE" HOME=/tmp nice "$@"
}
