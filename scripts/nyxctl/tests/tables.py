# SPDX-License-Identifier: GPL-2.0-only
"""A second decoder of DMAR and IVRS tables, written after the specifications, and a builder.

VT-d specification, chapter 8; AMD I/O Virtualization Technology Specification, 48882, 5.2.
"""
import struct

DMAR_NAMES = ["DRHD", "RMRR", "ATSR", "RHSA", "ANDD", "SATC", "SIDP"]
DMAR_SIZES = [16, 24, 8, 20, 8, 8, 8]
SCOPES = {1: "PCI endpoint", 2: "PCI sub-hierarchy", 3: "I/O APIC", 4: "HPET", 5: "ACPI device"}
ENTRIES = {0x00: "padding of 4 bytes", 0x01: "all", 0x02: "select", 0x03: "start of range",
           0x04: "end of range", 0x40: "padding of 8 bytes", 0x42: "alias select",
           0x43: "alias start of range", 0x46: "extended select",
           0x47: "extended start of range", 0x48: "special device", 0xf0: "ACPI device"}
IVHD_FLAGS = ["HtTunEn", "PassPW", "ResPassPW", "Isoc", "IotlbSup", "Coherent", "PreFSup", "PPRSup"]


def requester(number):
    return f"{number >> 8:02x}:{number >> 3 & 31:02x}.{number & 7}"


def letters(data):
    end = len(data)
    while end and data[end - 1] in b"\0 ":
        end -= 1
    return "".join(chr(b) if 32 <= b < 127 else "?" for b in data[:end])


def flags(value, names):
    return [names[i] if i < len(names) else f"reserved bit {i}"
            for i in range(8) if value & 1 << i]


def decode_scopes(data, at):
    found = []
    while len(data) - at >= 6:
        kind, length, flag, _, number, bus = struct.unpack_from("6B", data, at)
        if length < 6 or at + length > len(data):
            break
        hops = data[at + 6:at + length]
        found.append({"type": kind, "name": SCOPES.get(kind, f"type {kind}"), "length": length,
                      "flags": f"0x{flag:02x}", "id": number, "bus": f"{bus:02x}",
                      "path": [f"{hops[i]:02x}.{hops[i + 1]:x}"
                               for i in range(0, len(hops) - 1, 2)]})
        at += length
    return found


def decode_dmar(data, _):
    kind, = struct.unpack_from("<H", data)
    out = {"type": kind, "name": f"structure of type {kind}" if kind > 6 else DMAR_NAMES[kind]}
    if kind > 6 or len(data) < DMAR_SIZES[kind]:
        return out
    flag, size, segment = struct.unpack_from("<BBH", data, 4)
    if kind in (0, 2, 5):
        out["flags"] = flags(flag, [{0: "INCLUDE_PCI_ALL", 2: "ALL_PORTS",
                                     5: "ATC_REQUIRED"}[kind]])
    if kind not in (3, 4):
        out["segment"] = f"{segment:04x}"
    if kind == 0:
        out["register_bytes"] = 4096 * 2 ** (size % 16)
        out["register_base"] = hex(struct.unpack_from("<Q", data, 8)[0])
    elif kind == 1:
        out["base"], out["limit"] = map(hex, struct.unpack_from("<2Q", data, 8))
    elif kind == 3:
        base, out["proximity_domain"] = struct.unpack_from("<QI", data, 8)
        out["register_base"] = hex(base)
    elif kind == 4:
        out["device_number"] = data[7]
        out["object_name"] = letters(data[8:].split(b"\0")[0])
    if kind not in (3, 4):
        out["scopes"] = decode_scopes(data, DMAR_SIZES[kind])
    return out


