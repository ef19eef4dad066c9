# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # work is static.sh's
# Checks of the static lane that compile, or that read compiled objects.

# quiet_make DIR MAKE-COMMAND...: fails with the output if there was a warning. Then
# it removes DIR, because a warning only appears when its file is compiled, and the
# next run must show it again.
quiet_make() {
	local dir=$1 out status=0

	shift
	out=$("$@" 2>&1) || status=$?
	# Ignores the line which reports that the kernel was built with another compiler.
	if [ "$status" -ne 0 ] ||
	   grep -qE ':.*(warning|error):|modpost:|^Warning:' <<<"$out"; then
		say "$out"
		rm -rf "$dir"
		return 1
	fi
}

# Debian 13's sparse lacks two features that the headers of 7.2 and later need. The
# kernel then skips sparse without a message, as it does when checker-valid.sh is
# missing, which Debian's headers do not ship. With these definitions sparse finds
# what newer versions find. kernel-doc comments have a check of their own.
checks=(W=1 cmd_checkdoc= C=1 KBUILD_CHECKSRC=1 CHECK="sparse -D__typeof_unqual__=__typeof__ \
'-D__builtin_strlen(s)=(sizeof(s)-1)'")

# copy_sources FOLDER: copies the files that a build needs into FOLDER, a path in the
# chroot.
copy_sources() {
	in_chroot rsync -a --delete --exclude=/build --exclude=/.git \
		--include='*/' --include='*.[ch]' --include='*.mk' \
		--include=Kbuild --include=Kconfig --include=/Makefile \
		--include=/dkms.conf --exclude='*' "$NYX_IN_ROOT/" "$1/"
}

# out_of_tree RELEASE FOLDER [MAKE-ARGUMENT...]: build a copy of the sources.
out_of_tree() {
	local rel=$1 folder=$2

	shift 2
	in_chroot env -u MAKEFLAGS -u MAKELEVEL \
		make -s -C "/usr/src/linux-headers-$rel" M="$folder" \
		-j"$(nproc)" "$@" modules
}

# cannot_build RELEASE: prints why the host tools of these headers do not run in
# the chroot; fails if they do. Newer suites may need a newer libc.
cannot_build() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_chroot sh -c 'find -L "$1/scripts" "$1/tools" -type f -perm -100 \
		-exec ldd {} + 2>&1 | grep -m 1 "not found"' sh \
		"/usr/src/linux-headers-$1"
}

# is_in_between RELEASE: its series, for example 7.2, has an older and a newer kernel on
# the mirror. The interfaces that the module uses rarely change within a series.
is_in_between() {
	local series

	series=$(sed -E 's/^([0-9]+\.[0-9]+).*/\1/' <<<"$1")
	! grep -E "^${series/./[.]}[^0-9]" <<<"$NYX_RELEASES" | sed -n '1p;$p' |
		grep -qxF "$1"
}

# has_compiler RELEASE: the chroot has the compiler that these headers require.
has_compiler() {
	local cc

	cc=$(sed -nE 's/.*\$\(CROSS_COMPILE\)(gcc-[0-9]+).*/\1/p' \
		"$NYX_CHROOT/usr/src/linux-headers-$1/.kernelvariables" | head -n 1)
	[ -z "$cc" ] || [ -e "$NYX_CHROOT/usr/bin/$cc" ]
}

# build_module RELEASE: builds out of tree. For the older kernel that is booted, and for
# a release candidate, all warnings and sparse are enabled. build_in_tree does that for
# the newer kernel that is booted. For others the build is that of a user. Kernels of newer suites expect a newer compiler. The chroot's compiler builds for
# them too, but warns about attributes that it does not know.
build_module() {
	local rel=$1 in=$NYX_IN_BUILD/static/$1
	local -a options=()

	has_compiler "$rel" || options+=(CC=gcc KCFLAGS=-Wno-attributes)
	case $rel in
	"$NYX_NEW") ;;
	"$NYX_LTS"|"$NYX_NEWEST") options+=("${checks[@]}") ;;
	esac
	[ -d "$NYX_CHROOT/usr/src/linux-headers-$rel" ] ||
		die "no headers of $rel: run make setup"
	mkdir -p "$work/$rel"
	copy_sources "$in"
	quiet_make "$work/$rel" out_of_tree "$rel" "$in" "${options[@]}"
	[ -f "$work/$rel/drivers/iommu/nyx/nyx_iommu.ko" ] ||
		die "no nyx_iommu.ko was built"
}

