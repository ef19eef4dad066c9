#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The matrix lane: boots the test machine in QEMU in each configuration and collects
# the results of its checks.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/machine.sh"
. "$(dirname "$0")/lib/acpi.sh"

usage() {
	cat <<EOF
Usage: scripts/matrix.sh [--list] [--all] [--only PATTERN] [--driver builtin] [-v]

Builds the module for both stock kernels and boots each row of scripts/rows with
each of them, except for some rows that boot only the newer one. There is one boot
more in parallel than there are CPUs. Ends with "N passed, N failed".

Some rows also boot a kernel with KASAN, lockdep and IOMMUFD, which is built from the
newer kernel's source. The names of these cases begin with "debug".

  --list            list the cases (KERNEL/ROW) and exit
  --all             run long cases, all rows with both kernels, and cases of the
                    debug kernel
  --only PATTERN    run only cases that match this shell pattern, long ones
                    included, e.g. '7.*/aw*'
  --driver builtin  run the checks on the kernel's own driver, to test the checks
  -v                print every check, not only failed ones

The files of a case are in build/cases/KERNEL/ROW: results, console (the kernel log),
command (QEMU's command line). load_row in this script describes the files in
scripts/rows.

Environment:
  NYX_JOBS   number of boots that run in parallel
  NYX_LIMIT  maximum duration of a boot in seconds, unless the row sets its own
EOF
}

list='' all='' only='' driver=nyx v=''
take_options --list --all --only=PATTERN --driver=NAME -v
verbose=$v
[ -z "$only" ] || all=1
only=${only:-*}
# Guests are idle now and then.
jobs=${NYX_JOBS:-$(($(nproc) + 1))}
limit=${NYX_LIMIT:-600}
case $jobs in
''|*[!0-9]*|0*) die "NYX_JOBS=$jobs: use a number of boots, 1 or more" ;;
esac
case $limit in
''|*[!0-9]*|0*) die "NYX_LIMIT=$limit: use a number of seconds, 1 or more" ;;
esac
cases=$NYX_BUILD/cases

# short RELEASE: prints "6.12" for "6.12.107+deb13-amd64", and "debug" for "7.3.4-debug".
short() {
	say "$1" | sed -E 's/.*-debug$/debug/; s/^([0-9]+\.[0-9]+).*/\1/'
}

# load_row ROW: sources the row's file, which may set these variables. The machine has
# an AMD IOMMU if the row's name starts with "amd-".
#   unit        QEMU's -device argument for the IOMMU; empty for a machine without one
#   append      kernel parameters
#   row_driver  "builtin" if the kernel's own driver drives the unit
#   reference   the row of the built-in driver that has the expected groups
#   trace       QEMU events to trace
#   machine     additional QEMU arguments
#   threads     "multi" if the guest's CPUs run in parallel and race with each other;
#               by default they take turns. With parallel CPUs on a busy host, a CPU
#               that holds a lock may be descheduled while the others spin, which
#               costs a quarter of the time
#   acpi        additional devices in the ACPI namespace: see acpi_devices
#   external    name of an external-facing root port: see acpi_external_port
#   kernel      not empty if the guest starts another kernel
#   sleeps      not empty if the guest suspends to RAM. It boots the compressed image:
#               QEMU copies an unpacked one to memory again at each reset, and a wake
#               begins with a reset
#   swap        size of an additional NVMe disk, 00:09.0, for hibernation
#   selftests   not empty if the guest gets the kernel's own tests of VFIO
#   examples    kinds of commands in the documents that the guest gets (see lib/commands.py),
#               with the programs that they use
#   programs    not empty if the guest gets QEMU, DPDK and Prometheus; rows with examples do
#   vm          not empty if the guest gets QEMU, and what virtual machines boot
#   long        not empty if `make check` leaves the row to `make check-all`
#   once        not empty if `make check` boots the row on the newer kernel only, because
#               other rows test the interfaces in which the kernels differ
#   debug       not empty if `make check-all` also boots the row with the kernel that
#               debug-kernel.sh builds
#   limit       maximum duration of the boot in seconds
#   plan        the shell commands that the guest runs
load_row() {
	local builtin vendor

	vendor=$(vendor_of "$1")
	use_vendor "$vendor"
	row_driver=$driver reference=builtin trace='' kernel='' machine='' acpi='' external='' plan=''
	threads=single long='' once='' debug='' sleeps='' swap='' selftests='' examples='' programs=''
	vm=''
	[ "$vendor" = intel ] || reference=$vendor-builtin
	# shellcheck disable=SC1090
	. "$NYX_ROOT/scripts/rows/$1"
	if [ "$driver" = builtin ]; then
		append=$builtin
		plan=$(grep -E '^phase ' <<<"$plan" || true)
	fi
}

