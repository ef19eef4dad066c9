# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of nyxctl for bash.

_nyxctl_devices() {
	local path

	for path in "$1"/*:*:*.*; do
		[ ! -e "$path" ] || printf '%s\n' "${path##*/}"
	done
}

_nyxctl_faults() {
	local number rest

	while read -r number rest; do
		case $number in
		*[!0-9]*) ;;
		*) printf '%s\n' "$number" ;;
		esac
	done
}

# _nyxctl_values OPTION: the values of an option or of a word of a policy, one a line.
_nyxctl_values() {
	case $1 in
	--color) printf '%s\n' auto always never ;;
	--print) printf '%s\n' qemu libvirt cloud-hypervisor ;;
	--sort) printf '%s\n' maps unmaps bytes mapped faults flushes waits device ;;
	action|vfio_action) printf '%s\n' log quarantine ;;
	scope) printf '%s\n' device domain ;;
	esac
}

# _nyxctl_words COMMAND N LAST: what may follow as argument N of the command, after LAST,
# one a line.
_nyxctl_words() {
	local all=/sys/bus/pci/devices

	case $1 in
	'') printf '%s\n' --json --no-header --wide --color= --snapshot= --debugfs= --sysfs= \
		--procfs= --version --help \
		status check doctor firmware units devices domains interrupts faults explain \
		quarantine top export assign release list disable reset policy forensics \
		snapshot report ;;
	firmware) echo --live; compgen -f -- "$word" ;;
	faults) echo --follow; _nyxctl_devices $all ;;
	explain) [ "$2" -gt 1 ] || _nyxctl_faults 2>/dev/null </sys/kernel/debug/nyx/faults ;;
	devices|interrupts|quarantine) [ "$2" -gt 1 ] || _nyxctl_devices $all ;;
	disable|reset) _nyxctl_devices $all ;;
	release) _nyxctl_devices /sys/bus/pci/drivers/vfio-pci ;;
	assign)
		if [ "$3" = --print ]; then
			_nyxctl_values --print
		else
			printf '%s\n' --force --yes --print
			_nyxctl_devices $all
		fi ;;
	policy)
		case $2 in
		1) printf '%s\n' get set ;;
		2) _nyxctl_devices $all ;;
		*) printf '%s\n' max_faults= window= action= vfio_action= scope= ;;
		esac ;;
	forensics)
		if [ "$2" = 1 ]; then
			printf '%s\n' on hunt off
		else
			_nyxctl_devices $all
		fi ;;
	top)
		if [ "$3" = --sort ]; then
			_nyxctl_values --sort
		else
			printf '%s\n' --sort --interval --count
		fi ;;
	export) printf '%s\n' --listen --textfile; compgen -f -- "$word" ;;
	snapshot) printf '%s\n' --diff --page-tables; compgen -f -- "$word" ;;
	report) printf '%s\n' --html --since; compgen -f -- "$word" ;;
	esac
}

# Readline splits words at = and :, which are in options and in the names of devices. So the
# line is split at blanks here, and only what follows the last of them is replaced.
_nyxctl() {
	local line=${COMP_LINE:0:COMP_POINT} word='' command='' before='' last='' breaks before_break='' words item i n=1
	local -a list all

	read -ra list <<<"$line"
	case $line in
	*[[:blank:]]) ;;
	*) word=${list[-1]}; unset 'list[-1]' ;;
	esac
	for ((i = 1; i < ${#list[@]}; i++)); do
		last=${list[i]}
		if [ -n "$command" ]; then
			n=$((n + 1))
		elif [[ $last != -* ]]; then
			command=$last
		fi
	done
	case $word in
	--debugfs=*|--sysfs=*|--procfs=*)
		before=${word%%=*}=
		words=$(compgen -d -- "${word#*=}") ;;
	--snapshot=*)
		before=${word%%=*}=
		words=$(compgen -f -- "${word#*=}") ;;
	*=*)
		before=${word%%=*}=
		words=$(_nyxctl_values "${word%%=*}") ;;
	*) words=$(_nyxctl_words "$command" "$n" "$last") ;;
	esac
	# Names of files may contain anything. compgen -W would expand them.
	mapfile -t all <<<"$words"
	breaks=${COMP_WORDBREAKS//[!=:]/}
	[ -z "$breaks" ] || before_break=${word%"${word##*["$breaks"]}"}
	COMPREPLY=()
	for item in "${all[@]}"; do
		[[ -n $item && $before$item == "$word"* ]] || continue
		item=$before$item
		printf -v item %q "${item#"$before_break"}"
		COMPREPLY+=("$item")
	done
	[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null || true
}

complete -F _nyxctl nyxctl
