#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The nyxctl lane: builds the tool and runs its tests on recorded files.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/firmware_tables.sh"

usage() {
	cat <<EOF
Usage: [NYX_TABLES=PATH] scripts/nyxctl.sh [--seed N] [--only NAME] [--help]

Builds nyxctl with AddressSanitizer and UndefinedBehaviorSanitizer, and runs it on
files that the module has written on the test machine: see scripts/nyxctl/recorded.
Also runs it on broken copies of them, and on the firmware tables in PATH: see
scripts/tables.sh. Ends with "N passed, N failed".

  --seed N     seed of the broken copies; the seed in use is printed
  --only NAME  only tests with this in their names, which have the form
               file.Class.test
EOF
}

seed=$((SRANDOM + 1)) only=
take_options --seed=N --only=NAME
need_root
contain
alone nyxctl
mkdir -p "$NYX_BUILD/nyxctl/checked"
in_chroot make -s -C "$NYX_IN_ROOT/scripts/nyxctl" OUT="$NYX_IN_BUILD/nyxctl/checked" \
	CFLAGS='-O1 -g -Werror -fsanitize=address,undefined -fno-sanitize-recover=all' ||
	die "nyxctl does not compile"
tables=
if [ -n "${NYX_TABLES:-}" ]; then
	rm -rf "$NYX_BUILD/nyxctl/tables"
	mkdir -p "$NYX_BUILD/nyxctl/tables"
	collect_tables "$NYX_BUILD/nyxctl/tables"
	tables=$NYX_IN_BUILD/nyxctl/tables
fi
in_chroot env --chdir="$NYX_IN_ROOT/scripts/nyxctl" NYX_TABLES="$tables" PYTHONDONTWRITEBYTECODE=1 \
	python3 test.py "$NYX_IN_BUILD/nyxctl/checked/nyxctl" --seed "$seed" --only "$only"
