#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The QEMU matrix: boot the test machine in each configuration and collect what
# the checks in it say.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/machine.sh"
. "$(dirname "$0")/lib/acpi.sh"

usage() {
	cat <<EOF
Usage: scripts/matrix.sh [--list] [--only PATTERN] [--driver builtin] [-v]

Builds the module for both stock kernels and boots each row of scripts/rows with
each of them, two boots a CPU at a time. Ends with "N passed, N failed".

  --list            print the cases, KERNEL/ROW, and stop
  --only PATTERN    only cases that match this shell pattern, e.g. '7.*/aw*'
  --driver builtin  same checks, but of the kernel's own driver: tries the tests
  -v                print each check, not only those that fail

Everything of a case is in build/cases/KERNEL/ROW: results, console (the kernel's
log), command (QEMU's). What a row's file holds: see load_row here. NYX_JOBS
sets how many boots run at a time, NYX_LIMIT how many seconds each may take.
EOF
}

list='' only='*' driver=nyx verbose=
while [ $# -gt 0 ]; do
	case $1 in
	--list) list=1 ;;
	--only) only=${2:?--only needs a pattern}; shift ;;
	--driver) driver=${2:?--driver needs a name}; shift ;;
	-v) verbose=1 ;;
	-h|--help) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
	shift
done
# Guests wait more than they work.
jobs=${NYX_JOBS:-$((2 * $(nproc)))}
limit=${NYX_LIMIT:-300}
case $jobs in
''|*[!0-9]*|0*) die "NYX_JOBS=$jobs: give a number of boots, 1 or more" ;;
esac
case $limit in
''|*[!0-9]*|0*) die "NYX_LIMIT=$limit: give a number of seconds, 1 or more" ;;
esac
cases=$NYX_BUILD/cases

# short RELEASE: "6.12" of "6.12.107+deb13-amd64".
short() {
	say "$1" | sed -E 's/^([0-9]+\.[0-9]+).*/\1/'
}

# What a row's file may set. Rows whose names start with "amd-" have such a unit.
#   unit        QEMU's -device for the IOMMU, or nothing for a machine without
#   append      kernel parameters
#   row_driver  "builtin" if the kernel's own driver is in charge
#   reference   the row of the built-in driver whose groups ours must equal
#   trace       events of QEMU that it is to trace
#   machine     more arguments for QEMU
#   threads     "multi" if the guest's CPUs are to race with each other. Else they
#               take turns: on a busy host one that has a lock may have to wait,
#               and others that want it would spin, a quarter of all the time
#   acpi        devices that the ACPI namespace has besides: see acpi_devices
#   kernel      not empty if the guest needs a kernel to start
#   plan        what the guest does, in shell
load_row() {
	local builtin vendor

	vendor=$(vendor_of "$1")
	use_vendor "$vendor"
	row_driver=$driver reference=builtin trace='' kernel='' machine='' acpi='' plan=''
	threads=single
	[ "$vendor" = intel ] || reference=$vendor-builtin
	# shellcheck disable=SC1090
	. "$NYX_ROOT/scripts/rows/$1"
	if [ "$driver" = builtin ]; then
		append=$builtin
		plan=$(grep -E '^phase ' <<<"$plan" || true)
	fi
}

# is_reference ROW
is_reference() {
	grep -qx row_driver=builtin "$NYX_ROOT/scripts/rows/$1"
}

