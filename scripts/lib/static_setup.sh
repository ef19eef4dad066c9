# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # work is static.sh's
# Checks of the static lane: the messages of a setup that cannot do its work.

# refuses PATTERN COMMAND...: the command fails, and prints one line that matches.
refuses() {
	local pattern=$1 out status=0

	shift
	out=$("$@" 2>&1) || status=$?
	say "$out"
	[ "$status" -ne 0 ] || die "the command does not fail"
	[ "$(wc -l <<<"$out")" -eq 1 ] || die "it prints more than one line"
	grep -qE "$pattern" <<<"$out" || die "its message does not match $pattern"
}

# A copy is run, because a user other than root may have no access to the checkout.
check_setup_user() {
	local copy

	copy=$(mktemp -d)
	cp -r "$NYX_ROOT/scripts" "$copy/"
	chmod -R a+rX "$copy"
	refuses 'root' setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$copy/scripts/setup.sh"
	rm -rf "$copy"
}

# Nothing listens on that port.
check_setup_mirror() {
	rm -rf "$work/no-cache"
	refuses 'NYX_MIRROR.* does not answer' env \
		NYX_CACHE="$work/no-cache" NYX_MIRROR=http://127.0.0.1:9/debian \
		"$NYX_ROOT/scripts/setup.sh"
	rm -rf "$work/no-cache"
}

# The same without NYX_MIRROR, when the host's apt lists no other archive.
check_setup_sources() {
	local apt=$work/apt

	rm -rf "$work/no-cache" "$apt"
	mkdir -p "$apt/parts"
	say 'deb http://127.0.0.1:9/debian trixie main' >"$apt/list"
	printf 'Dir::Etc::%s "%s";\n' sourcelist "$apt/list" \
		sourceparts "$apt/parts" >"$apt/conf"
	refuses 'no Debian mirror .* set NYX_MIRROR' env -u NYX_MIRROR \
		APT_CONFIG="$apt/conf" NYX_CACHE="$work/no-cache" \
		"$NYX_ROOT/scripts/setup.sh"
	rm -rf "$work/no-cache"
}

check_setup_room() {
	mkdir -p "$work/small"
	# shellcheck disable=SC2016 # expanded by the inner shell
	refuses 'needs [0-9]+ MB' unshare -m sh -euc '
		mount -t tmpfs -o size=64m tmpfs "$1"
		NYX_CACHE=$1/cache "$2"' sh \
		"$work/small" "$NYX_ROOT/scripts/setup.sh"
}

# A setup that is complete prints nothing, and does not use the network.
check_setup_done() {
	none < <("$NYX_ROOT/scripts/setup.sh" 2>&1 || say "it fails")
}
