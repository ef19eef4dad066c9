#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The KUnit lane: builds User-mode Linux with Nyx in its tree and runs the suites.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/source.sh"

usage() {
	cat <<EOF
Usage: scripts/kunit.sh [--all] [--filter GLOB] [--seed N] [--list] [--raw]
                        [--plain | --coverage]

Builds User-mode Linux from Debian's kernel source with this checkout as
drivers/nyx, and runs the KUnit suites in it with KASAN and lockdep.

  --all          parse a million broken tables in each fuzz test, not 250,000
  --filter GLOB  run only the matching suites, or tests (SUITE.TEST)
  --seed N       seed the random tests with N; the seed in use is printed at the end
  --list         list the tests and exit
  --raw          print the kernel log instead of kunit.py's summary
  --plain        build without KASAN and lockdep, for tests that measure time
  --coverage     print the share of lines that the suites reach, by file, from gcov

The kernel is built once in $NYX_CACHE,
which all clones share. Each clone compiles its own files in build/.
EOF
}

all='' filter='' list='' raw='' plain='' coverage='' seed=$((SRANDOM + 1))
take_options --all --filter=GLOB --seed=N --list --raw --plain --coverage
flavour=debug
[ -z "$plain" ] || flavour=plain
[ -z "$coverage" ] || flavour=coverage

config() {
	cat "$NYX_ROOT/kunit/.kunitconfig"
	[ "$flavour" = plain ] || cat "$NYX_ROOT/kunit/$flavour.config"
}

# User-mode Linux keeps the guest's memory in a file in TMPDIR, which must not be
# on a disk.
kunit_py() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_tree sh -euc 'mount -t tmpfs tmpfs /tmp; exec "$@"' sh \
		tools/testing/kunit/kunit.py "$@"
}

build() {
	kunit_py config --build_dir="$out" &&
		in_tree make -s ARCH=um O="$out" -j"$(nproc)"
}

# Builds the kernel without Nyx, which is the same for all clones.
base_kernel() {
	say "kunit: build User-mode Linux ($flavour), once for all clones"
	config | grep -v CONFIG_NYX_ >"$dir/.kunitconfig"
	build
}

# kunit.py halts the kernel after the suites. This function starts the kernel itself,
# so that uml_init.sh runs after them.
run_for_coverage() {
	find "$dir/drivers/nyx" -name '*.gcda' -delete
	args+=(mem=1G console=tty kunit.enable=1 root=none rootfstype=hostfs
	       rootflags=/ rw init="$NYX_IN_ROOT/scripts/lib/uml_init.sh")
	[ -z "$filter" ] || args+=("kunit.filter_glob=$filter")
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_tree sh -euc 'mount -t tmpfs tmpfs /tmp; exec timeout 3600 "$@"' sh \
		"$out/linux" "${args[@]}" >"$dir/test.log" 2>&1 </dev/null ||
		true
	[ -z "$raw" ] || cat "$dir/test.log"
	in_chroot "$NYX_IN_ROOT/scripts/lib/coverage.py" "$out/drivers/nyx" \
		"$NYX_IN_ROOT"
}

need_root
contain
load_kernels
kernel_source

dir=$NYX_BUILD/uml-$flavour
out=$NYX_IN_BUILD/uml-$flavour
log=$NYX_BUILD/kunit-$flavour.log
mkdir -p "$NYX_BUILD"
exec 9>"$dir.lock"
flock 9
shared_build "uml-$flavour" "$(config)" base_kernel
config | cmp -s - "$dir/.kunitconfig" || config >"$dir/.kunitconfig"
build || die "the build failed"

if [ -n "$list" ]; then
	kunit_py exec --build_dir="$out" --list_tests
	exit
fi

# User-mode Linux with several CPUs requires seccomp mode. Suites count lines of the kernel
# log, which must not drop any during the whole run.
args=("nyx_iommu.kunit_seed=$seed" ncpus=2 seccomp=on log_buf_len=16M)
[ -z "$all" ] || args+=(nyx_iommu.kunit_tables=1000000)
if [ "$flavour" = coverage ]; then
	run_for_coverage
else
	options=("${args[@]/#/--kernel_args=}" --timeout=3600)
	[ -z "$raw" ] || options+=(--raw_output=all)
	[ -z "$filter" ] || options+=("$filter")
	kunit_py exec --build_dir="$out" "${options[@]}" || true
fi
cp "$dir/test.log" "$log"

# count KIND: prints a number from kunit.py's summary.
count() {
	sed -nE "s/.*Testing complete\..*[ ,:]$1: ([0-9]+).*/\1/p" <<<"$summary" | grep . || echo 0
}
summary=$(kunit_py parse --summary "$out/test.log") || true
passed=$(count passed)
failed=$(($(count failed) + $(count crashed) + $(count errors)))
skipped=$(count skipped)
# Warnings in the kernel log fail the lane, even if all tests pass.
if splats=$(grep -nE 'BUG: |WARNING: |INFO: (suspicious|possible|task|trying)|UBSAN: |Kernel panic|Call Trace' "$log"); then
	say "not ok: the kernel log has warnings: $log"
	say "$splats"
	failed=$((failed + 1))
fi
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
	say "not ok: no test ran"
	failed=1
fi
say "the random tests used --seed $seed"
[ "$skipped" -eq 0 ] || say "$skipped skipped"
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
