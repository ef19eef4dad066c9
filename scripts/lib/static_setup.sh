# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # work is static.sh's
# Checks of the static lane: the messages of a setup that cannot do its work, and of scripts
# with wrong arguments.

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

# refuses_arguments SCRIPT [ARGUMENT...]: ends with 2, and prints only errors. The time limit is
# for a script that does its work instead.
refuses_arguments() {
	local out status=0

	out=$(timeout 20 "$@" 2>"$work/arguments.err" </dev/null) || status=$?
	[ "$status" -eq 2 ] || die "$* ends with $status, and prints: $out"
	[ -z "$out" ] || die "$* prints no error, but: $out"
	[ -s "$work/arguments.err" ] || die "$* prints no error"
}

# Each script takes the options that its --help describes, and no others.
check_arguments() {
	local script option count=0
	local -a scripts taken

	mapfile -t scripts < <(grep -l '^take_options' scripts/*.sh)
	for script in "${scripts[@]}"; do
		read -ra taken < <(sed -n 's/^take_options//p' "$script")
		diff <(printf '%s\n' "${taken[@]%%=*}" | sed '/./!d' | sort) \
		     <("$script" --help | sed -nE 's/^  (--?[a-z]+)( .*)?$/\1/p' | sort) ||
			die "$script --help does not describe the options that it takes"
		refuses_arguments "$script" --unknown
		refuses_arguments "$script" ''
		for option in "${taken[@]}"; do
			[[ $option == *=* ]] || continue
			refuses_arguments "$script" "${option%%=*}"
			grep -qx "${script##*/}: ${option%%=*} needs ${option#*=}" \
				"$work/arguments.err" ||
				die "$script $option does not say what is missing"
			count=$((count + 1))
		done
	done
	[ "$count" -gt 5 ] || die "no script has options"
}
