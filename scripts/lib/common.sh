# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
# Common to all scripts: paths, messages, commands in the chroot. To be sourced
# after `set -euo pipefail`.

# The script's own arguments. A file that is sourced without arguments sees them.
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

# Fails, and shows what it reads, if it reads anything.
none() {
	! grep .
}

# take_options [OPTION | OPTION=WHAT]...: reads the script's arguments. An option sets the
# variable that has its name to 1, or with =WHAT to the argument after it. --help prints what
# the script's function usage prints. Ends the script with 2 if an argument is wrong.
take_options() {
	local -A takes=()
	local option

	for option; do
		takes[${option%%=*}]=${option#"${option%%=*}"}
	done
	set -- "${NYX_ARGS[@]}"
	while [ $# -gt 0 ]; do
		case $1 in
		-h|--help) usage; exit 0 ;;
		esac
		if [ -z "$1" ] || [ -z "${takes[$1]+known}" ]; then
			usage >&2
			exit 2
		elif [ -z "${takes[$1]}" ]; then
			printf -v "${1##*-}" 1
		elif [ -n "${2:-}" ]; then
			printf -v "${1##*-}" %s "$2"
			shift
		else
			printf '%s: %s needs %s\n' "${0##*/}" "$1" "${takes[$1]#=}" >&2
			exit 2
		fi
		shift
	done
}

case $NYX_CACHE in
*[[:space:]:]*)
	die "NYX_CACHE=$NYX_CACHE: use a path without blanks and colons" ;;
/*) ;;
*)
	# Scripts change their folder, and start each other.
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

# Restarts the script as the first process of a PID namespace, so that everything
# it starts ends with it, even if it is killed.
#
# The kernel does this: unshare is killed with this shell, its child is killed with
# unshare, and all processes of the namespace with that child. A script that was
# started by a contained script is contained already.
contain() {
	local status=0

	[ -z "${NYX_CONTAINED:-}" ] || return 0
	export NYX_CONTAINED=1
	# A trap interrupts wait, but no command in the foreground.
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	setpriv --pdeathsig KILL unshare --pid --fork --kill-child=KILL \
		--mount-proc -- "$0" "${NYX_ARGS[@]}" &
	wait $! || status=$?
	exit "$status"
}

# alone NAME: take the lock NAME of this checkout, and hold it until the script ends.
# Call contain first: then every process that inherits the lock ends with the script.
alone() {
	local lock=$NYX_BUILD/$1.lock fd

	mkdir -p "${lock%/*}"
	exec {fd}>"$lock"
	flock -n "$fd" && return
	printf '%s: another one is running in %s: waiting for it\n' \
		"${0##*/}" "$NYX_BUILD" >&2
	flock "$fd"
}

# Run a command in the chroot: in_chroot COMMAND [ARGUMENT...]
#
# The repository is mounted at /src and the cache at /cache. ccache there serves all
# clones. The command has a mount namespace of its own, so its mounts end with it.
# It also has its own /tmp, because files that a killed command left in a shared one
# would be in the way of a later command with the same process ID.
in_chroot() {
	[ -d "$NYX_CHROOT/usr" ] || die "no chroot: run make setup"
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

# copy_checkout FOLDER: copies this checkout to a folder, a path in the chroot. Files that git
# ignores do not belong to the source.
copy_checkout() {
	in_chroot rsync -a --exclude=/build --exclude=/.git --filter=':- .gitignore' \
		"$NYX_IN_ROOT/" "$1/"
}

# load_kernels: reads the list of kernels that setup found on the mirror. NYX_LTS and
# NYX_NEW are the releases that are booted, the newest 6.12 and the newest overall.
# NYX_RELEASES are all releases, which the module is compiled against, the oldest
# first. NYX_NEWEST is the last of them, and may be a release candidate. NYX_SOURCE is
# the source archive of NYX_NEW, as the chroot sees it, and NYX_SOURCE_VERSION its
# package's version. NYX_DEBUG is the release of the kernel that debug-kernel.sh builds
# from it. NYX_LISTED is the day on which setup searched the mirror.
load_kernels() {
	[ -r "$NYX_KERNELS/offer" ] || die "no kernels: run make setup"
	# shellcheck disable=SC1091
	. "$NYX_KERNELS/offer"
	[ -n "${NYX_RELEASES:-}" ] || die "no list of kernels: run make setup"
	NYX_DEBUG=${NYX_SOURCE_VERSION%%-*}-debug
}

# headers_of RELEASE: folder for building modules, as the chroot sees it.
headers_of() {
	case $1 in
	*-debug) say "$NYX_IN_KERNELS/$1/build" ;;
	*) say "/usr/src/linux-headers-$1" ;;
	esac
}

# kernels_age: one line on how old the list of kernels is.
kernels_age() {
	local days=$((($(date +%s) - $(date -d "$NYX_LISTED" +%s)) / 86400))

	say "$(wc -w <<<"$NYX_RELEASES") kernels on the mirror, as of $NYX_LISTED ($days days ago); scripts/setup.sh --refresh looks for newer ones"
}

# vmlinuz_of RELEASE: path of the kernel image, as the chroot sees it.
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

# modules_of RELEASE: folder of its modules, as the host sees it.
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