# What goes over the initramfs for one boot.
fill_overlay() {
	local rel=$1 row=$2 overlay=$3 modules groups image

	mkdir -p "$overlay"
	{
		printf 'DRIVER=%s\n' "$row_driver"
		printf 'ROW=%s\n' "$row"
		printf 'VENDOR=%s\n' "$(vendor_of "$row")"
	} >"$overlay/row.conf"
	printf '%s\n' "$plan" >"$overlay/plan"
	groups=$cases/$(short "$rel")/$reference/groups
	[ ! -e "$groups" ] || cp "$groups" "$overlay/groups.builtin"
	modules=$NYX_BUILD/$rel/modules
	[ ! -d "$modules" ] || cp "$modules"/*.ko "$overlay/"
	if [ -n "$kernel" ]; then
		image=$(vmlinuz_of "$rel")
		cp "$NYX_CACHE${image#"$NYX_IN_CACHE"}" "$overlay/vmlinuz"
	fi
}

# verdict NAME WHY COMMAND...: as the guest's checks say it.
verdict() {
	local name=$1 why=$2

	shift 2
	if "$@"; then
		say "ok $name"
	else
		say "not ok $name - $why"
	fi
}

# trouble DIR: what the kernel complained of, from init on.
trouble() {
	sed '1,/Run .* as init process/d' "$1/console" | grep -aE "$TROUBLE"
}

console_is_clean() {
	grep -aq 'Run .* as init process' "$1/console" && ! trouble "$1" >/dev/null
}

# check_sent DIR INDEX[@TABLE] HANDLED: the guest handled no more than were sent to
# that entry of the interrupt remapping table (VT-d specification, 5.1.2.2), so each
# went through it. AMD's devices have a table each, in which QEMU looks 32-bit
# entries up.
check_sent() {
	local index=${2%@*} table=${2#*@} sent pattern

	if [ "$table" = "$2" ]; then
		pattern=$(printf '^vtd_ir_remap_msi \(addr 0x%x,' \
			$((0xfee00018 + ((index & 0x7fff) << 5))))
	else
		pattern=$(printf '^amdvi_ir_irte addr %s offset 0x%x$' \
			"$table" $((index * 4)))
	fi
	sent=$(grep -cE "$pattern" "$1/trace") || true
	verdict "interrupt-$2-goes-through-its-entry" \
		"$sent were sent, $3 handled" [ "$sent" -ge "$3" ]
}

# What the guest counted reached the unit: QEMU saw at least as many.
check_traced() {
	local dir=$1 what least seen pattern

	while read -r what least; do
		case $what in
		interrupt-*)
			check_sent "$dir" "${what#*-}" "$least"
			continue ;;
		iotlb) pattern='type iotlb |^amdvi_(pages|all)_inval ' ;;
		device-tlb) pattern='type device|^amdvi_iotlb_inval ' ;;
		esac
		seen=$(grep -cE "$pattern" "$dir/trace") || true
		verdict "$what-reaches-the-unit" \
			"$least were counted, QEMU saw $seen" \
			[ "$seen" -ge "$least" ]
	done < <(awk '{ n[$1] += $2 } END { for (i in n) print i, n[i] }' \
		"$dir/least")
}

# run_case RELEASE ROW: one boot. Leaves its verdicts in results, each with the
# case's name, for the summary to count.
run_case() {
	local rel=$1 row=$2 name dir
	local -a more=()
	name=$(short "$rel")/$row
	dir=$cases/$name
	rm -rf "$dir"
	mkdir -p "$dir"
	load_row "$row"
	fill_overlay "$rel" "$row" "$dir/overlay/nyx"
	# shellcheck disable=SC2206 # words
	more=($machine)
	if [ -n "$acpi" ]; then
		acpi_devices "$acpi" >"$dir/ssdt"
		more+=(-acpitable "sig=SSDT,rev=2,oem_id=NYX,oem_table_id=DEVICES,data=$NYX_IN_BUILD/cases/$name/ssdt")
	fi
	[ -z "$trace" ] ||
		more+=(-trace "enable=$trace" -D "$NYX_IN_BUILD/cases/$name/trace")
	{
		boot "$rel" "cases/$name" "$unit" "$append" "$threads" \
			"$limit" "${more[@]}" ||
			say "not ok reached-the-end - stopped after $limit s or died"
		# What the kernel said is judged here too: a guest that died cannot.
		verdict console-is-clean \
			"$(trouble "$dir" | head -n 1)" \
			console_is_clean "$dir"
		[ -z "$trace" ] || check_traced "$dir"
	} >>"$dir/results"
	rm -rf "$dir/overlay"
}

# cpu_seconds DIR: that QEMU used in a boot, however busy the host was.
cpu_seconds() {
	awk -F '[ms ]+' 'NR == 2 { printf "%.0f", 60 * ($1 + $3) + $2 + $4 }' \
		"$1/times"
}

# show_case RELEASE ROW SECONDS: its verdicts, and the log's end after a failure.
show_case() {
	local name dir good bad
	name=$(short "$1")/$2
	dir=$cases/$name
	good=$(grep -c '^ok ' "$dir/results") || true
	bad=$(grep -c '^not ok ' "$dir/results") || true
	printf '%s %s\n' "$good" "$bad" >"$dir/count"
	if [ -n "$verbose" ]; then
		sed "s,^,$name: ," "$dir/results"
	fi
	if [ "$bad" -eq 0 ]; then
		say "ok $name ($good checks, $3 s, $(cpu_seconds "$dir") s of CPU)"
		return
	fi
	sed -nE "s,^not ok (.*),not ok $name: \\1,p" "$dir/results"
	tail -n 5 "$dir/console" | sed 's/^/# /'
	say "# $name: $bad of $((good + bad)) checks failed; see $dir"
}

races() (
	load_row "$1"
	[ "$threads" = multi ]
)

# all_cases: RELEASE ROW, a line each, those first that others need, and those that
# race, which are long and want both CPUs, with three others between each and the
# next.
all_cases() {
	local rel row
	local -a references=() racing=() others=() rows=()

	for row in "$NYX_ROOT"/scripts/rows/*; do
		row=${row##*/}
		if is_reference "$row"; then
			references+=("$row")
		elif races "$row"; then
			racing+=("$row")
		else
			others+=("$row")
		fi
	done
	while [ "${#racing[@]}" -gt 0 ]; do
		rows+=("${racing[0]}" "${others[@]:0:3}")
		racing=("${racing[@]:1}") others=("${others[@]:3}")
	done
	for row in "${references[@]}" "${rows[@]}" "${others[@]}"; do
		for rel in "$NYX_LTS" "$NYX_NEW"; do
			say "$rel $row"
		done
	done
}

