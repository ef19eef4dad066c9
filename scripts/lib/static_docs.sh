# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154 # backquotes in patterns; lists of static.sh
# Checks of the static lane on the documents.

# The pictures are those that their descriptions give, and each is shown in a document.
check_pictures() {
	local file bad=0 drawn=$work/pictures

	rm -rf "$drawn"
	"$NYX_ROOT/scripts/pictures.sh" --to "$drawn"
	for file in Documentation/pictures/*.svg; do
		cmp -s "$file" "$drawn/${file##*/}" ||
			{ say "$file differs from its description: run scripts/pictures.sh"; bad=1; }
		grep -qE "\]\((Documentation/)?pictures/${file##*/}\)" "${doc_files[@]}" ||
			{ say "$file is in no document"; bad=1; }
	done
	for file in "$drawn"/*.svg; do
		[ -e "Documentation/pictures/${file##*/}" ] ||
			{ say "Documentation/pictures/${file##*/} is missing: run scripts/pictures.sh"; bad=1; }
	done
	return "$bad"
}

# named_tests: prints the names of tests in specification.md: those in the column "tests",
# which may be rows, and those of suites anywhere.
named_tests() {
	awk -F'|' '
		/^[|]/ { last = $(NF - 1) }
		/^[|]/ && !inside { inside = 1; tests = last ~ /^ *tests *$/ }
		!/^[|]/ { inside = 0 }
		inside && tests { print last }
		{ line = $0
		  while (match(line, /`nyx_[a-z0-9_]+`/)) {
			  print substr(line, RSTART, RLENGTH)
			  line = substr(line, RSTART + RLENGTH)
		  } }' Documentation/specification.md |
		grep -oE '`[a-z0-9_-]+`' | tr -d '`' | grep -vx -- - | sort -u
}

# Each test that specification.md names exists: a suite of KUnit or a row.
check_proofs() {
	local name names bad=0

	names=$(named_tests)
	[ -n "$names" ] || die "specification.md names no test"
	for name in $names; do
		[ -e "scripts/rows/$name" ] ||
			grep -rqsxF --include='*_test.c' "$(printf '\t.name = "%s",' "$name")" kunit ||
			{ say "specification.md: there is no suite or row $name"; bad=1; }
	done
	return "$bad"
}

# anchors FILE: prints the anchors of its headings, as web pages of repositories name them.
anchors() {
	sed -nE 's/^#+ //p' "$1" | tr '[:upper:]' '[:lower:]' |
		sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# Links to a heading lead to one that exists.
check_anchors() {
	local file link target bad=0

	for file in "${doc_files[@]}"; do
		while read -r link; do
			target=${link%%#*}
			target=${target:+$(dirname "$file")/$target}
			anchors "${target:-$file}" | grep -qxF -- "${link#*#}" ||
				{ say "$file: there is no heading $link"; bad=1; }
		done < <(grep -oE '\]\([^):]*#[^)]+' "$file" | cut -c3-)
	done
	return "$bad"
}

# Each command in the documents has a test.
check_commands() {
	in_chroot python3 "$NYX_IN_ROOT/scripts/lib/commands.py" check
}
