# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Finds the Debian mirror that the host uses, and how the host reaches it. This file
# names no host: the name comes from apt's configuration or from NYX_MIRROR.

# Suites under which apt may list a mirror of the whole Debian archive.
NYX_HOST_SUITES='bookworm|trixie|forky|sid|oldoldstable|oldstable|stable|testing|unstable'

apt_value() {
	local value=

	eval "$(apt-config shell value "$1")"
	printf '%s' "$value"
}

# Prints the archives that the host's apt lists for a Debian suite, one on each line.
#
# apt itself reads its configuration, so that one-line and deb822 sources, options,
# comments and disabled entries are all handled as apt handles them. No network is
# used.
host_archives() {
	apt-get --print-uris update 2>/dev/null |
		sed -nE "s,^'([^']*)/dists/($NYX_HOST_SUITES)/InRelease' .*,\\1,p" |
		awk '!seen[$0]++'
}

# mirror+file:… names a list of mirrors, mirror+http:… a list on the network.
resolve_archive() {
	local uri=$1 list

	case $uri in
	mirror+*|mirror:*)
		list=$(mktemp)
		case $uri in
		mirror+file:*)
			uri=${uri#mirror+file:}
			cat "/${uri#"${uri%%[!/]*}"}" >"$list" || true ;;
		mirror:*)
			fetch "http:${uri#mirror:}" "$list" || true ;;
		*)
			fetch "${uri#mirror+}" "$list" || true ;;
		esac
		awk '!/^[[:space:]]*(#|$)/ { print $1 }' "$list"
		rm -f "$list"
		;;
	*)
		printf '%s\n' "$uri" ;;
	esac | sed 's,/*$,,'
}

# fetch URI FILE: download it as the host's apt does, proxies included. The time limit
# is shorter than apt's, so that setup soon reports a missing network.
fetch() {
	local dir

	dir=$(mktemp -d)
	chmod 755 "$dir"
	if /usr/lib/apt/apt-helper -o Acquire::Retries=1 \
	   -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 \
	   download-file "$1" "$dir/file" >/dev/null 2>&1; then
		cat "$dir/file" >"$2"
		rm -rf "$dir"
		return 0
	fi
	rm -rf "$dir"
	return 1
}

# offers_trixie URI: succeeds if the archive answers and has the needed suites.
offers_trixie() {
	fetch "$1/dists/trixie-backports/InRelease" /dev/null
}

# Prints the first archive that has the needed suites, or nothing.
find_mirror() {
	local archive uri

	while read -r archive; do
		while read -r uri; do
			case $uri in
			http://*|https://*) ;;
			*) continue ;;
			esac
			if offers_trixie "$uri"; then
				printf '%s\n' "$uri"
				return
			fi
		done < <(resolve_archive "$archive")
	done < <(host_archives)
}

# proxy_for URI: prints the proxy that the host's apt uses for it, or nothing.
proxy_for() {
	local uri=$1 scheme=${1%%:*} host=${1#*://} detect proxy=

	host=${host%%/*}
	host=${host##*@}
	host=${host%%:*}
	detect=$(apt_value "Acquire::$scheme::Proxy-Auto-Detect")
	[ -n "$detect" ] ||
		detect=$(apt_value "Acquire::$scheme::ProxyAutoDetect")
	if [ -n "$detect" ]; then
		proxy=$("$detect" "$uri" 2>/dev/null) || proxy=
	fi
	[ -n "$proxy" ] || proxy=$(apt_value "Acquire::$scheme::Proxy::$host")
	[ -n "$proxy" ] || proxy=$(apt_value "Acquire::$scheme::Proxy")
	# For https, apt falls back to the http proxy and its exceptions.
	if [ -z "$proxy" ] && [ "$scheme" = https ]; then
		proxy=$(apt_value "Acquire::http::Proxy::$host")
		[ -n "$proxy" ] || proxy=$(apt_value Acquire::http::Proxy)
	fi
	[ "$proxy" = DIRECT ] || printf '%s' "$proxy"
}

# Prints the host's apt settings that decide how a mirror is reached, as apt.conf
# lines for the chroot. Settings that name files or commands of the host have no
# meaning there, so the proxy that a command finds is written out instead.
apt_settings() {
	local mirror=$1 proxy scheme=${1%%:*}

	apt-config dump Acquire |
		grep -E '^Acquire::(https?::|Force-?IPv[46]|Retries|Check-|Max-|Min-|Queue-)' |
		grep -vE '::(Proxy-?Auto-?Detect|SslCert|SslKey|CAInfo|CAPath|CRLFile) ' |
		grep -v ' "";$' || true
	proxy=$(proxy_for "$mirror")
	if [ -n "$proxy" ]; then
		printf 'Acquire::%s::Proxy "%s";\n' "$scheme" "$proxy"
	fi
	if [ "$scheme" = https ]; then
		printf 'Acquire::https::CAInfo "/etc/ssl/nyx-host-ca.crt";\n'
	fi
}

# Prints the file of certificates that the host's apt trusts for an https mirror.
host_ca() {
	local file

	file=$(apt_value Acquire::https::CAInfo)
	printf '%s\n' "${file:-/etc/ssl/certs/ca-certificates.crt}"
}

# apt_as_host MIRROR FOLDER: the Debian system there reaches the mirror as the host does.
apt_as_host() {
	local ca

	ca=$(host_ca)
	if [ -r "$ca" ]; then
		mkdir -p "$2/etc/ssl"
		cp -L "$ca" "$2/etc/ssl/nyx-host-ca.crt"
	fi
	apt_settings "$1" >"$2/etc/apt/apt.conf.d/90nyx"
}

# debootstrap_debian MIRROR FOLDER [OPTION...]: makes a minimal Debian 13 system there.
debootstrap_debian() {
	local mirror=$1 folder=$2 proxy

	shift 2
	proxy=$(proxy_for "$mirror")
	if [ -n "$proxy" ]; then
		export "${mirror%%:*}_proxy=$proxy"
	fi
	debootstrap --variant=minbase "$@" trixie "$folder" "$mirror"
}