# is_reference ROW: succeeds if the built-in driver drives the unit in this row.
is_reference() {
	grep -qx row_driver=builtin "$NYX_ROOT/scripts/rows/$1"
}

# fill_overlay RELEASE ROW FOLDER: writes the files that one boot adds to the initramfs.
fill_overlay() {
	local rel=$1 row=$2 overlay=$3 modules groups image kind

	mkdir -p "$overlay"
	{
		printf 'DRIVER=%s\n' "$row_driver"
		printf 'ROW=%s\n' "$row"
		printf 'VENDOR=%s\n' "$(vendor_of "$row")"
	} >"$overlay/row.conf"
	printf '%s\n' "$plan" >"$overlay/plan"
	groups=$cases/$(short "$rel")/$reference/groups
	[ ! -e "$groups" ] || cp "$groups" "$overlay/groups.builtin"
	[ ! -e "${groups%groups}figures" ] || cp "${groups%groups}figures" "$overlay/figures.builtin"
	modules=$NYX_BUILD/$rel/modules
	[ ! -d "$modules" ] || cp "$modules"/*.ko "$overlay/"
	if [ -n "$selftests" ]; then
		mkdir "$overlay/selftests"
		cp "$NYX_BUILD"/selftests/vfio/*_test "$overlay/selftests/"
	fi
	if [ -n "$examples" ]; then
		for kind in $examples; do
			in_chroot python3 "$NYX_IN_ROOT/scripts/lib/commands.py" write "$kind" \
				"$NYX_IN_BUILD/${overlay#"$NYX_BUILD/"}/examples/$kind"
		done
		sed -n '/^    scrape_configs:/,/^$/s/^    //p' \
			"$NYX_ROOT/Documentation/metrics.md" >"$overlay/prometheus.yml"
		install -D -m 644 "$NYX_ROOT/scripts/nyxctl/prometheus/nyx.rules.yml" \
			"$overlay/../usr/share/nyx-iommu/nyx.rules.yml"
	fi
	if [ -n "$examples$programs" ]; then
		"$NYX_ROOT/scripts/programs.sh"
		cp -al "$NYX_BUILD/programs/." "$overlay/../"
	fi
	if [ -n "$vm" ]; then
		"$NYX_ROOT/scripts/vmimage.sh"
		cp -al "$NYX_BUILD/vm/." "$overlay/../"
	fi
	if [ -n "$kernel" ]; then
		image=$(vmlinuz_of "$rel")
		cp "$NYX_CACHE${image#"$NYX_IN_CACHE"}" "$overlay/vmlinuz"
	fi
}

# verdict NAME WHY COMMAND...: prints a result in the format of the guest's checks.
verdict() {
	local name=$1 why=$2

	shift 2
	if "$@"; then
		say "ok $name"
	else
		say "not ok $name - $why"
	fi
}

# trouble DIR: prints the kernel's warnings since the start of init. A crash that the plan
# triggers is left out, and so is the boot of the capture kernel.
trouble() {
	sed -e '1,/Run .* as init process/d' \
	    -e '/sysrq: Trigger a crash/,/Run .* as init process/d' "$1/console" |
		grep -aE "$TROUBLE"
}

console_is_clean() {
	grep -aq 'Run .* as init process' "$1/console" && ! trouble "$1" >/dev/null
}

# check_sent DIR INDEX[@TABLE] HANDLED: checks that the guest handled at most as many
# interrupts as devices sent through that entry of the interrupt remapping table (VT-d
# specification, 5.1.2.2), with SHV or without. More would mean that some bypassed the
# entry. With AMD-Vi each device has its own table, with entries of 128 bits.
check_sent() {
	local index=${2%@*} table=${2#*@} sent pattern

	if [ "$table" = "$2" ]; then
		pattern=$(printf '^vtd_ir_remap_msi \(addr 0x(%x|%x),' \
			$((0xfee00010 + ((index & 0x7fff) << 5))) \
			$((0xfee00018 + ((index & 0x7fff) << 5))))
	else
		pattern=$(printf '^amdvi_ir_irte addr %s offset 0x%x$' \
			"$table" $((index * 16)))
	fi
	sent=$(grep -cE "$pattern" "$1/trace") || true
	verdict "interrupt-$2-uses-its-entry" \
		"$sent sent, $3 handled" [ "$sent" -ge "$3" ]
}

# allowed_in_crash DIR: prints 1 if the command after the last one that blocks compatibility
# format, while translation is enabled, allows it (VT-d specification, 11.4.4.1).
allowed_in_crash() {
	sed -nE 's/^vtd_reg_write_gcmd .* value 0x//p' "$1/trace" | awk '
		{
			on = length($1) == 8 && $1 ~ /^[89a-f]/
			cfi = $1 ~ /[89a-f].....$/
		}
		blocked { allowed = on && cfi }
		{ blocked = on && !cfi }
		END { print allowed + 0 }'
}

# check_traced DIR: checks that QEMU's trace has at least as many events of each kind as
# the guest counted.
check_traced() {
	local dir=$1 kind least seen pattern

	while read -r kind least; do
		case $kind in
		interrupt-*)
			check_sent "$dir" "${kind#*-}" "$least"
			continue ;;
		crash)
			verdict crash-allows-compatibility-format \
				"QEMU traced no such command" \
				[ "$(allowed_in_crash "$dir")" = "$least" ]
			continue ;;
		iotlb) pattern='type (p-)?iotlb |^amdvi_(pages|all)_inval ' ;;
		pasid-cache) pattern='type pasid-cache' ;;
		device-tlb) pattern='type device|^amdvi_iotlb_inval ' ;;
		esac
		seen=$(grep -cE "$pattern" "$dir/trace") || true
		verdict "$kind-reaches-the-unit" \
			"the guest counted $least, QEMU traced $seen" \
			[ "$seen" -ge "$least" ]
	done < <(awk '{ n[$1] += $2 } END { for (i in n) print i, n[i] }' \
		"$dir/least")
}

# run_case RELEASE ROW: boots once and writes the results of all checks to `results`.
run_case() {
	local rel=$1 row=$2 name dir
	local -a more=()
	name=$(short "$rel")/$row
	dir=$cases/$name
	rm -rf "$dir"
	mkdir -p "$dir"
	load_row "$row"
	fill_overlay "$rel" "$row" "$dir/overlay/nyx"
	# shellcheck disable=SC2206 # word splitting is intended
	more=($machine)
	# The debug kernel has no PVH entry point, which booting an unpacked image takes.
	[ -z "$sleeps" ] && [ "$rel" != "$NYX_DEBUG" ] ||
		more+=(-kernel "$(vmlinuz_of "$rel")")
	if [ -n "$swap" ]; then
		truncate -s "$swap" "$dir/swap.img"
		# shellcheck disable=SC2054 # the commas are part of the arguments
		more+=(-drive "file=$NYX_IN_BUILD/cases/$name/swap.img,format=raw,if=none,id=swap,cache=unsafe"
		       -device nvme,serial=swap,drive=swap,addr=9)
	fi
	if [ -n "$acpi" ]; then
		acpi_devices "$acpi" >"$dir/ssdt"
		more+=(-acpitable "sig=SSDT,rev=2,oem_id=NYX,oem_table_id=DEVICES,data=$NYX_IN_BUILD/cases/$name/ssdt")
	fi
	if [ -n "$external" ]; then
		acpi_external_port "$external" >"$dir/ssdt.external"
		more+=(-acpitable "sig=SSDT,rev=2,oem_id=NYX,oem_table_id=EXTERNAL,data=$NYX_IN_BUILD/cases/$name/ssdt.external")
	fi
	# KASAN and lockdep cost a multiple of the time.
	[ "$rel" != "$NYX_DEBUG" ] || limit=$((4 * limit))
	[ -z "$trace" ] ||
		more+=(-trace "enable=$trace" -D "$NYX_IN_BUILD/cases/$name/trace")
	{
		boot "$rel" "cases/$name" "$unit" "$append" "$threads" \
			"$limit" "${more[@]}" ||
			say "not ok plan-ended - the guest died or exceeded $limit s"
		# The host checks the kernel log too, because a dead guest cannot.
		verdict console-is-clean \
			"$(trouble "$dir" | head -n 1)" \
			console_is_clean "$dir"
		[ -z "$trace" ] || check_traced "$dir"
	} >>"$dir/results"
	rm -rf "$dir/overlay"
}

# cpu_seconds DIR: prints the CPU time that QEMU used in a boot, which does not depend
# on the load of the host.
cpu_seconds() {
	awk -F '[ms ]+' 'NR == 2 { printf "%.0f", 60 * ($1 + $3) + $2 + $4 }' \
		"$1/times"
}

# show_case RELEASE ROW SECONDS: prints the results, and the end of the kernel log if
# a check failed.
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
	sed -n "s,^# figure,# $name:,p" "$dir/results"
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

is_long() (
	load_row "$1"
	[ -n "$long" ]
)

is_once() (
	load_row "$1"
	[ -n "$once" ]
)

is_debug() (
	load_row "$1"
	[ -n "$debug" ]
)

# all_cases: prints RELEASE ROW for each case, in the order in which they run. Reference
# rows are first, because others need their groups. Rows with parallel CPUs take long
# and use two CPUs, so there are three other rows between two of them.
all_cases() {
	local rel row
	local -a references=() racing=() others=() rows=()

	for row in "$NYX_ROOT"/scripts/rows/*; do
		row=${row##*/}
		if [ -z "$all" ] && is_long "$row"; then
			continue
		elif is_reference "$row"; then
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
		if [ -n "$all" ] || ! is_once "$row"; then
			say "$NYX_LTS $row"
		fi
		say "$NYX_NEW $row"
		if [ -n "$all" ] && is_debug "$row"; then
			say "$NYX_DEBUG $row"
		fi
	done
}

