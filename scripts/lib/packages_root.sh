# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 # packages.sh has the other variables
# The Debian systems in which the packages lane works: those in the cache, and copies of
# them. Needs mirror.sh.

# debootstrap does not find perl-openssl-defaults, which provides a virtual package.
LINTIAN_PACKAGES=(lintian perl-openssl-defaults)
# Without python3, which nothing of this needs, a system is smaller than usual. ccache
# saves what DKMS compiles.
MACHINE_PACKAGES=(systemd systemd-sysv udev dbus kmod procps e2fsprogs initramfs-tools
		  busybox zstd dkms openssl ccache pci.ids libpci3 libjansson4
		  libmicrohttpd12t64
		  "linux-image-$NYX_LTS" "linux-headers-$NYX_LTS")

# A system in which nothing that the packages need is installed. ccache is there only to
# save time.
PLAIN_PACKAGES=(systemd systemd-sysv udev dbus kmod procps e2fsprogs initramfs-tools
		busybox zstd grub2-common ccache "linux-image-$NYX_LTS")

# What the packages depend on and recommend, and what the documents tell users to install
# with them.
NEEDED_PACKAGES=(dkms linux-headers-amd64 openssl pci.ids libpci3 libjansson4
		 libmicrohttpd12t64)

# debian_root NAME FINISH PACKAGE...: sets `root` to a folder in the cache with a Debian 13
# system that has these packages. It is made once: the command FINISH with the folder as
# argument completes it.
debian_root() {
	local name=$1 finish=$2 part lock

	shift 2
	root=$NYX_CACHE/packages/$name-$(cksum <<<"$* $NYX_NEW" | cut -d' ' -f1)
	part=$root.part
	mkdir -p "$NYX_CACHE/packages"
	exec {lock}>"$NYX_CACHE/packages/lock"
	flock "$lock"
	if [ ! -d "$root" ]; then
		! grep -qF " $part/" /proc/self/mountinfo ||
			die "something is mounted below $part: unmount it"
		rm -rf "$part"
		say "# packages: Debian system '$name' for the tests"
		if ! debootstrap_debian "$(cat "$NYX_CACHE/mirror")" "$part" \
		     --include="$(IFS=,; say "$*")" >"$work/$name.log" 2>&1 ||
		   ! (set -e; "$finish" "$part") >>"$work/$name.log" 2>&1; then
			tail -n 5 "$work/$name.log" >&2
			die "cannot make a Debian system: see $work/$name.log"
		fi
		mv "$part" "$root"
	fi
	exec {lock}>&-
}

# finish_machine FOLDER: adds the newest kernel, which may be from another suite, and the
# key with which DKMS signs modules.
finish_machine() {
	local modules common
	modules=$(modules_of "$NYX_NEW")

	common=$(sed -n 's,^include \(.*\)/Makefile$,\1,p' \
		"$NYX_CHROOT/usr/src/linux-headers-$NYX_NEW/Makefile")
	cp -a "$NYX_CHROOT/usr/src/linux-headers-$NYX_NEW" "$NYX_CHROOT$common" "$1/usr/src/"
	cp -a "$NYX_CHROOT/usr/lib/linux-kbuild-${NYX_NEW%-*}" "$1/usr/lib/"
	cp -a "$modules" "$1/usr/lib/modules/"
	ln -sfn "/usr/src/linux-headers-$NYX_NEW" "$1/usr/lib/modules/$NYX_NEW/build"
	cp "$NYX_CACHE/$(vmlinuz_of "$NYX_NEW" | sed "s,^$NYX_IN_CACHE/,,")" \
		"$1/boot/vmlinuz-$NYX_NEW"
	cp "$1/usr/src/linux-headers-$NYX_NEW/.config" "$1/boot/config-$NYX_NEW"
	# shellcheck disable=SC2016 # the other shell expands it
	NYX_CHROOT=$1 in_chroot sh -euc '
		dkms generate_mok
		update-initramfs -c -k "$1"' sh "$NYX_NEW"
}

# finish_plain FOLDER: apt there gets the files of the needed packages, and so can install
# them without a network.
finish_plain() {
	apt_as_host "$(cat "$NYX_CACHE/mirror")" "$1"
	NYX_CHROOT=$1 in_chroot apt-get -q -y --download-only install "${NEEDED_PACKAGES[@]}"
	rm -f "$1/etc/apt/apt.conf.d/90nyx" "$1/etc/ssl/nyx-host-ca.crt"
}

# copy_machine NAME: makes build/packages/NAME a copy of the machine in the cache, as an
# overlay that ends with this script.
copy_machine() {
	debian_root machine finish_machine "${MACHINE_PACKAGES[@]}"
	copy_root "$1"
}

# copy_plain NAME: the same, of the system without the needed packages.
copy_plain() {
	local needed

	needed=$(cksum <<<"${NEEDED_PACKAGES[*]}" | cut -d' ' -f1)
	debian_root "plain-$needed" finish_plain "${PLAIN_PACKAGES[@]}"
	copy_root "$1"
}

# copy_root NAME: makes build/packages/NAME a copy of the system in `root`.
copy_root() {
	local dir=$work/$1

	rm -rf "$dir"
	mkdir -p "$dir"/{changes,work,root}
	mount -t overlay overlay \
		-o "lowerdir=$root,upperdir=$dir/changes,workdir=$dir/work" "$dir/root"
}

# in_machine NAME COMMAND...: runs a command there, as in_chroot does in the chroot.
in_machine() {
	local dir=$work/$1/root

	shift
	NYX_CHROOT=$dir in_chroot env DEBIAN_KERNEL_USE_CCACHE=1 "$@"
}

# with_machine COMMAND...: runs a program of the machine in the cache, which only reads.
with_machine() {
	debian_root machine finish_machine "${MACHINE_PACKAGES[@]}"
	NYX_CHROOT=$root in_chroot "$@"
}

# apt_in NAME COMMAND...: apt-get there. All that the packages need is installed.
apt_in() {
	local name=$1

	shift
	in_machine "$name" apt-get -q -y --no-install-recommends "$@"
}

# debs FOLDER: the packages there, as the machines see them.
debs() {
	local deb

	for deb in "$NYX_BUILD/$1"/nyx-iommu-{dkms,tools}_*.deb; do
		say "$NYX_IN_BUILD/$1/${deb##*/}"
	done
}
