#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The demos lane: runs the first command in README.md for each vendor.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"

usage() {
	cat <<EOF
Usage: scripts/demos.sh

Runs make demo for each vendor and checks its output. Ends with
"N passed, N failed". The output is in build/logs/demo-VENDOR.
EOF
}

# Patterns that the output must match, in this order.
SHOWN='^== Units found$
^vtd0 +Intel VT-d |^amd0 +AMD-Vi 
^== Groups:
^group +[0-9]+: .*[(]nvme[)]
^== An NVMe disk,
^after: .* maps of [0-9]+ bytes
^== A device writes to memory
^edu [(]0000:00:05[.]0[)] wrote to 0x[0-9a-f]+; the memory there is unchanged$
^nyx: .*: 0000:00:05[.]0 .*blocked: 
^== nyxctl explain$
^what .*0000:00:05[.]0
^cause +[A-Z]
^== nyxctl status$
^hardware +.*, 1 unit, 1 on$
^== Detaching and unloading$
^drivers unbound, detached, module unloaded$
^All [0-9]+ checks passed[.]'

# Maximum number of lines: about one screen, with the output of setup and the build.
SCREEN=80

take_options

# succeeds VENDOR FILE: runs the demo with its output in FILE.
succeeds() {
	make -s -C "$NYX_ROOT" demo VENDOR="$1" >"$2" 2>&1 && return
	tail -n 3 "$2"
	return 1
}

# shows FILE: succeeds if FILE matches each line of SHOWN, in that order.
shows() {
	awk -v shown="$SHOWN" '
		BEGIN { n = split(shown, want, "\n"); at = 1 }
		at <= n && $0 ~ want[at] { at++ }
		END { if (at <= n) { print "missing: " want[at]; exit 1 } }' "$1"
}

fits() {
	[ "$(wc -l <"$1")" -le "$SCREEN" ] && return
	say "$(wc -l <"$1") lines, at most $SCREEN are allowed"
	return 1
}

# check NAME COMMAND...: the output of COMMAND is the reason of a failure.
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
