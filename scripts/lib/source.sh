# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The source tree of the newest kernel, for User-mode Linux, in-tree builds and its
# checking tools. It is unpacked once into the cache, with this checkout as
# drivers/nyx. Needs common.sh and load_kernels.

# kernel_source: unpack the tree if it is missing. Sets NYX_TREE to its path, as the
# chroot sees it.
kernel_source() {
	local archive=$NYX_CHROOT$NYX_SOURCE version tree

	[ -r "$archive" ] || die "no $archive: run make setup"
	version=$(printf '%s' "$NYX_SOURCE_VERSION" | tr -c '[:alnum:].' -)
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
		# The chroot has every clone at /src, so one tree serves all.
		ln -s "$NYX_IN_ROOT" "$tree.part/drivers/nyx"
		echo 'obj-y += nyx/' >>"$tree.part/drivers/Makefile"
		# shellcheck disable=SC2016 # $ is sed's last line
		sed -i '$i source "drivers/nyx/Kconfig"' \
			"$tree.part/drivers/Kconfig"
		mv "$tree.part" "$tree"
	fi
	exec 7>&-
}

# in_tree COMMAND...: run it in the source tree, without the environment of an outer
# make.
in_tree() {
	in_chroot env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u PWD \
		--chdir="$NYX_TREE" HOME=/tmp "$@"
}

# shared_build NAME KEY COMMAND: provide a kernel build in build/NAME.
#
# COMMAND fills the empty folder. It runs once for all clones, which copy its result.
# The folder has the same path in the chroot in each clone, so make finds the copied
# objects up to date. KEY identifies everything that they depend on.
shared_build() {
	local name=$1 dir=$NYX_BUILD/$1 key base

	key=$({ say "$NYX_TREE $2"; in_chroot gcc --version; } |
		sha256sum | cut -c1-12)
	base=$NYX_CACHE/$name-$key
	shift 2
	[ "$(cat "$dir/.base" 2>/dev/null)" != "$key" ] || return 0

	exec 8>"$NYX_CACHE/$name.lock"
	flock 8
	rm -rf "$dir"
	if [ ! -d "$base" ]; then
		rm -rf "$base.part"
		mkdir "$dir"
		"$@"
		cp -a --reflink=auto "$dir" "$base.part"
		mv "$base.part" "$base"
	else
		cp -a --reflink=auto "$base" "$dir"
	fi
	say "$key" >"$dir/.base"
	exec 8>&-
}
