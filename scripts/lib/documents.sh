# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The commands in the documents. A block of commands begins with "```sh" and the name of the
# test that runs it.

# write_blocks TEST FOLDER DOCUMENT...: writes each block of commands of that test to a file
# in FOLDER: DOCUMENT-SECTION-N, where SECTION is the number at the beginning of the heading
# above the block, if it has one, and N counts the document's blocks of the section.
write_blocks() {
	local test=$1 folder=$2

	shift 2
	mkdir -p "$folder"
	awk -v test="$test" -v folder="$folder" '
		FNR == 1 {
			name = FILENAME
			sub(/.*\//, "", name)
			sub(/\.md$/, "", name)
			section = n = 0
		}
		!inside && /^#+ / {
			if ($2 ~ /^[0-9]+\.$/) {
				section = $2 + 0
				n = 0
			}
		}
		inside && /^```$/ { inside = 0; close(file); next }
		inside { print >file }
		$0 == "```sh " test {
			inside = 1
			file = folder "/" name "-" section "-" ++n
			printf "" >file
		}
		END {
			if (inside) {
				print FILENAME ": a block does not end" >"/dev/stderr"
				exit 1
			}
		}' "$@"
}
