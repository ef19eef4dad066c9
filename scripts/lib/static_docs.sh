# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # the lists of files are static.sh's
# Checks of the static lane on the documents.

# The pictures are those that their descriptions give, and each is shown in a document.
check_pictures() {
	local file bad=0 drawn=$work/pictures

	rm -rf "$drawn"
	"$NYX_ROOT/scripts/pictures.sh" --to "$drawn"
	for file in Documentation/pictures/*.svg; do
		cmp -s "$file" "$drawn/${file##*/}" ||
			{ say "$file differs from its description: run scripts/pictures.sh"; bad=1; }
		grep -qF "](pictures/${file##*/})" "${doc_files[@]}" ||
			{ say "$file is in no document"; bad=1; }
	done
	for file in "$drawn"/*.svg; do
		[ -e "Documentation/pictures/${file##*/}" ] ||
			{ say "Documentation/pictures/${file##*/} is missing: run scripts/pictures.sh"; bad=1; }
	done
	return "$bad"
}
