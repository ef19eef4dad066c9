#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# README.md's first command, as a reader would give it, for each vendor.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"

usage() {
	cat <<EOF
Usage: scripts/demos.sh

Runs make demo for each vendor, and looks for what it is to show. Ends with
"N passed, N failed"; what was shown is in build/logs/demo-VENDOR.
EOF
}

# What it says of the main job, in its order.
SHOWN='^== What was found$
: translation on, .* levels
^== Groups:
^group +[0-9]+: .*[(]nvme[)]
^== An NVMe disk,
^after: .* maps of [0-9]+ bytes
^== A device writes to memory
^edu [(]0000:00:05[.]0[)] wrote to 0x[0-9a-f]+; the memory there is unchanged$
^nyx: .*: 0000:00:05[.]0 .*blocked: 
^== /sys/kernel/debug/nyx/summary$
^ +translation on +1 
^== Giving everything back$
^drivers unbound, detached, module unloaded$
^All [0-9]+ checks passed[.]'

# About a screenful, and what set-up and the build say.
SCREEN=80

case ${1:-} in
'') ;;
-h|--help) usage; exit 0 ;;
*) usage >&2; exit 2 ;;
esac

# succeeds VENDOR FILE
succeeds() {
	make -s -C "$NYX_ROOT" demo VENDOR="$1" >"$2" 2>&1 && return
	tail -n 3 "$2"
	return 1
}

# shows FILE: each line of SHOWN, one after the other.
shows() {
	awk -v shown="$SHOWN" '
		BEGIN { n = split(shown, want, "\n"); at = 1 }
		at <= n && $0 ~ want[at] { at++ }
		END { if (at <= n) { print "missing: " want[at]; exit 1 } }' "$1"
}

fits() {
	[ "$(wc -l <"$1")" -le "$SCREEN" ] && return
	say "$(wc -l <"$1") lines, more than $SCREEN"
	return 1
}

# check NAME COMMAND...: its output says why it failed.
check() {
	local name=$1 why

	shift
	if why=$("$@" 2>&1); then
		say "ok $name"
		good=$((good + 1))
	else
		say "not ok $name - $why"
		bad=$((bad + 1))
	fi
}

need_root
contain
good=0 bad=0
mkdir -p "$NYX_BUILD/logs"
for vendor in intel amd; do
	out=$NYX_BUILD/logs/demo-$vendor
	check "$vendor-succeeds" succeeds "$vendor" "$out"
	check "$vendor-shows-the-main-job" shows "$out"
	check "$vendor-fits-a-screen" fits "$out"
done
say "$good passed, $bad failed"
[ "$bad" -eq 0 ]
