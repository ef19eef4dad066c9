# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # c_files is static.sh's
# Checks of the static lane on the structure: which files may call each other.

# Prints the folders of the driver in calling order, as Kbuild lists them.
layers() {
	sed -nE 's,^nyx_iommu-[^ ]* \+= (\$\(addprefix )?([a-z/]*)/[^/]*$,\2,p' \
		drivers/iommu/nyx/Kbuild | awk '!seen[$0]++'
	say .
}

# Calls between files of the driver: CALLER CALLEE SYMBOL, without the .c.
calls() {
	symbols | sed -E 's,^drivers/iommu/nyx/,,; s,\.c , ,' | awk '
		$2 ~ /^[TDBRVW]$/ { definer[$3] = $1 }
		$2 == "U" { user[++n] = $1; wanted[n] = $3 }
		END {
			for (i = 1; i <= n; i++)
				if (wanted[i] in definer &&
				    definer[wanted[i]] != user[i])
					print user[i], definer[wanted[i]], wanted[i]
		}'
}

# Includes of other folders' headers, in the same form: CALLER CALLEE HEADER.
includes() {
	grep -rE --include='*.[ch]' '^#include "[a-z/]+/' drivers/iommu/nyx |
		sed -nE 's,^drivers/iommu/nyx/([^:]*)\.[ch]:#include "([^"]*)\.h"$,\1 \2 \2.h,p'
}

# No folder uses a symbol or a header of a folder above it, and no cycle joins
# two files.
check_layers() {
	local bad=0 list

	list=$(calls)
	[ -n "$list" ] || die "no calls between files found"
	awk '
		function folder(file) {
			return file ~ /\// ? substr(file, 1, match(file, /\/[^\/]*$/) - 1) : "."
		}
		NR == FNR { rank[$1] = NR; next }
		!(folder($1) in rank) || !(folder($2) in rank) {
			print $1 " or " $2 ": its folder is not in Kbuild"
			bad = 1
			next
		}
		rank[folder($1)] < rank[folder($2)] {
			print $1 ".c uses " $3 " of " $2 ".c, which is in a folder above it"
			bad = 1
		}
		END { exit bad }' <(layers) - < <(say "$list"; includes) || bad=1
	cut -d' ' -f1,2 <<<"$list" | tsort >/dev/null || bad=1
	return "$bad"
}

# A suite is named after its file: nyx_vtd_qi in kunit/vtd/qi_test.c, and nyx_pt
# in kunit/pt/pt_test.c.
check_suites() {
	local file folder name want bad=0

	for file in kunit/*/*_test.c; do
		folder=$(basename "$(dirname "$file")")
		name=$(basename "$file" _test.c)
		want=nyx_${folder}_$name
		[ "$folder" != "$name" ] || want=nyx_$folder
		if [ "$(sed -nE 's/^\t\.name = "(nyx_[a-z0-9_]+)",$/\1/p' "$file")" != "$want" ]; then
			say "$file: its one suite is not called $want"
			bad=1
		fi
	done
	return "$bad"
}
