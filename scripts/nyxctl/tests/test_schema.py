# SPDX-License-Identifier: GPL-2.0-only
"""The JSON output is as the schemas say, and these are as Documentation/debugfs.md says."""
import copy
import json
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import jsonschema

from common import FRACTIONS, INTEGERS, NYXCTL, RECORDED, VENDORS, read_table, run, settings

SCHEMAS = NYXCTL / "schema"
DEBUGFS = NYXCTL.parents[1] / "Documentation/debugfs.md"
# Commands that print no JSON.
WITHOUT_JSON = {"assign", "release", "disable", "reset", "export"}
# What commands print with an option.
WITH_OPTION = {"snapshot-diff": "snapshot --diff"}
# Members of what a snapshot has of a file, which depend on its state.
OPTIONAL = {"lines", "error", "base64"}
# Commands whose rows are those of a table, which debugfs.md has under the same name.
TABLES = ("units", "devices", "domains", "interrupts", "faults", "quarantine", "policy",
          "forensics")
# Integers that debugfs.md documents, and common.py does not need.
MORE_INTEGERS = {"cpu", "operations"}
DIAGNOSED = "units, with diagnose=1"


def schema_of(command):
    return json.loads((SCHEMAS / f"{command}.json").read_text())


def errors(command, output):
    validator = jsonschema.Draft202012Validator(schema_of(command))
    return [f"{e.json_path}: {e.message}" for e in validator.iter_errors(output)]


