# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of nyxctl for bash.

_nyxctl_devices() {
	local path

	for path in /sys/bus/pci/devices/*; do
		printf '%s\n' "${path##*/}"
	done
}

_nyxctl() {
	local word=${COMP_WORDS[COMP_CWORD]} command='' i words=''

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	case $command in
	'') words='--json --no-header --wide --color= --snapshot= --debugfs= --sysfs= --procfs= --help
		status check doctor firmware units devices domains interrupts faults explain
		quarantine assign release list disable reset policy forensics snapshot
		report' ;;
	firmware) words="--live $(compgen -f -- "$word")" ;;
	faults) words="--follow $(_nyxctl_devices)" ;;
	devices|interrupts|quarantine|release|disable|reset) words=$(_nyxctl_devices) ;;
	policy) words="get set max_faults= window= action= vfio_action= scope= $(_nyxctl_devices)" ;;
	assign) words="--force --yes --print $(_nyxctl_devices)" ;;
	forensics) words="on hunt off $(_nyxctl_devices)" ;;
	snapshot) words="--diff --page-tables $(compgen -f -- "$word")" ;;
	report) words="--html --since $(compgen -f -- "$word")" ;;
	esac
	# The names of devices contain colons, which separate words.
	if declare -F __ltrim_colon_completions >/dev/null &&
	   declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n : -c word
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	! declare -F __ltrim_colon_completions >/dev/null ||
		__ltrim_colon_completions "$word"
}

complete -F _nyxctl nyxctl
