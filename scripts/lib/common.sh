# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
# What every script here needs: where things lie, how to speak, how to run a
# command in the chroot. Sourced, after `set -euo pipefail`.

# The script's own arguments: what is sourced without any sees them.
NYX_ARGS=("$@")

NYX_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
NYX_CACHE=${NYX_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/nyx}
say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

case $NYX_CACHE in
*[[:space:]:]*)
	die "NYX_CACHE=$NYX_CACHE: use a path without blanks and colons" ;;
/*) ;;
*)
	# Scripts change folder, and start each other.
	export NYX_CACHE=$PWD/$NYX_CACHE ;;
esac

NYX_BUILD=$NYX_ROOT/build
NYX_CHROOT=$NYX_CACHE/trixie
NYX_KERNELS=$NYX_CACHE/kernels

# The same places, as a command in the chroot sees them.
NYX_IN_ROOT=/src
NYX_IN_CACHE=/cache
NYX_IN_BUILD=$NYX_IN_ROOT/build
NYX_IN_KERNELS=$NYX_IN_CACHE/kernels

need_root() {
	[ "$(id -u)" -eq 0 ] ||
		die "must run as root: it creates a chroot and mounts in it"
}

# Start the script anew as the first process of a PID namespace: whatever it
# starts, in the background and elsewhere, ends with it, however it ends.
#
# The kernel sees to it: unshare is killed with this shell, its child with it,
# and with that all that is in the namespace. Scripts that were started by one
# that did so have nothing to do.
contain() {
	local status=0

	[ -z "${NYX_CONTAINED:-}" ] || return 0
	export NYX_CONTAINED=1
	# Waiting in the background, because a trap does not interrupt a command.
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	setpriv --pdeathsig KILL unshare --pid --fork --kill-child=KILL \
		--mount-proc -- "$0" "${NYX_ARGS[@]}" &
	wait $! || status=$?
	exit "$status"
}

# alone NAME: until this script ends, others that want the same of this folder
# wait. Needs contain before it: then whatever holds the lock ends with the script.
alone() {
	local lock=$NYX_BUILD/$1.lock fd

	mkdir -p "${lock%/*}"
	exec {fd}>"$lock"
	flock -n "$fd" && return
	printf '%s: another one is at work in %s: waiting for it\n' \
		"${0##*/}" "$NYX_BUILD" >&2
	flock "$fd"
}

# Run a command in the chroot: in_chroot COMMAND [ARGUMENT...]
#
# The repository is at /src, the cache at /cache; what any clone compiled before is
# taken from there. The mounts are in a mount namespace of the command's own, so
# they are gone with it, however it ends. So is /tmp: what a killed command left
# there would be in the way of the next that has the same process ID.
in_chroot() {
	[ -d "$NYX_CHROOT/usr" ] || die "no chroot yet: run make setup"
	mkdir -p "$NYX_CHROOT$NYX_IN_ROOT" "$NYX_CHROOT$NYX_IN_CACHE"
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --propagation private -- /bin/sh -euc '
		chroot=$1 root=$2 cache=$3
		shift 3
		mount --bind /proc "$chroot/proc"
		mount --rbind /dev "$chroot/dev"
		mount -t tmpfs tmpfs "$chroot/tmp"
		mount --bind "$root" "$chroot/src"
		mount --bind "$cache" "$chroot/cache"
		exec chroot "$chroot" /usr/bin/env \
			PATH=/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin \
			CCACHE_DIR=/cache/ccache CCACHE_MAXSIZE=2G HOME=/root \
			LC_ALL=C.UTF-8 TMPDIR=/tmp DEBIAN_FRONTEND=noninteractive \
			"$@"' \
		in_chroot "$NYX_CHROOT" "$NYX_ROOT" "$NYX_CACHE" "$@"
}

# What set-up found on offer: NYX_LTS and NYX_NEW (releases that are booted),
# NYX_NEWEST (headers to compile against), NYX_SOURCE (source archive of
# NYX_NEW, as the chroot sees it).
load_kernels() {
	[ -r "$NYX_KERNELS/offer" ] || die "no kernels yet: run make setup"
	# shellcheck disable=SC1091
	. "$NYX_KERNELS/offer"
}

# vmlinuz_of RELEASE: the kernel image, as the chroot sees it.
vmlinuz_of() {
	local rel=$1 dir=$NYX_KERNELS/$1 path

	for path in "boot/vmlinuz-$rel" "usr/lib/modules/$rel/vmlinuz" \
		    "lib/modules/$rel/vmlinuz"; do
		if [ -f "$dir/$path" ]; then
			say "$NYX_IN_KERNELS/$rel/$path"
			return
		fi
	done
	die "no kernel image below $dir"
}

# modules_of RELEASE: its modules, as the host sees them.
modules_of() {
	local dir

	for dir in "$NYX_KERNELS/$1"/{usr/,}"lib/modules/$1"; do
		if [ -d "$dir/kernel" ]; then
			say "$dir"
			return
		fi
	done
	die "no modules below $NYX_KERNELS/$1"
}