is_selected() {
	# shellcheck disable=SC2053 # the right side is a pattern
	[[ $(short "$1")/$2 == $only ]]
}

# groups_are_known RELEASE ROW: rows need the groups of the built-in driver. Each run
# determines them once. A run with --only may use those of an earlier run, unless the
# machine has changed.
groups_are_known() {
	[ "$cases/$(short "$1")/$2/groups" -nt \
	  "$NYX_ROOT/scripts/lib/machine.sh" ]
}

need_root
contain
load_kernels
if [ -n "$list" ]; then
	while read -r rel row; do
		is_selected "$rel" "$row" && say "$(short "$rel")/$row"
	done < <(all_cases)
	exit 0
fi

alone matrix

# The guest and the host search for the same warnings.
TROUBLE=$(sed -n "s/^TROUBLE='\(.*\)'$/\1/p" "$NYX_ROOT/scripts/guest/report.sh")

# has_cases RELEASE: some of its cases run.
has_cases() {
	local rel row

	while read -r rel row; do
		[ "$rel" != "$1" ] || ! is_selected "$rel" "$row" || return 0
	done < <(all_cases)
	return 1
}

# has_selftests ROW
has_selftests() (
	load_row "$1"
	[ -n "$selftests" ]
)

selftests_are_needed() {
	local rel row

	while read -r rel row; do
		! is_selected "$rel" "$row" || ! has_selftests "$row" || return 0
	done < <(all_cases)
	return 1
}

