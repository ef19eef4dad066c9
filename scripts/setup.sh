#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Sets up what building and testing need, in a cache folder that clones share.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/mirror.sh"

usage() {
	cat <<EOF
Usage: scripts/setup.sh [--refresh] [--help]

Sets up a Debian trixie chroot with compilers, QEMU, fio and dkms. Unpacks the
headers of every stock kernel that the mirror has in trixie, trixie-backports,
forky, sid and experimental, and the newest 6.12 kernel and the newest kernel
overall, which the tests boot. Everything lies in
  $NYX_CACHE
On the host it installs debootstrap if that is missing, and changes nothing
else. Steps that are done are skipped; after a failure, run it again.

  --refresh   look for newer kernels and packages, and take them

Environment:
  NYX_CACHE   the cache folder
  NYX_MIRROR  URI of the Debian mirror; by default the one that apt uses here
EOF
}

refresh=
take_options --refresh

NEED_MB=8192
STAMPS=$NYX_CACHE/stamps
LOGS=$NYX_CACHE/logs

PACKAGES=(ca-certificates gcc make libc6-dev bc bison flex libssl-dev cpio
	  xz-utils zstd kmod rsync perl python3 sparse codespell shellcheck fio
	  busybox-static iproute2 ccache dkms makedumpfile uuid-dev libpci-dev
	  libjansson-dev libmicrohttpd-dev pci.ids mandoc graphviz
	  python3-jsonschema prometheus debhelper dh-dkms dmsetup zsh
	  libvirt-clients)
BACKPORTS=(qemu-system-x86 libelf-dev pahole)

# step NAME WHAT: succeeds, and prints WHAT, if the step has not been done.
step() {
	[ ! -e "$STAMPS/$1" ] || return 1
	say "setup: $2"
}

done_step() {
	: >"$STAMPS/$1"
}

# logged NAME COMMAND...: run it quietly; a failure shows the end of the log.
logged() {
	local log=$LOGS/$1.log

	shift
	if ! "$@" >"$log" 2>&1 </dev/null; then
		tail -n 15 "$log" >&2
		say "setup: failed; the whole log is $log" >&2
		return 1
	fi
}

# Checks the disk that will hold the cache, before the cache is made.
check_disk() {
	local dir=$NYX_CACHE free used=0 options

	while [ ! -d "$dir" ]; do
		dir=$(dirname "$dir")
	done
	free=$(df -Pm "$dir" | awk 'NR == 2 { print $4 }')
	[ ! -d "$NYX_CACHE" ] ||
		used=$(du -smx "$NYX_CACHE" 2>/dev/null | cut -f1) || true
	[ $((free + ${used:-0})) -ge "$NEED_MB" ] ||
		die "$NYX_CACHE needs $NEED_MB MB, its disk has $free MB free: make room or set NYX_CACHE"
	options=$(findmnt -no OPTIONS -T "$dir")
	case ,$options, in
	*,noexec,*|*,nodev,*|*,ro,*)
		die "$NYX_CACHE is on a disk mounted $options: set NYX_CACHE to where programs can run" ;;
	esac
}

host_install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -y \
		-o DPkg::Lock::Timeout=60 --no-install-recommends "$@"
}

# The host's package lists may be missing, or older than its archive.
install_debootstrap() {
	host_install debootstrap || {
		apt-get update && host_install debootstrap
	}
}

host_packages() {
	! command -v debootstrap >/dev/null || return 0
	say "setup: install debootstrap on the host"
	logged host install_debootstrap ||
		die "cannot install debootstrap: check the host's apt sources"
}

# Selects the mirror that was used last, else the first that answers.
choose_mirror() {
	local want=${NYX_MIRROR:-}

	want=${want%/}
	mirror=$(cat "$NYX_CACHE/mirror" 2>/dev/null) || mirror=
	if [ -n "$mirror" ] && [ "${want:-$mirror}" = "$mirror" ]; then
		return
	fi
	if [ -n "$want" ]; then
		mirror=$want
		offers_trixie "$mirror" ||
			die "NYX_MIRROR=$mirror does not answer, or has no trixie-backports"
	else
		mirror=$(find_mirror)
		[ -n "$mirror" ] ||
			die "no Debian mirror with trixie-backports in the host's apt sources answers: check the network, or set NYX_MIRROR"
	fi
	# The chroot's apt configuration names the mirror.
	rm -f "$STAMPS/suites"
	printf '%s\n' "$mirror" >"$NYX_CACHE/mirror"
}

bootstrap() {
	local part=$NYX_CHROOT.part

	if [ -e "$part" ]; then
		# rm would follow into mounts, which hold other files.
		! grep -qF " $part/" /proc/self/mountinfo ||
			die "something is mounted below $part: unmount it"
		rm -rf "$part"
	fi
	logged debootstrap debootstrap_debian "$mirror" "$part" ||
		die "cannot fetch Debian trixie from $mirror: check the network, or set NYX_MIRROR"
	mv "$part" "$NYX_CHROOT"
}

