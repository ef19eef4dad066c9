# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # work, only and list are those of the lane
# For lanes that consist of named checks: running them, and counting the results.

passed=0 failed=0

# check NAME COMMAND...: shows the command's output if it fails. The command runs in
# a shell of its own with set -e, which `if COMMAND` would disable.
check() {
	local name=$1 log=$work/$1.log status=0 begin=$SECONDS

	shift
	# shellcheck disable=SC2053 # a glob
	[[ $name == $only ]] || return 0
	if [ -n "$list" ]; then
		say "$name"
		return
	fi
	set +e
	(set -e; "$@") >"$log" 2>&1
	status=$?
	set -e
	if [ "$status" -eq 0 ]; then
		passed=$((passed + 1))
		say "ok $name ($((SECONDS - begin)) s)"
	else
		failed=$((failed + 1))
		say "not ok $name ($((SECONDS - begin)) s)"
		if [ "$(wc -l <"$log")" -le 40 ]; then
			sed 's/^/  /' "$log"
		else
			sed -n '1,20s/^/  /p' "$log"
			say "  ..."
			tail -n 20 "$log" | sed 's/^/  /'
		fi
		say "  the whole log is $log"
	fi
}

# check_end: prints the counts. Fails if a check failed, or none ran.
check_end() {
	[ -z "$list" ] || exit 0
	if [ $((passed + failed)) -eq 0 ]; then
		say "not ok: no check is called $only"
		failed=1
	fi
	say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
