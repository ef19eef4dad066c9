# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The firmware tables in NYX_TABLES, a folder, which may contain tar archives, or an
# archive. Needs common.sh.

# unpack_tables ARCHIVE FOLDER
unpack_tables() {
	tar -xf "$1" -C "$2" --no-same-owner || die "cannot unpack $1"
}

# collect_tables FOLDER: copies the files in NYX_TABLES to this folder, which the chroot
# sees.
collect_tables() {
	local archive archives tables

	if [ -d "$NYX_TABLES" ]; then
		cp -rL "$NYX_TABLES/." "$1"
		chmod -R u+w "$1"
		mapfile -t archives < <(find "$1" -name '*.tar*')
		for archive in "${archives[@]}"; do
			unpack_tables "$archive" "$1"
		done
	elif [ -f "$NYX_TABLES" ]; then
		unpack_tables "$NYX_TABLES" "$1"
	else
		die "NYX_TABLES=$NYX_TABLES: no such folder or archive"
	fi
	tables=$(grep -rlE '^(DMAR|IVRS)' "$1" | wc -l) || true
	[ "$tables" -gt 0 ] || die "NYX_TABLES=$NYX_TABLES: contains no DMAR or IVRS table"
}