def decode_entry(data, at, size):
    kind = data[at]
    out = {"type": kind, "name": ENTRIES.get(kind, f"type {kind:02x}h")}
    if kind not in ENTRIES:
        return out
    number, setting = struct.unpack_from("<HB", data, at + 1)
    if kind not in (0x00, 0x01, 0x40, 0x48):
        out["device_id"] = requester(number)
    if kind not in (0x00, 0x04, 0x40):
        out["dte_setting"] = f"0x{setting:02x}"
    if kind in (0x42, 0x43):
        out["source"] = requester(struct.unpack_from("<H", data, at + 5)[0])
    elif kind in (0x46, 0x47):
        out["ats_disabled"] = data[at + 7] >= 128
    elif kind == 0x48:
        out["handle"], source, variety = struct.unpack_from("<BHB", data, at + 4)
        out["source"] = requester(source)
        out["variety"] = {1: "I/O APIC", 2: "HPET"}.get(variety, str(variety))
    elif kind == 0xf0:
        out["hid"], out["cid"] = letters(data[at + 4:at + 12]), letters(data[at + 12:at + 20])
        out["uid_format"] = data[at + 20]
        uid = data[at + 22:at + size]
        out["uid"] = {0: None, 1: hex(int.from_bytes(uid[:8], "little"))}.get(data[at + 20],
                                                                             letters(uid))
    return out


def decode_entries(data, at, offset):
    found = []
    while at < len(data):
        kind = data[at]
        size = 4 << (kind >> 6)
        if kind >= 0xf0:
            if kind > 0xf0 or at + 22 > len(data):
                break
            size = 22 + data[at + 21]
        if at + size > len(data):
            break
        found.append({"offset": offset + at} | decode_entry(data, at, size))
        at += size
    return found


def decode_ivrs(data, offset):
    kind, flag, _, number = struct.unpack_from("<BBHH", data.ljust(6, b"\0"))
    name = {0x10: "IVHD", 0x11: "IVHD", 0x40: "IVHD", 0x20: "IVMD", 0x21: "IVMD",
            0x22: "IVMD"}.get(kind)
    out = {"type": kind, "name": f"{name or 'block of'} type {kind:02x}h"}
    fields = {0x10: 24, 0x11: 40, 0x40: 40}.get(kind, 32)
    if not name or len(data) < fields:
        return out
    if name == "IVMD":
        out |= {"flags": flags(flag, ["Unity", "IR", "IW", "Exclusion"])}
        last, segment, base, size = struct.unpack_from("<HH6xQQ", data, 6)
        out |= {"segment": f"{segment:04x}", "base": hex(base), "bytes": hex(size)}
        if kind != 0x20:
            out["device_id"] = requester(number)
        if kind == 0x22:
            out["last_device_id"] = requester(last)
        return out
    capability, base, segment, info, features = struct.unpack_from("<HQHHI", data, 6)
    out |= {"flags": flags(flag, IVHD_FLAGS if kind == 0x10 else IVHD_FLAGS[:6]),
            "device_id": requester(number), "capability_offset": f"0x{capability:02x}",
            "register_base": hex(base), "segment": f"{segment:04x}",
            "iommu_info": f"0x{info:04x}",
            "feature_reporting" if kind == 0x10 else "attributes": f"0x{features:08x}"}
    if kind != 0x10:
        out["efr"], out["efr2"] = (f"0x{x:016x}" for x in struct.unpack_from("<2Q", data, 24))
    return out | {"entries": decode_entries(data, fields, offset)}


def decode(data):
    """Returns the structures of a table, as --json has them without the findings."""
    if len(data) < 48:
        return []
    one = decode_dmar if data.startswith(b"DMAR") else decode_ivrs
    data = data[:struct.unpack_from("<I", data, 4)[0]]
    found, at = [], 48
    while at < len(data):
        rest = data[at:]
        length = struct.unpack_from("<H", rest, 2)[0] if len(rest) >= 4 else len(rest)
        out = {"offset": at, "length": length, "complete": length <= len(rest)}
        if len(rest) >= 4:
            # Flags and type precede the length, so four bytes are always there.
            out |= one(rest[:length], at) if length >= 4 else one(rest[:4], at)
        found.append(out)
        if length < 4:
            break
        at += length
    return found


