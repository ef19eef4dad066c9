# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Builds an SSDT that adds devices to the test machine's ACPI namespace, in AML (ACPI
# specification 6.5, 20.2).
#
# The functions pass AML as strings of hexadecimal digits, two for each byte.

# Opcodes (20.3). DeviceOp has two bytes.
AML_NAME=08
AML_BYTE=0a
AML_DWORD=0c
AML_STRING=0d
AML_SCOPE=10
AML_BUFFER=11
AML_PACKAGE=12
AML_MULTI_NAME=2f
AML_DEVICE=5b82

# aml_bytes TEXT: prints the characters of TEXT as AML.
aml_bytes() {
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

# aml_package OPCODE CONTENT: inserts PkgLength (20.2.4), which includes its own bytes.
# A PkgLength of one byte has six bits. In one of two bytes, the first byte has the
# low four bits, and its bit 6 is set.
aml_package() {
	local length=$((${#2} / 2 + 1))

	if [ $length -lt 64 ]; then
		printf '%s%02x%s' "$1" $length "$2"
	else
		length=$((length + 1))
		printf '%s%02x%02x%s' "$1" $((0x40 | length & 15)) \
			$((length >> 4)) "$2"
	fi
}

aml_number() {
	printf '%s%02x' $AML_BYTE "$1"
}

aml_text() {
	printf '%s%s00' $AML_STRING "$(aml_bytes "$1")"
}

# aml_id ID: encodes a _HID or _CID. Three letters and four digits are packed into
# four bytes: five bits for each letter, starting with A = 1, then the digits (19.3.4,
# EISAID). Any other ID is a string.
aml_id() {
	local packed=0 i

	if [ ${#1} -ne 7 ]; then
		aml_text "$1"
		return
	fi
	for i in 0 1 2; do
		packed=$((packed << 5 | $(printf %d "'${1:i:1}") - 0x40))
	done
	printf '%s%04x%s' $AML_DWORD $packed "${1:3}"
}

# aml_name NAME VALUE
aml_name() {
	printf '%s%s%s' $AML_NAME "$(aml_bytes "$1")" "$2"
}

# aml_device NAME HID UID CID: "-" omits an object. A device without _HID gets an _ADR,
# because one of the two is required.
aml_device() {
	local body

	body=$(aml_bytes "$1")
	case $2 in
	-) body+=$(aml_name _ADR "$(aml_number 0)") ;;
	*) body+=$(aml_name _HID "$(aml_id "$2")") ;;
	esac
	case $3 in
	-) ;;
	*[!0-9]*) body+=$(aml_name _UID "$(aml_text "$3")") ;;
	*) body+=$(aml_name _UID "$(aml_number "$3")") ;;
	esac
	[ "$4" = - ] || body+=$(aml_name _CID "$(aml_id "$4")")
	aml_package $AML_DEVICE "$body"
}

# aml_list COUNT ELEMENTS: encodes a package with that many elements, which are AML.
aml_list() {
	aml_package $AML_PACKAGE "$(printf %02x "$1")$2"
}

# The properties below are those of an external-facing port:
# efcc06cc-73ac-4bc3-bff0-76143807c389. A UUID is stored with its first three numbers in
# little-endian order (19.6.142).
AML_EXTERNAL_PORT=cc06ccefac73c34bbff076143807c389

# acpi_external_port NAME: prints the body of an SSDT which marks the root port that is
# \_SB.PCI0.NAME as external-facing, as binary.
acpi_external_port() {
	local path properties data

	path=$(aml_bytes \\)${AML_MULTI_NAME}03$(aml_bytes "_SB_PCI0$1")
	properties=$(aml_list 1 "$(aml_list 2 \
		"$(aml_text ExternalFacingPort)$(aml_number 1)")")
	data=$(aml_package $AML_BUFFER "$(aml_number 16)$AML_EXTERNAL_PORT")
	data=$(aml_name _DSD "$(aml_list 2 "$data$properties")")
	printf %b "$(aml_package $AML_SCOPE "$path$data" | sed 's/../\\x&/g')"
}

# acpi_devices LINES: prints the body of an SSDT with these devices in \_SB, as binary.
# Each line describes one device: a name of four characters, _HID, _UID (a number below
# 256, or a string), _CID. "-", or nothing at the end of the line, omits an object.
acpi_devices() {
	local name hid uid cid body

	body=$(aml_bytes '\_SB_')
	while read -r name hid uid cid; do
		[ -z "$name" ] || body+=$(aml_device "$name" "${hid:--}" \
						     "${uid:--}" "${cid:--}")
	done <<<"$1"
	printf %b "$(aml_package $AML_SCOPE "$body" | sed 's/../\\x&/g')"
}
