#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the Debian packages.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib/common.sh"

usage() {
	cat <<EOF
Usage: scripts/deb.sh [--as VERSION] [--to FOLDER] [--help]

Builds the packages nyx-iommu-dkms and nyx-iommu-tools from a copy of this checkout,
in the Debian 13 chroot. They are then in build/deb, with a source package.

  --as VERSION  build the same source as another version, to test upgrades
  --to FOLDER   a folder below build instead of build/deb
EOF
}

as='' to=deb
take_options --as=VERSION --to=FOLDER

need_root
contain
alone deb
"$NYX_ROOT/scripts/setup.sh"
out=$NYX_BUILD/$to log=$NYX_BUILD/logs/deb.log
mkdir -p "$NYX_BUILD/logs"
rm -rf "$out"
mkdir -p "$out"

copy_checkout "$NYX_IN_BUILD/$to/source"
if [ -n "$as" ]; then
	sed -i "1s/(.*)/($as)/" "$out/source/debian/changelog"
	sed -i "s/^\(#define NYX_VERSION\) .*/\1 \"$as\"/" \
		"$out/source/drivers/iommu/nyx/version.h"
	sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$as\"/" "$out/source/dkms.conf"
fi
# The chroot has a compiler, but not all that build-essential depends on.
in_chroot env --chdir="$NYX_IN_BUILD/$to/source" \
	dpkg-buildpackage --no-sign --ignore-builtin-builddeps >"$log" 2>&1 || {
	tail -n 15 "$log" >&2
	die "the packages do not build; the whole log is $log"
}
rm -rf "$out/source"
ls "$out"/*.deb