apt_configuration() {
	cp -L /etc/resolv.conf /etc/hosts "$NYX_CHROOT/etc/" 2>/dev/null || true
	apt_as_host "$mirror" "$NYX_CHROOT"
	say 'Acquire::Languages "none";' >>"$NYX_CHROOT/etc/apt/apt.conf.d/90nyx"
	write_sources "$mirror"
	# Nothing is started in the chroot.
	printf '#!/bin/sh\nexit 101\n' >"$NYX_CHROOT/usr/sbin/policy-rc.d"
	chmod 755 "$NYX_CHROOT/usr/sbin/policy-rc.d"
	logged apt-update in_chroot apt-get update ||
		die "cannot read the package lists of $mirror: check the network, or set NYX_MIRROR"
}

# die_fetch WHAT: the next setup updates the lists first, because lists that are
# older than the archive name files that are gone.
die_fetch() {
	rm -f "$STAMPS"/{suites,kernels}
	die "cannot $1: check the network, or set NYX_MIRROR, and run it again"
}

install_in_chroot() {
	in_chroot apt-get install -y --no-install-recommends "$@"
}

# A setup that was stopped may have left packages half configured, and some of
# them may depend on packages that were not unpacked.
repair() {
	in_chroot dpkg --configure -a || true
	in_chroot apt-get install -y --fix-broken
}

packages() {
	install_in_chroot "${PACKAGES[@]}" &&
	install_in_chroot -t trixie-backports "${BACKPORTS[@]}"
}

# fetch_dpdk: unpacks DPDK's test program and what it needs in a folder of its own. As
# packages of the chroot they would bring udev, systemd and headers.
fetch_dpdk() {
	rm -rf "$NYX_CACHE/dpdk"*
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_chroot sh -euc '
		mkdir -p /cache/dpdk.debs/partial
		apt-get install -y --download-only --no-install-recommends \
			-o Dir::Cache::archives=/cache/dpdk.debs dpdk-dev
		cd /cache/dpdk.debs
		for deb in dpdk-dev_*.deb lib*.deb ibverbs-providers_*.deb; do
			case $deb in
			*-dev_*.deb)
				[ "${deb%%_*}" = dpdk-dev ] || continue ;;
			esac
			dpkg -x "$deb" /cache/dpdk.part
		done
		rm -r /cache/dpdk.debs
		mv /cache/dpdk.part /cache/dpdk'
}

. "$(dirname "$0")/lib/kernels.sh"

need_root
command -v apt-get >/dev/null || die "needs a Debian host: there is no apt-get"
[ -e "$STAMPS/ready" ] || check_disk
contain
mkdir -p "$STAMPS" "$LOGS" "$NYX_KERNELS" ||
	die "cannot create $NYX_CACHE: set NYX_CACHE to a folder that can be written"
exec 9>"$NYX_CACHE/lock"
if ! flock -n 9; then
	say "setup: another setup is using $NYX_CACHE: waiting for it"
	flock 9
fi

if [ -n "$refresh" ]; then
	rm -f "$STAMPS"/{suites,packages-*,dpdk,kernels} "$NYX_CACHE/mirror"
fi
if [ -e "$STAMPS/ready" ] && [ -e "$STAMPS/suites" ] &&
   [ "$(cat "$STAMPS/ready")" = "$(setup_version)" ]; then
	exit 0
fi
rm -f "$STAMPS/ready"
choose_mirror
host_packages
if [ ! -d "$NYX_CHROOT" ]; then
	say "setup: Debian trixie chroot from $mirror"
	bootstrap
fi
if step suites "package lists of ${CHROOT_SUITES[*]} ${KERNEL_SUITES[*]}"; then
	apt_configuration
	done_step suites
fi
logged repair repair ||
	die_fetch "repair the packages of a stopped setup"
list=packages-$(cksum <<<"${PACKAGES[*]} ${BACKPORTS[*]}" | cut -d' ' -f1)
if step "$list" "compilers, QEMU, fio and dkms in the chroot"; then
	logged packages packages ||
		die_fetch "install packages in the chroot"
	done_step "$list"
fi
if step dpdk "DPDK for an example of the documents"; then
	logged dpdk fetch_dpdk || die_fetch "fetch DPDK"
	done_step dpdk
fi
if step kernels "list of the kernels on the mirror"; then
	find_kernels
	done_step kernels
fi
load_kernels
for rel in "$NYX_LTS" "$NYX_NEW"; do
	if [ ! -d "$NYX_KERNELS/$rel" ]; then
		say "setup: stock kernel $rel"
		logged "kernel-$rel" unpack_kernel "$rel" ||
			die_fetch "fetch kernel $rel"
	fi
done
for rel in $NYX_RELEASES; do
	if step "headers-$rel" "headers of $rel"; then
		logged "headers-$rel" unpack_headers "$rel" ||
			die_fetch "fetch the headers of $rel"
		done_step "headers-$rel"
	fi
done
source=source-$NYX_SOURCE_VERSION
if step "$source" "kernel source for User-mode Linux, $NYX_SOURCE_VERSION"; then
	logged source unpack_source ||
		die_fetch "fetch the kernel source $NYX_SOURCE_VERSION"
	done_step "$source"
fi
setup_version >"$STAMPS/ready"
say "setup: done; $(kernels_age)"
