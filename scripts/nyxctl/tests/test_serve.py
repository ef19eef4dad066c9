# SPDX-License-Identifier: GPL-2.0-only
"""The command export --listen, with clients of all kinds, and with Prometheus."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request

from common import NYXCTL, RECORDED, VENDORS, States, read_table, settings
from exposition import Expected, parse

CLIENTS = 64
PATIENCE = 120
# The choice of the dashboard, which is no list of values
ALL = "All"


def until(condition, what):
    """Waits for a condition. Fails only if that takes very long."""
    end = time.monotonic() + PATIENCE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.05)


class Exporter:
    """An exporter, by default at a free port."""

    def __init__(self, folder, *address, before=()):
        self.process = subprocess.Popen(
            [*before, settings.program, f"--debugfs={folder}", "--sysfs=/nowhere", "export",
             "--listen", *(address or ("0",))],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        match = re.fullmatch(r"Serving http://(.*):(\d+)/metrics", self.url)
        assert match, (self.url, self.process.stderr.read())
        self.host, self.port = match[1].strip("[]"), int(match[2])
        self.idle = self.files()

    def connect(self):
        return socket.create_connection((self.host, self.port), timeout=PATIENCE)

    def send(self, data):
        """Sends what need not be HTTP, and returns what comes back until the end."""
        with self.connect() as client:
            client.sendall(data)
            answer = b""
            try:
                while part := client.recv(65536):
                    answer += part
            except ConnectionResetError:
                pass
        return answer

    def get(self, path="/metrics", method="GET", body=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err


class Serves(unittest.TestCase):
    """Answers, and clients that misbehave."""

    def setUp(self):
        self.states = States()
        self.exporter = Exporter(self.states.current)

    def tearDown(self):
        if self.exporter.process.poll() is None:
            self.assertEqual(self.exporter.stop(), (0, ""))
        self.states.remove()

    def test_metrics(self):
        for vendor in VENDORS:
            if vendor != "intel":
                self.states.vendor = vendor
                self.states.add(vendor)
                self.states.switch(vendor)
            status, headers, text = self.exporter.get()
            self.assertEqual(status, 200)
            self.assertEqual(headers["Content-Type"],
                             "text/plain; version=0.0.4; charset=utf-8")
            self.assertEqual(parse(text)[2], Expected(RECORDED / vendor))

    def test_only_this_machine(self):
        self.assertEqual(self.exporter.host, "127.0.0.1")

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("this machine has no IPv6")
        other = Exporter(self.states.current, "[::1]:0")
        self.assertEqual(other.host, "::1")
        self.assertEqual(other.get()[0], 200)
        self.assertEqual(other.stop(), (0, ""))

    def test_default_port(self):
        """The documents name the port that is the default. Here it may be in use."""
        document = NYXCTL.parent.parent.joinpath("Documentation/metrics.md").read_text()
        other = Exporter(self.states.current, "--", before=(
            "unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"))
        self.assertEqual(other.stop(signal.SIGINT), (0, ""))
        self.assertIn(f"`http://{other.host}:{other.port}/metrics`", document)

    def test_other_requests(self):
        for path in ("/", "/metrics/", "/metricsx", "//metrics", "/../metrics", "/%00"):
            self.assertEqual(self.exporter.get(path)[0], 404, path)
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "FROB"):
            status, headers, _ = self.exporter.get(method=method,
                                                   body="x" * 1000 if method[0] == "P" else None)
            self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"), method)
        status, headers, text = self.exporter.get(method="HEAD")
        self.assertEqual((status, text), (200, ""))
        self.assertEqual(self.exporter.get("/metrics?a=b")[0], 200)

    def test_broken_requests(self):
        for request in (b"nonsense\r\n\r\n", b"GET\r\n\r\n", b"GET /metrics HTTP/9\r\n\r\n",
                        b"GET /metrics HTTP/1.1\r\n\r\n", b"\0\0\0\r\n\r\n",
                        b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
                        b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
                        b"GET /metrics HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 20000 + b"\r\n"):
            answer = self.exporter.send(request)
            self.assertRegex(answer.split(b"\r\n")[0] or b"HTTP/1.1 400 -",
                             rb"HTTP/1\.[01] (400|413|414|431|505) ", request[:40])
        self.assertEqual(self.exporter.get()[0], 200)

    def test_one_request_for_each_connection(self):
        answer = self.exporter.send(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 1)
        self.assertEqual(answer.count(b"\r\nConnection: close\r\n"), 1)

    def test_silent_clients(self):
        """Clients that say nothing do not keep others out."""
        clients = [self.exporter.connect() for _ in range(CLIENTS - 1)]
        self.assertEqual(self.exporter.get()[0], 200)
        # Now more than are served at a time: they are disconnected, and others get in.
        clients += [self.exporter.connect() for _ in range(CLIENTS)]
        self.assertEqual(self.exporter.get()[0], 200)
        for client in clients:
            self.assertEqual(client.recv(1), b"")
            client.close()
        until(lambda: self.exporter.files() == self.exporter.idle, "their end")

    def test_too_many_silent_clients(self):
        """The server listens again after it was at its limit of clients."""
        clients = [self.exporter.connect() for _ in range(CLIENTS + 16)]
        for client in clients:
            client.sendall(b"GET /met")
        for client in clients:
            try:
                self.assertEqual(client.recv(1), b"")
            except ConnectionResetError:
                pass
        self.assertEqual(self.exporter.get()[0], 200)
        for client in clients:
            client.close()
        self.assertEqual(self.exporter.get()[0], 200)

    def test_slow_client(self):
        """A client that sends a byte now and then is disconnected all the same."""
        with self.exporter.connect() as client:
            client.sendall(b"GET /metrics HTTP/1.1\r\nA: ")

            def ended():
                try:
                    client.sendall(b"a")
                except OSError:
                    return True
                self.assertEqual(self.exporter.get()[0], 200)
                time.sleep(0.5)
                return False

            until(ended, "the end of the connection")

    def test_client_that_does_not_read(self):
        """An answer that nobody takes does not stop the others."""
        self.states.change("first", "devices", lambda rows: rows.extend(
            dict(rows[0], device=f"{i:0400}", domain="-") for i in range(3000)))
        with self.exporter.connect() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            self.states.add("small")
            self.states.switch("small")
            self.assertEqual(self.exporter.get()[0], 200)
            until(lambda: self.exporter.files() == self.exporter.idle, "its end")

    def test_many_clients(self):
        """Clients that come and go leave nothing behind."""
        errors = []

        def fetch():
            for turn in range(25):
                if turn % 5 == 4:
                    self.exporter.connect().close()
                elif self.exporter.get()[0] != 200:
                    errors.append(turn)

        threads = [threading.Thread(target=fetch) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        until(lambda: self.exporter.files() == self.exporter.idle, "their end")

    def test_unload(self):
        """While the module is absent it says so. The reason is reported once."""
        self.states.current.unlink()
        for _ in range(3):
            self.assertEqual(parse(self.exporter.get()[2])[2], {("nyx_up", frozenset()): 0})
        self.states.switch("first")
        self.assertEqual(parse(self.exporter.get()[2])[2], Expected(RECORDED / "intel"))
        code, err = self.exporter.stop()
        self.assertEqual((code, len(err.splitlines())), (0, 2), err)
        self.assertIn("can be read again", err)

    def test_port_in_use(self):
        process = subprocess.run(
            [settings.program, f"--debugfs={RECORDED}/intel", "export", "--listen",
             str(self.exporter.port)], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((process.returncode, process.stdout), (5, ""))
        self.assertEqual(process.stderr, f"nyxctl: cannot listen at {self.exporter.port}: "
                                         "Address already in use\n")


class Prometheus(unittest.TestCase):
    """Debian's Prometheus scrapes the exporter, evaluates the alerts and the dashboard."""

    def setUp(self):
        self.states = States()
        self.exporter = Exporter(self.states.current)
        self.place = tempfile.TemporaryDirectory()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        config = os.path.join(self.place.name, "prometheus.yml")
        with open(config, "w", encoding="ascii") as file:
            json.dump({"global": {"scrape_interval": "200ms", "scrape_timeout": "200ms",
                                  "evaluation_interval": "200ms"},
                       "rule_files": [f"{NYXCTL}/prometheus/nyx.rules.yml"],
                       "scrape_configs": [{
                           "job_name": "nyx", "static_configs": [
                               {"targets": [f"127.0.0.1:{self.exporter.port}"]}]}]}, file)
        self.log = open(os.path.join(self.place.name, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}",
             f"--storage.tsdb.path={self.place.name}/data",
             f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=self.log, stderr=self.log)

    def tearDown(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.place.cleanup()
        if self.exporter.process.poll() is None:
            self.exporter.stop()
        self.states.remove()

    def api(self, path, **parameters):
        self.assertIsNone(self.process.poll(), "Prometheus has ended")
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as response:
                return json.load(response)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None     # it is starting
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error
        except (urllib.error.URLError, ConnectionError):
            return None         # it has not begun to start

    def query(self, expression, **parameters):
        data = self.api("query", query=expression, **parameters)
        return data and data["result"]

    def firing(self):
        alerts = (self.api("alerts") or {}).get("alerts", [])
        return {(a["labels"]["alertname"],
                 a["labels"].get("device", a["labels"].get("unit"))): a
                for a in alerts if a["state"] == "firing"}

    def test_prometheus(self):
        until(lambda: self.query("count_over_time(nyx_up[1m]) > 3"), "scrapes")
        self.assertEqual(self.query('up{job="nyx"}')[0]["value"][1], "1")
        # What it has stored is what the tables contain.
        stored = {}
        for sample in self.query('{__name__=~"nyx_.*"}'):
            labels = {n: v for n, v in sample["metric"].items()
                      if n not in ("__name__", "job", "instance")}
            stored[sample["metric"]["__name__"], frozenset(labels.items())] = \
                int(sample["value"][1])
        self.assertEqual(stored, Expected(RECORDED / "intel"))
        self.assertEqual(set(self.firing()), set())
        self.check_faults()
        self.check_dashboard(empty={"Faults by device"})
        self.check_quarantine()
        self.check_unload()

    def check_faults(self):
        """Faults of a device make an alert fire, which says what to do."""
        def count(rows):
            rows[0]["faults"] = str(int(rows[0]["faults"]) + 1)
        self.states.change("first", "units", count)
        alert = until(lambda: self.firing().get(("NyxFaults", "vtd0")), "the alert")
        self.assertIn("nyxctl explain", alert["annotations"]["remedy"])
        self.assertTrue(alert["annotations"]["summary"].startswith("vtd0 on 127.0.0.1:"))
        self.assertEqual(set(self.firing()), {("NyxFaults", "vtd0")})

    def check_quarantine(self):
        """A device has a fault and is cut off. Now all panels of the dashboard have data."""
        device = read_table(self.states.current / "devices")[6]
        self.states.change("first", "devices", lambda rows: rows[6].update(
            state="QUARANTINED", faults=str(int(device["faults"]) + 1)))
        name = device["device"]
        alert = until(lambda: self.firing().get(("NyxDeviceQuarantined", name)), "the alert")
        self.assertIn(f"nyxctl reset {name}", alert["annotations"]["remedy"])
        self.check_dashboard(empty=set())
        self.states.change("first", "devices", lambda rows: rows[6].update(state="ACTIVE"))
        until(lambda: ("NyxDeviceQuarantined", name) not in self.firing(), "its end")

    def check_unload(self):
        """Nothing but nyx_up is left, and the exporter itself is up."""
        self.states.current.unlink()
        until(lambda: self.query("nyx_up == 0"), "the module's absence")
        self.assertEqual(self.query("nyx_unit_state"), [])
        self.assertEqual(self.query('up{job="nyx"}')[0]["value"][1], "1")
        self.assertEqual(self.exporter.stop()[0], 0)
        until(lambda: self.query('up{job="nyx"} == 0'), "the exporter's end")

    @staticmethod
    def interpolate(text, values):
        """Replaces variables as Grafana does. Of a variable with several values a name is one."""
        def replace(match):
            name = match[1] or match[2]
            if name == "__rate_interval":
                return "1m"
            if values[name] is ALL:
                return ".*"
            chosen = [re.sub(r"([\\^$*+?.()|\[\]{}])", r"\\\\\1", v) for v in values[name]]
            return chosen[0] if len(chosen) == 1 else f"({'|'.join(chosen)})"
        return re.sub(r"\$(?:\{(\w+)\}|(\w+))", replace, text)

    def offered(self, dashboard):
        """The values that each variable of the dashboard offers, if All is chosen for others."""
        values = {}
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "datasource":
                continue
            self.assertEqual((variable["type"], variable["allValue"]), ("query", ".*"))
            self.assertEqual(variable["query"]["query"], variable["definition"])
            series, label = re.fullmatch(r"label_values\((.*), (\w+)\)",
                                         self.interpolate(variable["definition"],
                                                          dict.fromkeys(values, ALL))).groups()
            values[variable["name"]] = self.api(f"label/{label}/values", **{"match[]": series})
        return values

    def check_dashboard(self, empty):
        """Prometheus answers all expressions, and all panels but some have data.

        That all values are chosen one by one shows as much as that All is chosen. Another
        machine has no data.
        """
        dashboard = json.loads(NYXCTL.joinpath("prometheus/nyx-dashboard.json").read_text())
        offered = self.offered(dashboard)
        self.assertEqual(offered, {
            "instance": [f"127.0.0.1:{self.exporter.port}"],
            "unit": sorted(r["unit"] for r in read_table(self.states.current / "units")),
            "device": sorted(r["device"] for r in read_table(self.states.current / "devices"))})
        used = set()
        without = set()
        for panel in dashboard["panels"]:
            self.assertEqual(panel["datasource"]["uid"], "${datasource}")
            for target in panel["targets"]:
                expression = target["expr"]
                with self.subTest(panel["title"], expression=expression):
                    now = time.time()
                    shown, chosen, other = [
                        self.query(self.interpolate(expression, values), time=now)
                        for values in (dict.fromkeys(offered, ALL), offered,
                                       dict(dict.fromkeys(offered, ALL), instance=["nowhere"]))]
                    if not shown:
                        without.add(panel["title"])
                    self.assertEqual((len(chosen), other), (len(shown), []))
                    legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
                    for sample in shown:
                        self.assertLessEqual(legend, set(sample["metric"]))
                used |= set(re.findall(r"\$(\w+)", expression)) - {"__rate_interval"}
        self.assertEqual(used, set(offered))
        self.assertEqual(without, empty)