def objects(schema):
    """All schemas of objects within a schema."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for part in schema.values():
            yield from objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from objects(part)


def section(name):
    text = DEBUGFS.read_text()
    return re.search(rf"^## {re.escape(name)}\n(.*?)(?=^## |\Z)", text, re.M | re.S).group(1)


def documented(name):
    """The columns of a table: those that are described, or else those of the example."""
    rows = re.search(r"^\| column \| meaning \|\n\| --- \| --- \|\n((?:\|.*\n)+)", section(name),
                     re.M)
    if rows:
        return [column for row in rows.group(1).splitlines()
                for column in re.findall(r"`([^`]+)`", row.split("|")[1])]
    return re.search(r"^    (.*)$", section(name), re.M).group(1).split()


def kind(table, column):
    """The type of a column, without null."""
    if (table, column) == ("faults", "index"):
        return "string"                 # Hexadecimal there, and decimal in interrupts.
    if column in INTEGERS | MORE_INTEGERS:
        return "integer"
    return "number" if column in FRACTIONS else "string"


def types(schema):
    """The JSON types that a schema of a cell accepts, without null."""
    if "enum" in schema:
        return {"string" if isinstance(v, str) else type(v).__name__
                for v in schema["enum"] if v is not None}
    kinds = schema["type"]
    return {kinds} if isinstance(kinds, str) else set(kinds) - {"null"}


class Schemas(unittest.TestCase):
    """The schemas themselves."""

    def test_all_commands(self):
        """A command has a schema, or is known to print no JSON."""
        _, out, _ = run("--help")
        commands = set(re.findall(r"^  ([a-z]+)(?: .*)?\n      ", out, re.M))
        schemas = {path.stem for path in SCHEMAS.glob("*.json")}
        self.assertLess(set(WITH_OPTION), schemas)
        schemas -= set(WITH_OPTION)
        self.assertEqual(schemas, commands - WITHOUT_JSON)
        self.assertLess(WITHOUT_JSON, commands)

    def test_closed(self):
        """Each object has the members that are listed, or others of a given kind."""
        for path in sorted(SCHEMAS.glob("*.json")):
            schema = json.loads(path.read_text())
            jsonschema.Draft202012Validator.check_schema(schema)
            self.assertEqual(schema["title"],
                             f"nyxctl --json {WITH_OPTION.get(path.stem, path.stem)}")
            self.assertGreater(len(list(objects(schema))), 0, path)
            for part in objects(schema):
                if "properties" not in part:
                    # The names of members are those of files, devices or parameters.
                    self.assertIn("type", part["additionalProperties"], path)
                    continue
                self.assertIs(part["additionalProperties"], False, path)
                self.assertEqual(part["required"],
                                 [p for p in part["properties"] if p not in OPTIONAL], path)

    def check_columns(self, table, schema, name):
        columns = documented(name)
        self.assertGreater(len(columns), 1)
        self.assertEqual(list(schema["properties"]), columns, name)
        for column, cell in schema["properties"].items():
            self.assertEqual(types(cell), {kind(table, column)}, (name, column))

    def test_columns(self):
        for table in TABLES:
            with self.subTest(table=table):
                self.check_columns(table, next(objects(schema_of(table))), table)

    def test_diagnosed_columns(self):
        self.check_columns("units", schema_of("units")["$defs"]["diagnosed"], DIAGNOSED)

    def test_explain_columns(self):
        """A fault, what it means, and rows of the history."""
        schema = schema_of("explain")
        history = schema["properties"]["history"]["items"]
        self.check_columns("history", history, "domain-<number>/history")
        self.assertEqual(list(schema["properties"]),
                         documented("faults") + ["cause", "remedy", "entry", "history"])
        faults = schema_of("faults")["items"]["properties"]
        self.assertEqual({c: schema["properties"][c] for c in faults}, faults)


class Outputs(unittest.TestCase):
    """What the commands print."""

    def valid(self, command, *args, codes=(0,), **places):
        code, out, err = run("--json", command, *args, **places)
        self.assertIn(code, codes, err)
        output = json.loads(out)
        self.assertEqual(errors(command, output), [])
        return output

    def test_recorded(self):
        for vendor in VENDORS:
            folder = RECORDED / vendor
            for command in TABLES:
                with self.subTest(vendor=vendor, command=command):
                    self.assertGreater(len(self.valid(command, folder=folder)), 0)
            for command in ("status", "doctor"):
                self.valid(command, folder=folder, codes=(0, 1))
            for row in read_table(folder / "faults"):
                self.valid("explain", row["seq"], folder=folder)

    def test_history(self):
        """At least one explanation has operations."""
        lengths = [len(self.valid("explain", row["seq"])["history"])
                   for row in read_table(RECORDED / "intel" / "faults")]
        self.assertGreater(max(lengths), 0)

    def test_top(self):
        for vendor in VENDORS:
            code, out, _ = run("--json", "top", "--interval", "0.1", "--count", "2",
                               folder=RECORDED / vendor)
            lines = [json.loads(line) for line in out.splitlines()]
            self.assertEqual((code, len(lines)), (0, 2))
            self.assertEqual([errors("top", line) for line in lines], [[], []])
            self.assertGreater(len(lines[0]["devices"]), 0)
            lines[0]["devices"][0]["extra"] = 1
            self.assertNotEqual(errors("top", lines[0]), [])

    def test_check(self):
        self.valid("check", codes=(0, 1))

    def test_changed_output_is_invalid(self):
        """The schemas tell right from wrong."""
        for command in TABLES:
            output = self.valid(command)
            for change in (lambda row: row.update(extra=1),
                           lambda row: row.popitem(),
                           lambda row: row.update({next(iter(row)): []})):
                wrong = copy.deepcopy(output)
                change(wrong[-1])
                self.assertNotEqual(errors(command, wrong), [], command)
        for command in ("status", "doctor", "check", "explain"):
            _, out, _ = run("--json", command)
            wrong = json.loads(out)
            (wrong[0] if isinstance(wrong, list) else wrong)["extra"] = 1
            self.assertNotEqual(errors(command, wrong), [], command)

    def test_follow(self):
        """Each line is a row of faults."""
        with subprocess.Popen([settings.program, f"--debugfs={RECORDED}/intel", "--json", "faults",
                               "--follow"], stdout=subprocess.PIPE, text=True) as process:
            lines = [process.stdout.readline() for _ in range(3)]
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
        self.assertEqual(errors("faults", [json.loads(line) for line in lines]), [])

    def test_interrupt_fault(self):
        """A fault of an interrupt has an index, in hexadecimal."""
        with tempfile.TemporaryDirectory() as folder:
            rows = read_table(RECORDED / "intel" / "faults")
            rows[-1].update(access="interrupt", index="0x0021", iova="-", explanation="-")
            lines = [" ".join(rows[0])] + [" ".join(r.values()) for r in rows]
            pathlib.Path(folder, "faults").write_text("\n".join(lines) + "\n")
            self.assertEqual(self.valid("faults", folder=folder)[-1]["index"], "0x0021")
            self.valid("explain", folder=folder)

    def test_unknown_cells(self):
        """Cells that may be - are null, also in a row that has nothing else."""
        for table in TABLES:
            schema = next(objects(schema_of(table)))
            cells = {c: "-" for c, s in schema["properties"].items()
                     if None in s.get("enum", ()) or "null" in s.get("type", ())}
            with tempfile.TemporaryDirectory() as folder:
                rows = read_table(RECORDED / "intel" / table)
                rows[0].update(cells)
                lines = [" ".join(rows[0]), " ".join(rows[0].values())]
                pathlib.Path(folder, table).write_text("\n".join(lines) + "\n")
                row = self.valid(table, folder=folder)[0]
            self.assertEqual({c: row[c] for c in cells}, dict.fromkeys(cells))

    def test_diagnosed(self):
        """The example of debugfs.md."""
        with tempfile.TemporaryDirectory() as folder:
            lines = re.findall(r"^    (.*)$", section(DIAGNOSED), re.M)
            pathlib.Path(folder, "units").write_text("\n".join(lines) + "\n")
            self.assertEqual(self.valid("units", folder=folder)[0]["queue"], "on")

    def test_list(self):
        """Only devices of vfio-pci are listed, with their groups."""
        folder = pathlib.Path(tempfile.mkdtemp())
        try:
            for device in ("0000:03:00.0", "0000:04:00.0"):
                path = folder / "bus/pci/devices" / device
                path.mkdir(parents=True)
                (path / "config").write_text("")
            (folder / "kernel/iommu_groups/7").mkdir(parents=True)
            (folder / "bus/pci/devices/0000:03:00.0/iommu_group").symlink_to(
                folder / "kernel/iommu_groups/7")
            drivers = folder / "bus/pci/drivers/vfio-pci"
            drivers.mkdir(parents=True)
            for device in ("0000:03:00.0", "0000:04:00.0"):
                (folder / "bus/pci/devices" / device / "driver").symlink_to(drivers)
            other = folder / "bus/pci/devices/0000:05:00.0"
            other.mkdir()
            (other / "config").write_text("")
            rows = self.valid("list", sysfs=folder)
        finally:
            shutil.rmtree(folder)
        self.assertEqual([(r["device"], r["group"]) for r in rows],
                         [("0000:03:00.0", 7), ("0000:04:00.0", None)])
