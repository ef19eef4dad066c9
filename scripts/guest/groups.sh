# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# Groups: devices that can only be assigned together.

# Prints a line for each group, with its devices sorted in the order of pathname expansion.
partition() {
	local group member line

	for group in "$GROUPS_DIR"/*; do
		[ -d "$group/devices" ] || continue
		line=
		for member in "$group"/devices/*; do
			line="$line${line:+ }${member##*/}"
		done
		echo "$line"
	done | sort
}

# restrict FILE: copies a partition from standard input without the devices that are not
# in FILE.
restrict() {
	awk 'NR == FNR { for (i = 1; i <= NF; i++) keep[$i]; next }
	     { line = ""
	       for (i = 1; i <= NF; i++)
		       if ($i in keep)
			       line = line (line == "" ? "" : " ") $i
	       if (line != "")
		       print line }' "$1" - | sort
}

# Compares the devices that both drivers manage. The built-in driver also manages bridges
# that were bound before the module was loaded.
groups_are_as_builtin() {
	partition >/tmp/groups
	restrict /tmp/groups </nyx/groups.builtin >/tmp/groups.theirs
	restrict /nyx/groups.builtin </tmp/groups >/tmp/groups.ours
	[ -s /tmp/groups.ours ] || return 1
	nothing_is_missing || return 1
	cmp -s /tmp/groups.ours /tmp/groups.theirs && return 0
	note "built-in driver:"
	sed 's/^/#   /' /tmp/groups.theirs
	note "this driver:"
	sed 's/^/#   /' /tmp/groups.ours
	return 1
}

# Succeeds if all devices that the built-in driver manages are managed, except bridges.
nothing_is_missing() {
	local dev class missing=

	# shellcheck disable=SC2013 # word splitting is intended
	for dev in $(cat /nyx/groups.builtin); do
		read -r class <"$PCI/$dev/class" || continue
		case $class in
		0x0604*) continue ;;
		esac
		is_managed "$dev" || missing="$missing $dev"
	done
	[ -z "$missing" ] || { note "not managed:$missing"; return 1; }
}

check_groups() {
	local name dev missing=

	for name in $WORKERS EDU EDU_BRIDGED; do
		eval "dev=\$$name"
		[ -z "$dev" ] || is_managed "$dev" || missing="$missing $name"
	done
	check devices-are-managed "not managed:$missing" [ -z "$missing" ]
	if [ "$DRIVER" = builtin ]; then
		partition | sed 's/^/@group /'
	else
		check groups-as-builtin "the groups differ" \
			groups_are_as_builtin
	fi
}
