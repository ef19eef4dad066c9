# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# How a check says what it found. Lines go to the host over the serial port.

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

# check NAME WHY COMMAND...: the command's success is the result.
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

# host COMMAND: QEMU's monitor is to do this.
host() {
	echo "@hmp $*"
}

# until_true COMMAND...: wait for it, up to 20 seconds on a busy host.
until_true() {
	local end=$(($(cut -d. -f1 /proc/uptime) + 20))

	while ! "$@"; do
		[ "$(cut -d. -f1 /proc/uptime)" -lt $end ] || return 1
		sleep 0.05
	done
}

TROUBLE='WARNING:|BUG:|Oops|Call [Tt]race|cut here|general protection|lockup|hung task|blocked for more than|bad page|refcount_t|leaked|stall'

# mark_log, then log_since_mark: what the kernel said in between. Nothing is
# cleared, so that the whole log is there at the end.
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

# Before init a busy host may have kept a CPU waiting; the module is not there.
log_trouble() {
	dmesg | awk '/Run .* as init process/ { from = NR }
		     { line[NR] = $0 }
		     END { while (from < NR) print line[++from] }' |
		grep -E "$TROUBLE"
}

# Bits of /proc/sys/kernel/tainted: 7 died, 9 warned. A module from outside the
# tree sets others, which is no fault.
kernel_is_clean() {
	local trouble taint

	trouble=$(log_trouble | head -n 3)
	[ -z "$trouble" ] || { note "$trouble"; return 1; }
	taint=$(cat /proc/sys/kernel/tainted)
	[ $((taint & 0x280)) -eq 0 ] || { note "tainted: $taint"; return 1; }
}

finish() {
	context=
	check no-warning-in-the-log "the kernel's log has trouble" kernel_is_clean
	echo "@end"
	sync
	poweroff -f
}