def decode_header(data):
    out = {"signature": data[:4].decode(), "file_bytes": len(data)}
    if len(data) < 36:
        return out
    length, revision, checksum = struct.unpack_from("<IBB", data, 4)
    state = "unknown" if length > len(data) else "wrong" if sum(data[:length]) % 256 else "good"
    oem, creator = struct.unpack_from("<I4xI", data, 24)
    out |= {"length": length, "revision": revision, "checksum": f"0x{checksum:02x}",
            "checksum_state": state, "oem_id": letters(data[10:16]),
            "oem_table_id": letters(data[16:24]), "oem_revision": hex(oem),
            "creator_id": letters(data[28:32]), "creator_revision": hex(creator)}
    if len(data) < 48:
        return out
    if data.startswith(b"DMAR"):
        names = ["INTR_REMAP", "X2APIC_OPT_OUT", "DMA_CTRL_PLATFORM_OPT_IN_FLAG",
                 "DMA_REMAP_OPT_OUT"]
        return out | {"host_address_width": data[36] + 1, "flags": flags(data[37], names)}
    info, = struct.unpack_from("<I", data, 36)
    return out | {"iv_info": f"0x{info:08x}", "efr_sup": bool(info & 1),
                  "dma_remap_sup": bool(info & 2), "gva_size": info >> 5 & 7,
                  "pa_size": info >> 8 & 127, "va_size": info >> 15 & 127,
                  "ht_ats_resv": bool(info >> 22 & 1)}


def seal(data):
    """Writes length and checksum."""
    data = bytearray(data)
    struct.pack_into("<I", data, 4, len(data))
    data[9] = 0
    data[9] = -sum(data) % 256
    return bytes(data)


def table(signature, first, *structures):
    """A table whose header ends with the bytes in first."""
    header = struct.pack("<4sIBB6s8sI4sI", signature, 0, 1, 0, b"NYXOEM", b"NYXTABLE", 3, b"NYXC", 4)
    return seal(header + first.ljust(12, b"\0") + b"".join(structures))


def dmar(*structures, flag=1, width=39):
    return table(b"DMAR", bytes([width - 1, flag]), *structures)


def remapping(kind, fields, *scopes):
    body = fields + b"".join(scopes)
    return struct.pack("<HH", kind, len(body) + 4) + body


def scope(kind, number, bus, *hops):
    path = b"".join(bytes(hop) for hop in hops)
    return bytes([kind, 6 + len(path), 0, 0, number, bus]) + path


def drhd(base, *scopes, everything=0, segment=0):
    return remapping(0, struct.pack("<BBHQ", everything, 0, segment, base), *scopes)


def rmrr(base, limit, *scopes, segment=0):
    return remapping(1, struct.pack("<HHQQ", 0, segment, base, limit), *scopes)


def ivrs(*blocks, info=0x203043):
    return table(b"IVRS", struct.pack("<I", info), *blocks)


def ivhd(kind, number, base, *entries, segment=0, capability=0x40, flag=0xb0):
    body = struct.pack("<HHQHHI", number, capability, base, segment, 0x13, 0x48000)
    body += b"" if kind == 0x10 else struct.pack("<2Q", 0x246577efa2254afa, 0x10)
    body += b"".join(entries)
    return struct.pack("<BBH", kind, flag, len(body) + 4) + body


def ivmd(kind, flag, first, last, base, size, segment=0):
    return struct.pack("<BBHHHH6xQQ", kind, flag, 32, first, last, segment, base, size)


def entry(kind, number=0, setting=0):
    return struct.pack("<BHB", kind, number, setting)


def special(handle, source, variety):
    return struct.pack("<BHBBHB", 0x48, 0, 0xd7, handle, source, variety)


def acpi(number, hid, form, uid):
    return struct.pack("<BHB8s8sBB", 0xf0, number, 0x40, hid, b"PNP0000", form, len(uid)) + uid
