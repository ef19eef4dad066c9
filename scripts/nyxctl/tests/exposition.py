# SPDX-License-Identifier: GPL-2.0-only
"""A second reader of the text format of Prometheus, and what it must read from tables."""
import re

from common import read_table

LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\"n])*)"(,|$)')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def parse_labels(text):
    labels = {}
    while text:
        match = LABEL.match(text)
        assert match, text
        assert match[1] not in labels, text
        labels[match[1]] = re.sub(r"\\.", lambda m: ESCAPES[m[0]], match[2])
        text = text[match.end():]
    return labels


def parse(text):
    """Returns the types, the texts of HELP, and the samples, by metric and labels.

    Each metric must be in one piece, with HELP and TYPE first, and no sample may be there
    twice.
    """
    assert text.endswith("\n")
    types, helps, samples, name = {}, {}, {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, helps_text = line.split(" ", 3)
            assert name not in helps, line
            helps[name] = helps_text
        elif line.startswith("# TYPE "):
            assert line.split()[2] == name and name not in types, line
            types[name] = line.split()[3]
        else:
            match = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? (\d+)", line)
            assert match and match[1] == name and name in types, line
            key = (name, frozenset(parse_labels(match[2] or "").items()))
            assert key not in samples, line
            samples[key] = int(match[3])
    return types, helps, samples


class Expected(dict):
    """What the tables in a folder must be exported as."""

    def __init__(self, folder):
        super().__init__()
        self.tables = {name: read_table(folder / name) for name in
                       ("units", "devices", "domains", "interrupts", "faults", "quarantine")}
        self.add("nyx_up", 1)
        self.add_units()
        self.add_devices()
        self.add_domains()
        for word in ("read", "write", "execute", "atomic", "interrupt", "unknown"):
            self.add("nyx_kept_faults", self.count("faults", access=word), access=word)
        for word in ("faults", "requester", "domain", "command"):
            self.add("nyx_cut_off_devices",
                     self.count("quarantine", ended="ongoing", reason=word), reason=word)

    def add(self, metric, number, **labels):
        self[metric, frozenset(labels.items())] = int(number)

    def count(self, table, **cells):
        return sum(cells.items() <= row.items() for row in self.tables[table])

    def add_units(self):
        for row in self.tables["units"]:
            unit = row["unit"]
            for word in ("on", "off", "dead"):
                self.add("nyx_unit_state", row["state"] == word, unit=unit, state=word)
            self.add("nyx_unit_interrupt_remapping", row["intr"] == "on", unit=unit)
            if row["compat"] != "-":
                self.add("nyx_unit_compatibility_format_allowed", row["compat"] == "allowed",
                         unit=unit)
            for kind, column in (("page", "page"), ("domain", "domain"), ("global", "global"),
                                 ("device_entry", "entry"), ("device_tlb", "device"),
                                 ("interrupt_entry", "intr")):
                self.add("nyx_unit_flushes_total", row[f"flush_{column}"], unit=unit, kind=kind)
            for metric, column in (
                    ("write_buffer_flushes_total", "write_buffer"), ("waits_total", "waits"),
                    ("flush_errors_total", "flush_errors"), ("faults_total", "faults"),
                    ("fault_log_overflows_total", "overflows"), ("domain_ids", "domain_ids"),
                    ("domain_id_limit", "max_domain_id"), ("interrupt_entries", "intr_used"),
                    ("interrupt_table_entries", "intr_entries")):
                self.add(f"nyx_unit_{metric}", row[column], unit=unit)
        units = {row["unit"] for row in self.tables["units"]}
        for metric, table, label, words in (
                ("nyx_unit_devices", "devices", "managed", ("yes", "waiting", "no")),
                ("nyx_unit_device_entries", "devices", "entry",
                 ("translated", "identity", "blocked", "foreign", "isolated")),
                ("nyx_unit_interrupts", "interrupts", "state",
                 ("remapped", "adopted", "posted", "passes", "blocked"))):
            for unit in units | {row["unit"] for row in self.tables[table]}:
                for word in words:
                    self.add(metric, self.count(table, unit=unit, **{label: word}),
                             unit="unknown" if unit == "-" else unit, **{label: word})

    def add_devices(self):
        for row in self.tables["devices"]:
            labels = {"device": row["device"], "unit": row["unit"]}
            for word in ("active", "quarantined", "disabled"):
                self.add("nyx_device_state", row["state"].lower() == word, state=word, **labels)
            self.add("nyx_device_isolated", row["entry"] == "isolated", **labels)
            self.add("nyx_device_ats_lost", row["ats"] == "lost", **labels)
            self.add("nyx_device_faults_total", row["faults"], **labels)

    def add_domains(self):
        for word in ("dma", "dma-fq", "unmanaged"):
            self.add("nyx_domains", self.count("domains", type=word), type=word)
        first = {}
        for row in self.tables["devices"]:
            first.setdefault(row["domain"], row)
        for row in self.tables["domains"]:
            if row["domain"] not in first:
                continue
            device = first[row["domain"]]
            labels = {"device": device["device"], "unit": device["unit"], "type": row["type"]}
            for metric, column in (("maps_total", "map_calls"), ("unmaps_total", "unmap_calls"),
                                   ("map_bytes_total", "map_bytes"),
                                   ("unmap_bytes_total", "unmap_bytes"),
                                   ("mapped_bytes", "mapped_bytes")):
                self.add(f"nyx_domain_{metric}", row[column], **labels)
            self.add("nyx_domain_table_bytes", 4096 * int(row["table_pages"]), **labels)
