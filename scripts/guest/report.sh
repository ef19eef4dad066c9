# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Functions that print the results of checks. The host reads them from the serial port.

context=

ok() {
	echo "ok $context$1"
}

not_ok() {
	echo "not ok $context$1 - $2"
}

note() {
	echo "# $*"
}

# check NAME WHY COMMAND...: prints "ok NAME" if the command succeeds, otherwise
# "not ok NAME - WHY".
check() {
	local name=$1 why=$2

	shift 2
	if "$@"; then
		ok "$name"
	else
		not_ok "$name" "$why"
	fi
}

fails() {
	! "$@"
}

# host COMMAND: has the host run COMMAND in QEMU's monitor.
host() {
	echo "@hmp $*"
}

# until_true COMMAND...: repeats COMMAND until it succeeds, for up to 20 seconds, which a
# busy host may need.
until_true() {
	local end=$(($(cut -d. -f1 /proc/uptime) + 20))

	while ! "$@"; do
		[ "$(cut -d. -f1 /proc/uptime)" -lt $end ] || return 1
		sleep 0.05
	done
}

TROUBLE='WARNING:|BUG:|Oops|Call [Tt]race|cut here|general protection|lockup|hung task|blocked for more than|bad page|refcount_t|leaked|No irq handler|(^|[^a-z])stall'

# mark_log writes a mark to the kernel log, and log_since_mark prints the lines after it.
# The log is not cleared, so it is complete at the end.
mark=0
mark_log() {
	mark=$((mark + 1))
	echo "check mark $mark." >/dev/kmsg
}

log_since_mark() {
	dmesg | sed "1,/check mark $mark\./d"
}

log_has() {
	log_since_mark | grep -qE "$1"
}

# Prints the kernel's warnings since the start of init. Warnings before that are ignored: on
# a busy host a CPU may have stalled, and the module is not loaded then.
log_trouble() {
	dmesg | awk '/Run .* as init process/ { from = NR }
		     { line[NR] = $0 }
		     END { while (from < NR) print line[++from] }' |
		grep -E "$TROUBLE"
}

# Bits of /proc/sys/kernel/tainted: 7 for an oops, 9 for a warning. An out-of-tree module
# sets other bits.
kernel_is_clean() {
	local trouble taint

	trouble=$(log_trouble | head -n 3)
	[ -z "$trouble" ] || { note "$trouble"; return 1; }
	taint=$(cat /proc/sys/kernel/tainted)
	[ $((taint & 0x280)) -eq 0 ] || { note "tainted: $taint"; return 1; }
}

finish() {
	context=
	check no-warning-in-the-log "the kernel log has warnings" kernel_is_clean
	echo "@end"
	sync
	poweroff -f
}
