# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Devices of the ACPI namespace that the test machine has besides QEMU's own: a table
# with their names, in AML (ACPI specification 6.5, 20.2).
#
# Pieces of AML are strings of hexadecimal digits here, two for a byte.

# Opcodes (20.3). DeviceOp has two bytes.
AML_NAME=08
AML_BYTE=0a
AML_DWORD=0c
AML_STRING=0d
AML_SCOPE=10
AML_DEVICE=5b82

# aml_bytes TEXT: its characters.
aml_bytes() {
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

# aml_package OPCODE CONTENT: with PkgLength (20.2.4), which counts its own bytes.
# In one byte it has six bits. In two, the first has the low four, and says that
# one follows.
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

# aml_id ID: as a _HID or _CID has it. Three letters and four digits are packed
# into four bytes: five bits a letter, from A = 1 on, then the digits (19.3.4, EISAID).
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

# aml_device NAME HID UID CID: - for what it has not. Without _HID it has an _ADR,
# for one of the two must be there.
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

# acpi_devices LINES: the body of an SSDT with these devices in \_SB, as binary. A
# device a line: a name of four characters, _HID, _UID (a number below 256, or a
# text), _CID; - or nothing for none.
acpi_devices() {
	local name hid uid cid body

	body=$(aml_bytes '\_SB_')
	while read -r name hid uid cid; do
		[ -z "$name" ] || body+=$(aml_device "$name" "${hid:--}" \
						     "${uid:--}" "${cid:--}")
	done <<<"$1"
	printf %b "$(aml_package $AML_SCOPE "$body" | sed 's/../\\x&/g')"
}