failed_early=0 releases=("$NYX_LTS" "$NYX_NEW")
if has_cases "$NYX_DEBUG"; then
	"$NYX_ROOT/scripts/debug-kernel.sh" >/dev/null ||
		{ say "not ok debug: the kernel does not build"; say "0 passed, 1 failed"; exit 1; }
	releases+=("$NYX_DEBUG")
fi
for rel in "${releases[@]}"; do
	"$NYX_ROOT/scripts/initramfs.sh" "$rel"
	[ "$driver" = nyx ] || continue
	if ! "$NYX_ROOT/scripts/build.sh" "$rel" >/dev/null; then
		say "not ok $(short "$rel"): the module does not build"
		failed_early=$((failed_early + 1))
	fi
done
if selftests_are_needed && ! "$NYX_ROOT/scripts/selftests.sh"; then
	say "not ok selftests: the kernel's own tests of VFIO do not build"
	failed_early=$((failed_early + 1))
fi
[ "$failed_early" -eq 0 ] || { say "0 passed, $failed_early failed"; exit 1; }

# run_in_turn "RELEASE ROW"...: runs the cases, at most $jobs in parallel.
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

# is_needed RELEASE REFERENCE: succeeds if the groups of that row are unknown and a
# selected row is compared with them.
is_needed() {
	local rel row

	! groups_are_known "$1" "$2" || return 1
	while read -r rel row; do
		[ "$rel" = "$1" ] || continue
		is_selected "$rel" "$row" || continue
		! (load_row "$row"; [ "$reference" = "$2" ]) || return 0
	done < <(all_cases)
	return 1
}

mkdir -p "$cases"
first=() then=()
while read -r rel row; do
	if ! is_reference "$row"; then
		! is_selected "$rel" "$row" || then+=("$rel $row")
	elif [ "$driver" = nyx ]; then
		! { is_selected "$rel" "$row" || is_needed "$rel" "$row"; } ||
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
