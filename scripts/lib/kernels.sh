# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Finds the stock kernels on the Debian mirror and unpacks their files. Part of
# setup.sh.

# The chroot installs packages from the first two suites. The others only offer
# kernels, and a mirror may lack them.
CHROOT_SUITES=(trixie trixie-backports)
KERNEL_SUITES=(forky sid experimental)

# write_sources MIRROR: the chroot's apt configuration. A negative priority keeps
# apt from installing anything from KERNEL_SUITES.
write_sources() {
	local mirror=$1 suite etc=$NYX_CHROOT/etc/apt

	{
		for suite in "${CHROOT_SUITES[@]}"; do
			say "deb $mirror $suite main"
		done
		for suite in "${KERNEL_SUITES[@]}"; do
			if fetch "$mirror/dists/$suite/InRelease" /dev/null; then
				say "deb $mirror $suite main"
			else
				say "setup: $mirror has no $suite: its kernels are left out" >&2
			fi
		done
	} >"$etc/sources.list"
	for suite in "${KERNEL_SUITES[@]}"; do
		printf 'Package: *\nPin: release %s=%s\nPin-Priority: -1\n\n' \
			a "$suite" n "$suite"
	done >"$etc/preferences.d/nyx"
}

# list_kernels: "RELEASE VERSION SUITE" of each stock kernel whose headers the
# mirror has, oldest first. RELEASE is what uname -r prints.
list_kernels() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_chroot sh -euc '
		names=$(apt-cache pkgnames linux-headers- |
			grep -xE "linux-headers-[0-9.]+[+~a-z0-9]*-amd64")
		apt-cache madison $names' |
	awk -F' *[|] *' '
		{
			gsub(/^ *linux-headers-/, "", $1)
			split($3, from, "[ /]+")
			for (i in from)
				if (from[i] == "main")
					suite = from[i - 1]
			if (!seen[$1]++)
				print $1, $2, suite
		}' | sort -V
}

# newest PATTERN: the newest release kernel in the list on standard input whose
# release matches. Release candidates are compiled against, but not booted.
newest() {
	awk -v pattern="$1" '
		$1 ~ pattern && $2 !~ /~rc/ { newest = $1 " " $2 }
		END { print newest }'
}

# find_kernels: write the offer, which load_kernels reads.
find_kernels() {
	local list lts new new_version

	list=$(list_kernels)
	[ -n "$list" ] || die "the mirror offers no kernel headers"
	read -r lts _ < <(newest '^6[.]12[.]' <<<"$list")
	read -r new new_version < <(newest . <<<"$list")
	[ -n "$lts" ] || die "the mirror offers no 6.12 kernel"
	cat >"$NYX_KERNELS/offer.part" <<-EOT
	NYX_LTS=$lts
	NYX_NEW=$new
	NYX_NEWEST=$(tail -n 1 <<<"$list" | cut -d' ' -f1)
	NYX_SOURCE=/usr/src/linux-source-$(sed -E \
		's/^([0-9]+\.[0-9]+).*/\1/' <<<"$new").tar.xz
	NYX_SOURCE_VERSION=$new_version
	NYX_LISTED=$(date +%F)
	NYX_RELEASES='$(cut -d' ' -f1 <<<"$list")'
	NYX_VERSIONS='$list'
	EOT
	mv "$NYX_KERNELS/offer.part" "$NYX_KERNELS/offer"
}

# version_of RELEASE: the version of a kernel's packages.
version_of() {
	awk -v rel="$1" '$1 == rel { print $2 }' <<<"$NYX_VERSIONS"
}

# with_parts PACKAGE=VERSION GLOB: that package, and the packages whose names match
# among those that it depends on, all in the same version.
with_parts() {
	local package=$1 glob=$2 name

	say "$package"
	while read -r name; do
		# shellcheck disable=SC2053 # a glob
		[[ $name != $glob ]] || say "$name=${package#*=}"
	done < <(in_chroot apt-cache show "$package" |
		sed -n 's/^Depends: //p' | grep -oE 'linux-[^ ,]+')
}

# unpack_packages FOLDER PACKAGE=VERSION...: unpacks the packages without installing
# them. So the mirror need not offer their dependencies, no initramfs is created and no
# hook runs.
unpack_packages() {
	local folder=$1 deb

	shift
	rm -rf "${NYX_KERNELS:?}/$folder"
	mkdir -p "$NYX_KERNELS/$folder/debs"
	in_chroot env --chdir="$NYX_IN_KERNELS/$folder/debs" \
		apt-get download "$@" || return 1
	for deb in "$NYX_KERNELS/$folder"/debs/*.deb; do
		in_chroot dpkg-deb -x \
			"$NYX_IN_KERNELS/$folder/debs/${deb##*/}" \
			"$NYX_IN_KERNELS/$folder" || return 1
	done
	rm -rf "$NYX_KERNELS/$folder/debs"
}

# unpack_kernel RELEASE: its image and modules, into the cache. Newer kernels
# split them over several packages.
unpack_kernel() {
	local rel=$1 part=$1.part
	local -a names

	mapfile -t names < <(with_parts "linux-image-$rel=$(version_of "$rel")" \
		"linux-*-$rel")
	unpack_packages "$part" "${names[@]}" || return 1
	# depmod reads lib/modules, which a merged /usr has as a link.
	[ -e "$NYX_KERNELS/$part/lib" ] ||
		ln -s usr/lib "$NYX_KERNELS/$part/lib"
	in_chroot depmod -b "$NYX_IN_KERNELS/$part" "$rel" || return 1
	rm -rf "${NYX_KERNELS:?}/$rel"
	mv "$NYX_KERNELS/$part" "$NYX_KERNELS/$rel"
}

# unpack_headers RELEASE: into the chroot's /usr, where their makefiles expect
# each other.
unpack_headers() {
	local rel=$1 part=headers-$1.part
	local -a names

	mapfile -t names < <(with_parts \
		"linux-headers-$rel=$(version_of "$rel")" \
		'linux-@(headers|kbuild)-*')
	unpack_packages "$part" "${names[@]}" || return 1
	cp -a --remove-destination "$NYX_KERNELS/$part/usr/src/." \
		"$NYX_CHROOT/usr/src/" || return 1
	cp -a --remove-destination "$NYX_KERNELS/$part"/usr/lib/linux-kbuild-* \
		"$NYX_CHROOT/usr/lib/" || return 1
	rm -rf "${NYX_KERNELS:?}/$part"
}

# unpack_source: the source archive of the newest kernel.
unpack_source() {
	local name=${NYX_SOURCE##*/}

	unpack_packages source.part \
		"${name%.tar.xz}=$NYX_SOURCE_VERSION" || return 1
	cp "$NYX_KERNELS/source.part$NYX_SOURCE" "$NYX_CHROOT$NYX_SOURCE" ||
		return 1
	rm -rf "$NYX_KERNELS/source.part"
}

# Changes when this clone may need something that the cache does not have.
setup_version() {
	cat "$NYX_ROOT/scripts/setup.sh" "$NYX_ROOT/scripts/lib/kernels.sh" |
		cksum
}
