#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs all tests.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"

LANES=(static tables nyxctl kunit packages demos matrix)

usage() {
	cat <<EOF
Usage: scripts/check.sh [--list] [--all] [--only PATTERN] [--help]

Runs setup, then these lanes. The first five run in parallel. The others
start when static or kunit has ended.
  static   compiles against kernels on the mirror, installs by DKMS, and checks
           style, comments, spelling and the project's rules
  tables   the parsers of firmware tables in user space, on the tables of the suites
           and those in the folder or archive NYX_TABLES, if it is set
  nyxctl   the tool, on recorded files
  kunit    KUnit tests under User-mode Linux
  packages make deb, and what the packages do in a Debian system
  demos    make demo, for each vendor
  matrix   the test machine: stock kernels under QEMU, in each configuration

The last line is "N passed, N failed". The output of each lane is in build/logs, and
the files of each boot of the test machine are in build/cases/KERNEL/ROW.

  --list           print lanes, and the cases of the matrix
  --all            also compile against every kernel on the mirror, and run the
                   long tests: see --all of static.sh, kunit.sh, packages.sh
                   and matrix.sh
  --only PATTERN   only lanes and cases that match this shell pattern, for
                   example 'kunit', 'matrix/*' or 'matrix/7.*/aw39'. Patterns
                   for cases include long ones
EOF
}

list='' all='' only='*'
take_options --list --all --only=PATTERN

# arguments LANE: prints the lane's arguments for the pattern; fails if the pattern
# excludes the lane.
arguments() {
	# shellcheck disable=SC2053 # a pattern
	if [[ $1 == $only ]]; then
		case $1 in
		static|kunit|packages|matrix) [ -z "$all" ] || say --all ;;
		esac
		return 0
	fi
	case $1,$only in
	matrix,matrix/*) printf '%s\n' --only "${only#matrix/}" ;;
	*) return 1 ;;
	esac
}

if [ -n "$list" ]; then
	for lane in "${LANES[@]}"; do
		if [ "$lane" = matrix ]; then
			"$NYX_ROOT/scripts/matrix.sh" --list ${all:+--all} |
				sed 's,^,matrix/,'
		else
			say "$lane"
		fi
	done
	exit 0
fi

# start_lane LANE [ARGUMENT...]: run it in the background. Its output goes to a log,
# and its exit status and duration in seconds to a file beside the log.
start_lane() {
	local lane=$1 script=$NYX_ROOT/scripts/$1.sh log=$NYX_BUILD/logs/$1.log

	shift
	rm -f "$log.end"
	: >"$log"
	{
		status=0 begin=$SECONDS
		if [ -x "$script" ]; then
			"$script" "$@" || status=$?
		else
			say "not ok $lane: there is no scripts/$lane.sh"
			status=1
		fi
		say "$status $((SECONDS - begin))" >"$log.end"
	} >"$log" 2>&1 &
	pids[$lane]=$!
}

# finish_lane LANE: show its log until it ends, and add its counts to `passed` and
# `failed`.
finish_lane() {
	local lane=$1 log=$NYX_BUILD/logs/$1.log status='' took='?' p f

	say "== $lane"
	tail -n +1 -f --pid="${pids[$lane]}" "$log"
	wait "${pids[$lane]}" || true
	[ ! -e "$log.end" ] || read -r status took <"$log.end"
	if ! read -r p f < <(tail -n 1 "$log" |
		sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p'); then
		say "not ok $lane: it ended early"
		p=0 f=1
	fi
	# A lane that fails counts at least one failure.
	[ "$status" = 0 ] || [ "$f" -gt 0 ] || f=1
	[ "$f" -eq 0 ] || failing+=("$lane")
	passed=$((passed + p)) failed=$((failed + f))
	say "== $lane took $took s"
}

# repeat_failures LANE: show the failures in the lane's log again, with the lines that
# explain them, or the end of the log if the lane ended early. Where only the end of the
# output is kept, they would be lost otherwise.
repeat_failures() {
	local log=$NYX_BUILD/logs/$1.log

	say "== failures of $1"
	grep -E -A 8 '^not ok|(EXPECTATION|ASSERTION) FAILED|\[(FAILED|CRASHED|ERROR)\]' "$log" |
		tail -n 40 | grep . || tail -n 10 "$log"
}

need_root
contain
alone check
begin=$SECONDS
mkdir -p "$NYX_BUILD/logs"
passed=0 failed=0 failing=()
if ! "$NYX_ROOT/scripts/setup.sh"; then
	say "not ok setup"
	say "0 passed, 1 failed"
	exit 1
fi
load_kernels
kernels_age
declare -A pids=()
wanted=() waited=''
for lane in "${LANES[@]}"; do
	words=$(arguments "$lane") || continue
	# Three lanes that need a CPU each make all of them slow: a CPU of a guest that
	# holds a lock is descheduled while the others spin.
	if [[ $lane == demos || $lane == matrix ]] && [ -z "$waited" ] &&
	   [ -n "${pids[static]:-}" ] && [ -n "${pids[kunit]:-}" ]; then
		wait -n "${pids[static]}" "${pids[kunit]}" || true
		waited=1
	fi
	mapfile -t args < <(printf '%s' "$words")
	start_lane "$lane" "${args[@]}"
	wanted+=("$lane")
done
[ "${#wanted[@]}" -gt 0 ] || die "nothing matches '$only'"
for lane in "${wanted[@]}"; do
	finish_lane "$lane"
done
for lane in "${failing[@]}"; do
	repeat_failures "$lane"
done
say "== all took $((SECONDS - begin)) s"
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
