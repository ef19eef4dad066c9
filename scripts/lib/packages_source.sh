# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # packages.sh has the variables
# The check of the packages lane that installs from source, by the commands in the documents,
# in a copy of a Debian system.

# source_machine: a machine with a fresh clone, which runs the older kernel by what uname
# says. It has the package lists and the packages that setup fetched, and answers apt.
source_machine() {
	local machine=$work/source/root
	local debs=("$NYX_CHROOT"/var/cache/apt/archives/*.deb)

	copy_machine source
	copy_checkout "$NYX_IN_BUILD/packages/source/clone"
	cp -L /etc/resolv.conf /etc/hosts "$machine/etc/" 2>/dev/null || true
	rm -rf "$machine"/etc/apt "$machine"/var/lib/apt/lists
	cp -a "$NYX_CHROOT/etc/apt" "$machine/etc/"
	printf 'APT::%s;\n' 'Get::Assume-Yes "true"' 'Install-Recommends "false"' \
		>"$machine/etc/apt/apt.conf.d/91test"
	[ ! -e "$NYX_CHROOT/etc/ssl/nyx-host-ca.crt" ] ||
		cp "$NYX_CHROOT/etc/ssl/nyx-host-ca.crt" "$machine/etc/ssl/"
	ln -s "$NYX_IN_CACHE/trixie/var/lib/apt/lists" "$machine/var/lib/apt/lists"
	ln -sf -t "$machine/var/cache/apt/archives" "${debs[@]/#$NYX_CACHE/$NYX_IN_CACHE}"
	cat >"$machine/usr/local/bin/uname" <<-EOT
	#!/bin/sh
	[ "\$*" != -r ] || exec echo $NYX_LTS
	exec /usr/bin/uname "\$@"
	EOT
	chmod 755 "$machine/usr/local/bin/uname"
}

# in_source COMMAND...: runs it in the clone of that machine.
in_source() {
	in_machine source env --chdir="$NYX_IN_BUILD/packages/source/clone" \
		PATH=/usr/local/bin:/usr/lib/ccache:/usr/sbin:/usr/bin "$@"
}

# has_effect COMMAND: succeeds if the machine is as it must be after that command.
has_effect() {
	local machine=$work/source/root

	case $1 in
	'dkms install .')
		[ "$(in_source dkms status)" = "nyx-iommu/$version, $NYX_LTS, x86_64: installed" ] ;;
	'make -C scripts/nyxctl install')
		[ "$(in_source nyxctl --version)" = "nyxctl $version" ] ;;
	'make -C scripts/nyxctl uninstall')
		none < <(find "$machine"/usr -name '*nyx*' ! -path '*/src/*' ! -path '*/modules/*') ;;
	'dkms remove '*)
		none < <(in_source dkms status; find "$machine"/usr/lib/modules -name '*nyx*') ;;
	'rm -r '*)
		none < <(find "$machine"/{usr,var/lib/dkms} -name '*nyx*') ;;
	*' install '*)
		in_source sh -euc "dpkg --status ${1#* install }" >/dev/null ;;
	*) die "nothing tells whether this command worked: $1" ;;
	esac
}

check_source() {
	local command commands

	mapfile -t commands < <(sed -n 's/^machine\t//p' "$NYX_ROOT/scripts/lib/commands.list")
	[ "${#commands[@]}" -gt 0 ] || die "the list has no command for this check"
	source_machine
	for command in "${commands[@]}"; do
		say "# $command"
		in_source sh -euc "$command" </dev/null || die "the command fails: $command"
		has_effect "$command" || die "the command has no effect: $command"
	done
}
