# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # work is static.sh's
# Checks of the static lane: what set-up says where it cannot do its work.

# refuses PATTERN COMMAND...: it fails with one line, which matches.
refuses() {
	local pattern=$1 out status=0

	shift
	out=$("$@" 2>&1) || status=$?
	say "$out"
	[ "$status" -ne 0 ] || die "it does not fail"
	[ "$(wc -l <<<"$out")" -eq 1 ] || die "it says more than one line"
	grep -qE "$pattern" <<<"$out" || die "it says nothing of $pattern"
}

# From a copy, because a user who is not root may not see the checkout.
check_setup_user() {
	local copy

	copy=$(mktemp -d)
	cp -r "$NYX_ROOT/scripts" "$copy/"
	chmod -R a+rX "$copy"
	refuses 'root' setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$copy/scripts/setup.sh"
	rm -rf "$copy"
}

# No server is at that port.
check_setup_mirror() {
	rm -rf "$work/no-cache"
	refuses 'NYX_MIRROR.* does not answer' env \
		NYX_CACHE="$work/no-cache" NYX_MIRROR=http://127.0.0.1:9/debian \
		"$NYX_ROOT/scripts/setup.sh"
	rm -rf "$work/no-cache"
}

# The same without NYX_MIRROR, where the host's apt lists nothing else.
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

# What is done is not done again, nor talked about.
check_setup_done() {
	none < <("$NYX_ROOT/scripts/setup.sh" 2>&1 || say "it fails")
}
