#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Draws the pictures of the documents from their descriptions.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"

usage() {
	cat <<USAGE
Usage: scripts/pictures.sh [--to FOLDER] [--help]

Draws an SVG file for each .dot file in Documentation/pictures, with graphviz, and for each
.commands file, whose lines are arguments of nyxctl, what it prints for the recorded files.

  --to FOLDER  write the SVG files there instead, a folder below build/
USAGE
}

pictures=Documentation/pictures
to=$NYX_ROOT/$pictures
take_options --to=FOLDER

# The background is transparent. Boxes have a colour of their own with dark text. Lines and
# the text beside them have a grey that is readable on white and on black; readers that tell
# whether their page is dark get one with more contrast.
style='<style>
text { font-family: Helvetica, Arial, sans-serif; }
.edge text, .cluster text { fill: #6e7781; }
.edge path { stroke: #6e7781; }
.edge polygon { stroke: #6e7781; fill: #6e7781; }
.cluster path { fill: none; stroke: #8c959f; }
.node text { fill: #1f2328; }
.node path { stroke: #57606a; }
.device path { fill: #d8dee4; }
.unit path { fill: #b6e3ff; }
.table path { fill: #c9d8ff; }
.good path { fill: #aceebb; }
.warn path { fill: #fae17d; }
.bad path { fill: #ffcecb; }
@media (prefers-color-scheme: light) {
.edge text, .cluster text { fill: #424a53; }
}
@media (prefers-color-scheme: dark) {
.edge text, .cluster text { fill: #afb8c1; }
.edge path { stroke: #afb8c1; }
.edge polygon { stroke: #afb8c1; fill: #afb8c1; }
}
</style>'

# draw FILE: prints the picture. Comments are left out, because they name the version of
# graphviz.
draw() {
	in_chroot dot -Tsvg -Gbgcolor=transparent -Gfontname=Helvetica -Gfontsize=12 \
		-Gnodesep=0.3 -Granksep=0.45 -Gstyle=rounded \
		-Nshape=box -Nstyle='rounded,filled' -Nfontname=Helvetica -Nfontsize=12 \
		-Nmargin=0.15,0.08 -Efontname=Helvetica -Efontsize=11 -Earrowsize=0.7 \
		"$NYX_IN_ROOT/$pictures/$1" |
		awk -v style="$style" '
			/^<!--/ && /-->$/ { next }
			/^<!-- Generated/ { skip = 1 }
			skip { if (/-->/) skip = 0; next }
			{ print }
			/viewBox=/ { print style }'
}

build_nyxctl() {
	mkdir -p "$NYX_BUILD/pictures-nyxctl"
	in_chroot make -s -C "$NYX_IN_ROOT/scripts/nyxctl" OUT="$NYX_IN_BUILD/pictures-nyxctl"
}

# type_in FILE: prints a terminal in which the commands were typed in. Some end with 1,
# because something needs attention.
type_in() {
	local arguments

	while read -ra arguments; do
		say "# nyxctl ${arguments[*]}"
		in_chroot env --chdir="$NYX_IN_ROOT/scripts/nyxctl/recorded" \
			"$NYX_IN_BUILD/pictures-nyxctl/nyxctl" --color=always \
			--debugfs=intel --sysfs=sysfs "${arguments[@]}" </dev/null || [ $? = 1 ]
	done <"$NYX_ROOT/$pictures/$1" |
		in_chroot "$NYX_IN_ROOT/scripts/lib/terminal.py"
}

# make_picture NAME COMMAND...: writes what the command prints to NAME.svg.
make_picture() {
	"${@:2}" >"$to/$1.svg.part"
	mv "$to/$1.svg.part" "$to/$1.svg"
}

need_root
mkdir -p "$to"
build_nyxctl
for file in "$NYX_ROOT/$pictures"/*.dot; do
	name=${file##*/}
	make_picture "${name%.dot}" draw "$name"
done
for file in "$NYX_ROOT/$pictures"/*.commands; do
	name=${file##*/}
	make_picture "${name%.commands}" type_in "$name"
done