# Changes to interfaces that compat.mk probes, as a future kernel may make them:
# the interface, its header and a sed command.
unknown_interfaces='
KZALLOC_OBJ slab.h s/kzalloc/kzalloc_new/g
SYSCORE_DATA syscore_ops.h s/register_syscore/add_syscore/g
IRQ_MOVE_DEFERRED irq.h s/MOVE_DEFERRED/MOVE_LATER/g
MSI_DESCS_LOCK msi.h s/msi_descs_lock/msi_lock/g
ACS_CAPABILITIES pci.h s/acs_cap/acs_feature/g
BRIDGE_NO_ALIAS pci.h s/PCI_DEV_FLAGS/PCI_DEVICE_FLAGS/g
IOMMU_PAGES_LIST iommu.h s/freelist;/pages;/g
ATTACH_OLD_DOMAIN iommu.h s/attach_dev)(/&struct\x20iommufd_ctx\x20*ctx,\x20/
ALLOC_FLAGS iommu.h s/domain_alloc_paging_flags/domain_alloc_any/g
HW_INFO_ENUM iommu.h s/enum\x20iommu_hw_info_type\x20\*type/u64\x20*type/g
CAP_ATS iommu.h s/IOMMU_CAP_/IOMMU_CAPABILITY_/g
PI_DATA ../../arch/x86/include/asm/irq_remapping.h s/pi_desc_addr/pi_address/
PASID_BLOCKED iommu.h s/def_domain_type)(struct\x20device/&\x20const/
HWPT_PASID ../uapi/linux/iommufd.h s/IOMMU_HWPT_ALLOC_/IOMMU_PT_ALLOC_/
NS_STRING module.h s/MODULE_INFO(import_ns,/MODULE_NAMESPACE(/g
IOMMUPT generic_pt/iommu.h s/dma_addr_t\x20len/size_t\x20len/g
'

# For sh -c with the arguments RELEASE HEADER SED-COMMAND: replaces the
# kernel's header by a changed one until the command ends.
# shellcheck disable=SC2016 # expanded by that shell
change_header='
	common=$(sed -n "s,^include \(.*\)/Makefile$,\1,p" \
		"/usr/src/linux-headers-$1/Makefile")
	header=$common/include/linux/$2
	sed "$3" "$header" >/tmp/header.h
	! cmp -s /tmp/header.h "$header"
	mount --bind /tmp/header.h "$header"
'

# names_interface NAME: the build log on standard input reports that interface of
# the newest kernel, and where to report it.
names_interface() {
	grep -F "Linux $NYX_NEW " | grep "interface $1 .* report this line" ||
		die "the build does not report the interface $1"
}

# A kernel with a new variant of an interface stops the build with a line about it,
# which DKMS keeps in its log.
check_unknown() {
	local in=$NYX_IN_BUILD/static/unknown out=$work/unknown.out name header \
		edit probes

	mkdir -p "$work/unknown" "$work/dkms"
	copy_sources "$in"
	while read -r name header edit; do
		# shellcheck disable=SC2016 # expanded by the inner shell
		in_chroot env -u MAKEFLAGS -u MAKELEVEL sh -euc "$change_header"'
			! make -s -C "/usr/src/linux-headers-$1" M="$4" modules' \
			sh "$NYX_NEW" "$header" "$edit" "$in" >"$out" 2>&1 ||
			die "$name: the module builds with a new variant"
		names_interface "$name" <"$out"
	done < <(grep . <<<"$unknown_interfaces")
	probes=$(sed -n 's/^nyx-flags.*nyx-probe,\([A-Z_]*\),.*/\1/p' \
		include/nyx/compat.mk)
	[ -n "$probes" ] || die "no probe found in include/nyx/compat.mk"
	while read -r name; do
		grep -q "^$name " <<<"$unknown_interfaces" ||
			die "no new variant of $name is tried"
	done <<<"$probes"
	copy_sources "$NYX_IN_BUILD/static/dkms"
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_dkms sh -euc "$change_header"'
		dkms add .
		! dkms build "$4" -k "$1"
		cat "/var/lib/dkms/$4/build/make.log"' \
		sh "$NYX_NEW" syscore_ops.h s/register_syscore/add_syscore/g \
		"$(dkms_name)" >"$out" 2>&1 ||
		die "DKMS builds the module with a new variant: $(cat "$out")"
	names_interface SYSCORE_DATA <"$out"
}

# in_dkms COMMAND...: run it in the chroot, in a copy of the sources, with the headers
# of both kernels that are booted where DKMS looks for them. dkms writes to file
# systems of the command's own, which end with it.
in_dkms() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_chroot sh -euc '
		mkdir -p /usr/lib/modules /var/lib/dkms
		mount -t tmpfs tmpfs /usr/lib/modules
		mount -t tmpfs tmpfs /var/lib/dkms
		mkdir /tmp/src
		echo "source_tree=/tmp/src" >/tmp/dkms.conf
		mount --bind /tmp/dkms.conf /etc/dkms/framework.conf
		for rel in "$2" "$3"; do
			mkdir "/usr/lib/modules/$rel"
			ln -s "/usr/src/linux-headers-$rel" \
				"/usr/lib/modules/$rel/build"
		done
		cd "$1"
		shift 3
		exec "$@"' sh "$NYX_IN_BUILD/static/dkms" "$NYX_LTS" "$NYX_NEW" \
		"$@"
}

# DKMS as a user runs it: by hand for the older kernel that is booted, then by
# autoinstall for the newer one, as when that is installed later.
check_dkms_install() {
	local out rel

	mkdir -p "$work/dkms"
	copy_sources "$NYX_IN_BUILD/static/dkms"
	# shellcheck disable=SC2016 # expanded by the inner shell
	out=$(in_dkms sh -euc '
		dkms add .
		dkms build "$1" -k "$2"
		dkms install "$1" -k "$2"
		dkms autoinstall -k "$3"
		dkms status
		for rel in "$2" "$3"; do
			echo "$rel is installed for: $(modinfo -F vermagic \
				/lib/modules/$rel/updates/dkms/nyx_iommu.ko*)"
		done
		dkms remove "$1" --all
		left=$(dkms status)
		[ -z "$left" ]' sh "$(dkms_name)" "$NYX_LTS" "$NYX_NEW" 2>&1) ||
		die "DKMS fails: $out"
	say "$out"
	for rel in "$NYX_LTS" "$NYX_NEW"; do
		grep -qF "$rel is installed for: $rel " <<<"$out" ||
			die "DKMS did not install the module for $rel"
	done
}

# dkms_name: the module and its version, as dkms names it.
dkms_name() {
	sed -nE 's,^PACKAGE_VERSION="(.*)",nyx-iommu/\1,p' dkms.conf
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

# Builds in a kernel tree, with the KUnit suites: stock headers do not have KUnit.
build_in_tree() {
	local option

	shared_build in-tree x86_64 base_in_tree
	in_tree scripts/config --file "$NYX_IN_BUILD/in-tree/.config" \
		-m NYX_IOMMU -e NYX_IOMMU_KUNIT_TEST
	make_in_tree olddefconfig
	for option in NYX_IOMMU=m NYX_IOMMU_KUNIT_TEST=y; do
		grep -q "^CONFIG_$option" "$NYX_BUILD/in-tree/.config" ||
			die "Kconfig does not offer Nyx: no $option"
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
	# parm is NAME:DESCRIPTION (TYPE), or without a description NAME (TYPE) or
	# NAME:TYPE.
	while read -r name; do
		in_chroot modinfo -F parm "$ko" |
			grep -qE "^$name:.{20,}" ||
			{ say "parameter $name has no description"; bad=1; }
		grep -qw "$name" Documentation/parameters.md ||
			{ say "parameter $name is not in Documentation/parameters.md"; bad=1; }
	done < <(in_chroot modinfo -F parm "$ko" | cut -d: -f1)
	return "$bad"
}

# Prints FILE TYPE NAME for each symbol of the module's objects. FILE is the source.
# Objects whose sources were removed may still exist, so sources are listed.
symbols() {
	[ -d "$work/$NYX_NEW/drivers" ] || die "no objects of $NYX_NEW: its build failed"
	(cd "$work/$NYX_NEW" &&
	 find drivers -name '*.c' ! -name '*.mod.c' | sed 's/c$/o/' |
	 xargs nm -A -g | sed -E 's/\.o:[0-9a-f ]* ([A-Za-z]) /.c \1 /')
}

# Every function that other files can call has kernel-doc.
check_documented() {
	local file name bad=0 functions

	functions=$(symbols |
		awk '$2 == "T" && $3 !~ /^(__|init_module|cleanup_module)/')
	while read -r file _ name; do
		grep -qE "^ \* $name\(\) - " "$file" ||
			{ say "$file: $name() has no kernel-doc"; bad=1; }
	done <<<"$functions"
	return "$bad"
}

# Every symbol that other files can use is used by one, or by a test.
check_used() {
	local file name bad=0 used

	used=$(symbols | awk '$2 == "U" { print $3 }' | sort -u)
	while read -r file _ name; do
		grep -qxF "$name" <<<"$used" || grep -qrw "$name" kunit ||
			{ say "$file: no other file uses $name: make it static, or remove it"; bad=1; }
	done < <(symbols | awk '$2 ~ /[TDBR]/ && $3 !~ /^(__|init_module|cleanup_module)/')
	return "$bad"
}
