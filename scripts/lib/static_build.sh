# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # work is static.sh's
# Checks of the static lane that compile, or look at what was compiled.

# A warning is shown only when a file is compiled: so what made one is thrown
# away, and the next run compiles it again.
# quiet_make DIR MAKE-COMMAND...
quiet_make() {
	local dir=$1 out status=0

	shift
	out=$("$@" 2>&1) || status=$?
	# Not the line that says that the kernel had another compiler.
	if [ "$status" -ne 0 ] ||
	   grep -qE ':.*(warning|error):|modpost:|^Warning:' <<<"$out"; then
		say "$out"
		rm -rf "$dir"
		return 1
	fi
}

# Debian 13's sparse lacks two things that the headers of 7.2 and later want of
# it: without them the kernel leaves it out, as it does when checker-valid.sh is
# missing, which Debian's headers do not ship. With them it finds what newer ones
# find. kernel-doc comments have a check of their own.
checks=(W=1 cmd_checkdoc= C=1 KBUILD_CHECKSRC=1 CHECK="sparse -D__typeof_unqual__=__typeof__ \
'-D__builtin_strlen(s)=(sizeof(s)-1)'")

# build_module RELEASE: out of tree, in a copy of the sources.
build_module() {
	local in=$NYX_IN_BUILD/static/$1

	[ -d "$NYX_CHROOT/usr/src/linux-headers-$1" ] ||
		die "no headers of $1: run make setup"
	mkdir -p "$work/$1"
	in_chroot rsync -a --delete --exclude=/build --exclude=/.git \
		--include='*/' --include='*.[ch]' --include='*.mk' \
		--include=Kbuild --include=Kconfig --exclude='*' "$NYX_IN_ROOT/" "$in/"
	quiet_make "$work/$1" in_chroot env -u MAKEFLAGS -u MAKELEVEL \
		make -s -C "/usr/src/linux-headers-$1" M="$in" \
		"${checks[@]}" -j"$(nproc)" modules
	[ -f "$work/$1/drivers/iommu/nyx/nyx_iommu.ko" ] ||
		die "no nyx_iommu.ko was built"
}

make_in_tree() {
	in_tree make -s ARCH=x86_64 O="$NYX_IN_BUILD/in-tree" -j"$(nproc)" "$@"
}

base_in_tree() {
	make_in_tree x86_64_defconfig
	in_tree scripts/config --file "$NYX_IN_BUILD/in-tree/.config" -e KUNIT
	make_in_tree olddefconfig
	make_in_tree prepare
}

# In a kernel tree, with the KUnit suites, which stock headers leave out.
build_in_tree() {
	local option

	shared_build in-tree x86_64 base_in_tree
	in_tree scripts/config --file "$NYX_IN_BUILD/in-tree/.config" \
		-m NYX_IOMMU -e NYX_IOMMU_KUNIT_TEST
	make_in_tree olddefconfig
	for option in NYX_IOMMU=m NYX_IOMMU_KUNIT_TEST=y; do
		grep -q "^CONFIG_$option" "$NYX_BUILD/in-tree/.config" ||
			die "Kconfig does not let Nyx be chosen: no $option"
	done
	quiet_make "$NYX_BUILD/in-tree/drivers/nyx" \
		make_in_tree "${checks[@]}" drivers/nyx/
	[ -f "$NYX_BUILD/in-tree/drivers/nyx/drivers/iommu/nyx/nyx_iommu.o" ] ||
		die "no nyx_iommu.o was built"
}

check_modinfo() {
	local ko=$NYX_IN_BUILD/static/$NYX_NEW/drivers/iommu/nyx/nyx_iommu.ko
	local field value name bad=0

	for field in license description version; do
		value=$(in_chroot modinfo -F "$field" "$ko")
		[ -n "$value" ] || { say "no $field"; bad=1; }
	done
	[ "$(in_chroot modinfo -F license "$ko")" = GPL ] ||
		{ say "the license is not GPL"; bad=1; }
	# parm holds NAME:DESCRIPTION (TYPE), or only NAME (TYPE) or NAME:TYPE.
	while read -r name; do
		in_chroot modinfo -F parm "$ko" |
			grep -qE "^$name:.{20,}" ||
			{ say "parameter $name has no description"; bad=1; }
		grep -qw "$name" Documentation/parameters.md ||
			{ say "parameter $name is not in Documentation/parameters.md"; bad=1; }
	done < <(in_chroot modinfo -F parm "$ko" | cut -d: -f1)
	return "$bad"
}

# Symbols of the module's objects: FILE TYPE NAME, sources as FILE. Objects whose
# sources are gone may be there yet.
symbols() {
	(cd "$work/$NYX_NEW" &&
	 find drivers -name '*.c' ! -name '*.mod.c' | sed 's/c$/o/' |
	 xargs nm -A -g | sed -E 's/\.o:[0-9a-f ]* ([A-Za-z]) /.c \1 /')
}

# A function that other files can call says how.
check_documented() {
	local file name bad=0

	while read -r file _ name; do
		grep -qE "^ \* $name\(\) - " "$file" ||
			{ say "$file: $name() has no kernel-doc"; bad=1; }
	done < <(symbols | awk '$2 == "T" && $3 !~ /^(__|init_module|cleanup_module)/')
	return "$bad"
}

# And is called by one, or by a test.
check_used() {
	local file name bad=0 used

	used=$(symbols | awk '$2 == "U" { print $3 }' | sort -u)
	while read -r file _ name; do
		grep -qxF "$name" <<<"$used" || grep -qrw "$name" kunit ||
			{ say "$file: no other file uses $name: make it static, or drop it"; bad=1; }
	done < <(symbols | awk '$2 ~ /[TDBR]/ && $3 !~ /^(__|init_module|cleanup_module)/')
	return "$bad"
}