wanted() {
	# shellcheck disable=SC2053 # a pattern is what is wanted
	[[ $(short "$1")/$2 == $only ]]
}

# Rows need the built-in driver's groups. They are found once a run; with
# --only they may be an earlier run's, if the machine is still the same.
groups_are_known() {
	[ "$cases/$(short "$1")/$2/groups" -nt \
	  "$NYX_ROOT/scripts/lib/machine.sh" ]
}

need_root
contain
load_kernels
if [ -n "$list" ]; then
	while read -r rel row; do
		wanted "$rel" "$row" && say "$(short "$rel")/$row"
	done < <(all_cases)
	exit 0
fi

alone matrix

# The guest and the host judge by the same words.
TROUBLE=$(sed -n "s/^TROUBLE='\(.*\)'$/\1/p" "$NYX_ROOT/scripts/guest/report.sh")

failed_early=0
for rel in "$NYX_LTS" "$NYX_NEW"; do
	"$NYX_ROOT/scripts/initramfs.sh" "$rel"
	[ "$driver" = nyx ] || continue
	if ! "$NYX_ROOT/scripts/build.sh" "$rel" >/dev/null; then
		say "not ok $(short "$rel"): the module does not build"
		failed_early=$((failed_early + 1))
	fi
done
[ "$failed_early" -eq 0 ] || { say "0 passed, $failed_early failed"; exit 1; }

# run_in_turn "RELEASE ROW"...: as many at a time as there may be.
started=()
run_in_turn() {
	local case rel row begin

	for case; do
		while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
			wait -n || true
		done
		started+=("$case")
		read -r rel row <<<"$case"
		{
			begin=$SECONDS
			run_case "$rel" "$row"
			show_case "$rel" "$row" $((SECONDS - begin))
		} &
	done
	wait
}

# is_needed RELEASE REFERENCE: some row that is wanted has no groups yet to be
# compared with.
is_needed() {
	local rel row

	! groups_are_known "$1" "$2" || return 1
	while read -r rel row; do
		[ "$rel" = "$1" ] || continue
		wanted "$rel" "$row" || continue
		! (load_row "$row"; [ "$reference" = "$2" ]) || return 0
	done < <(all_cases)
	return 1
}

mkdir -p "$cases"
first=() then=()
while read -r rel row; do
	if ! is_reference "$row"; then
		! wanted "$rel" "$row" || then+=("$rel $row")
	elif [ "$driver" = nyx ]; then
		! { wanted "$rel" "$row" || is_needed "$rel" "$row"; } ||
			first+=("$rel $row")
	fi
done < <(all_cases)
run_in_turn "${first[@]}"
run_in_turn "${then[@]}"

good=0 bad=0
for case in "${started[@]}"; do
	read -r rel row <<<"$case"
	read -r g b <"$cases/$(short "$rel")/$row/count" || { g=0; b=1; }
	good=$((good + g)) bad=$((bad + b))
done
say "$good passed, $bad failed"
[ "$bad" -eq 0 ] && [ "$good" -gt 0 ]
