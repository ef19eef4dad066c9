# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of nyxctl for bash.

_nyxctl_devices() {
	local path

	for path in "$1"/*:*:*.*; do
		[ ! -e "$path" ] || printf '%s\n' "${path##*/}"
	done
}

# _nyxctl_values OPTION: the values of an option or of a word of a policy.
_nyxctl_values() {
	case $1 in
	--color) echo auto always never ;;
	--print) echo qemu libvirt cloud-hypervisor ;;
	--sort) echo maps unmaps bytes mapped faults flushes waits device ;;
	action|vfio_action) echo log quarantine ;;
	scope) echo device domain ;;
	esac
}

# _nyxctl_words COMMAND N LAST: what may follow as argument N of the command, after LAST.
_nyxctl_words() {
	local all=/sys/bus/pci/devices

	case $1 in
	'') echo '--json --no-header --wide --color= --snapshot= --debugfs= --sysfs= --procfs= --version --help
		status check doctor firmware units devices domains interrupts faults explain
		quarantine top export assign release list disable reset policy forensics
		snapshot report' ;;
	firmware) echo "--live $(compgen -f -- "$word")" ;;
	faults) echo "--follow $(_nyxctl_devices $all)" ;;
	devices|interrupts|quarantine) [ "$2" -gt 1 ] || _nyxctl_devices $all ;;
	disable|reset) _nyxctl_devices $all ;;
	release) _nyxctl_devices /sys/bus/pci/drivers/vfio-pci ;;
	assign)
		if [ "$3" = --print ]; then
			_nyxctl_values --print
		else
			echo "--force --yes --print $(_nyxctl_devices $all)"
		fi ;;
	policy)
		case $2 in
		1) echo get set ;;
		2) _nyxctl_devices $all ;;
		*) echo max_faults= window= action= vfio_action= scope= ;;
		esac ;;
	forensics)
		if [ "$2" = 1 ]; then
			echo on hunt off
		else
			_nyxctl_devices $all
		fi ;;
	top)
		if [ "$3" = --sort ]; then
			_nyxctl_values --sort
		else
			echo '--sort --interval --count'
		fi ;;
	export) echo "--listen --textfile $(compgen -f -- "$word")" ;;
	snapshot) echo "--diff --page-tables $(compgen -f -- "$word")" ;;
	report) echo "--html --since $(compgen -f -- "$word")" ;;
	esac
}

# Readline splits words at = and :, which are in options and in the names of devices. So the
# line is split at blanks here, and only what follows the last of them is replaced.
_nyxctl() {
	local line=${COMP_LINE:0:COMP_POINT} word='' command='' before='' last='' breaks words i n=1
	local -a list

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
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "${word#"$before"}")
	breaks=${COMP_WORDBREAKS//[!=:]/}
	[ -z "$breaks" ] || COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*["$breaks"]}"}"}")
	[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null || true
}

complete -F _nyxctl nyxctl
