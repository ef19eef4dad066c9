#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The tables lane: runs the parsers of firmware tables in user space.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/firmware_tables.sh"

usage() {
	cat <<EOF
Usage: [NYX_TABLES=PATH] scripts/tables.sh [--mutants N] [--seed N]

Compiles the parsers of DMAR and IVRS tables for user space, with AddressSanitizer
and UndefinedBehaviorSanitizer, and runs them on the tables that the KUnit suites
write, and on the firmware tables in PATH: a folder, which may contain tar archives,
or an archive.
Each table is also parsed cut off at each byte, and in broken copies.

For each table there is a line with what was found in it, followed by the findings
that the kernel log would have.

  --mutants N  number of broken copies of each table (default: $mutants)
  --seed N     seed of the first copy of each table
EOF
}

mutants=10000 seed=$((SRANDOM + 1))
take_options --mutants=N --seed=N

# The module's files that run here, without change, and those of the suites.
mapfile -t parsers < <(sed 's,^,drivers/iommu/nyx/,' "$NYX_ROOT/scripts/parsers/sources")
suites=(kunit/firmware/{fw_bytes,fw_mutate,fw_parser}.c
	kunit/{vtd/dmar,amd/ivrs}_{check,table}.c)

# The folder with stubs of kernel headers comes first. The kernel's memcpy() accepts
# NULL for no bytes.
compile() {
	in_chroot env --chdir="$NYX_IN_ROOT" gcc -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Werror \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-fno-sanitize=nonnull-attribute \
		-fno-omit-frame-pointer \
		-DFW_BYTES_MAX=8192 -DFW_BYTES_PLACES=512 \
		-Iscripts/parsers/include -Idrivers/iommu/nyx -Ikunit -o "build/tables/tables" \
		scripts/tables/*.c "${parsers[@]}" "${suites[@]}"
}

need_root
contain
alone tables
dir=$NYX_BUILD/tables
rm -rf "$dir"
mkdir -p "$dir/files"
compile || die "the parsers do not compile for user space"
if [ -n "${NYX_TABLES:-}" ]; then
	collect_tables "$dir/files"
else
	say "NYX_TABLES names no folder or archive of firmware tables: only tables that the suites write"
fi
mapfile -t files < <(cd "$dir/files" && find . -type f -printf '%P\n' | sort)
status=0
in_chroot env --chdir="$NYX_IN_BUILD/tables/files" ASAN_OPTIONS=detect_leaks=1 \
	"$NYX_IN_BUILD/tables/tables" --mutants "$mutants" --seed "$seed" --written \
	"${files[@]}" 2>&1 | tee "$dir/log" || status=$?
tail -n 1 "$dir/log" | grep -qE '^[0-9]+ passed, [0-9]+ failed$' ||
	say "0 passed, 1 failed"
exit "$status"
