#!/usr/bin/env python3
"""usage: tests/system/prometheus.py PMCSTAT PROGRAMS SOURCE_ROOT

--format prom as Prometheus' own programs take it: promtool has nothing to say, and a real node_exporter serves what its textfile
collector read. PROGRAMS is the folder of tests/system's programs.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

PMCSTAT, PROGRAMS, ROOT = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
TOOLS = Path(subprocess.run([ROOT / "tests/system/prometheus_tools"], check=True, stdout=subprocess.PIPE,
                            encoding="utf-8").stdout.strip()) / "usr/bin"


def run(argv, text=None):
    done = subprocess.run(argv, input=text, stdin=None if text else subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8", timeout=60)
    return done.returncode, done.stdout, done.stderr


def prom(*arguments, text=None):
    status, _, report = run([PMCSTAT, "--format", "prom", *arguments], text)
    assert status == 0, f"{arguments}: status {status}: {report}"
    return report


def series_of(text):
    """By name and labels, in any order; pmcstat's alone."""
    series = {}
    for line in text.splitlines():
        if not line.startswith("pmc_"):
            continue
        name, labels, value = re.fullmatch(r'(\w+)(?:\{(.*)\})? (\S+)', line).groups()
        pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")
        # node_exporter gives all series of a metric the same labels, empty where they had none.
        key = (name, frozenset(pair for pair in pairs if pair[1] != ""))
        assert key not in series, line
        series[key] = float(value)
    return series


def document(*samples, cpu="AuthenticAMD-25-11-1"):
    return json.dumps({"schema": "pmcstat/1", "tool": "by \"hand\"\n", "cpu": {"id": cpu, "name": "A CPU, back\\slash"},
                       "samples": [{"end_s": 1, **sample} for sample in samples]})


def event(name, raw, **more):
    return {"name": name, "raw": raw, "enabled_ns": 1_000_000_000, "running_ns": 400_000_000, "asked": True, **more}


EVENTS = [event("cycles", 18_446_744_073_709_551_615), event("cycles:u", 7), event("branch-misses", 3),
          event("task-clock", 123_456_789, unit="ns"), event("power/energy-pkg/", 5, unit="Joules", scale=2.3283064365386963e-10),
          event("mem_reads", 10, unit="B", scale=64),
          event("llc-misses", 1), event("llc_misses", 2), event("sched:sched_switch", 0),
          {"name": "instructions", "raw": None, "state": "not available", "reason": "no PMU", "cause": "no_pmu", "asked": True}]
DOCUMENTS = {
    "command": document({"scope": "process", "id": "4711", "events": EVENTS}),
    "threads": document(*({"scope": "thread", "id": str(tid), "name": "a\"b\\", "events": EVENTS[1:]} for tid in range(3))),
    "CPUs": document(*({"scope": "cpu", "id": str(cpu), "events": EVENTS} for cpu in range(3))),
    "cores": document(*({"scope": "core", "id": f"S0-D0-C{core}", "cpus": 2, "events": EVENTS} for core in range(3))),
    "cgroups": document(*({"scope": "cgroup", "id": name, "events": EVENTS[1:]} for name in ("/", "a/\"b\"", "c\\d\n", "gr\u00fc\u00df"))),
    "cgroups by CPU": document(*({"scope": "cpu", "id": str(cpu), "cgroup": name, "events": EVENTS}
                                 for cpu in range(2) for name in ("/", "a"))),
    "intervals": document(*({"scope": "system", "id": "0-1", "start_s": second, "end_s": second + 1, "events": EVENTS[1:]}
                            for second in range(3))),
}


class Promtool(unittest.TestCase):
    def check(self, text):
        status, out, err = run([TOOLS / "promtool", "check", "metrics"], text)
        self.assertEqual((status, out, err), (0, "", ""), text)

    def test_recordings(self):
        for name, text in DOCUMENTS.items():
            with self.subTest(name):
                self.check(prom("--replay", "-", text=text))
                self.check(prom("--replay", "-", "--label", "job=a \"b\" \\c", "--label", "more=", text=text))
                self.check(prom("--replay", "-", "--max-series", "5", text=text))

    def test_recordings_of_every_cpu(self):
        files = [path for path in (ROOT / "tests/data/replays").glob("*.json") if not path.name.endswith(".expected.json")]
        self.assertGreater(len(files), 20)
        for path in files:
            with self.subTest(path.name):
                self.check(prom("--replay", str(path)))

    def test_what_is_counted_here(self):
        self.check(prom("--", "true"))
        self.check(prom("-e", "cpu,ipc,cycles:u,page-faults:u,page-faults:k", "--", "true"))
        self.check(prom("-p", str(os.getpid()), "--per-thread", "-I", "20", "--count", "2"))
        for option in ("-a", "-A", "--per-core", "--per-socket", "--per-node"):
            status, _, report = run([PMCSTAT, "--format", "prom", option, "--", "true"])
            if status == 0:  # else not for this user
                self.check(report)

    def test_it_finds_what_is_wrong(self):
        self.assertNotEqual(run([TOOLS / "promtool", "check", "metrics"], "pmc_x_total 1\npmc_x_total 2\n")[0], 0)


class NodeExporter(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        # Port 0: the kernel's choice, which the log tells.
        self.exporter = subprocess.Popen(
            [TOOLS / "prometheus-node-exporter", "--web.listen-address=127.0.0.1:0", "--collector.disable-defaults",
             "--collector.textfile", f"--collector.textfile.directory={self.folder.name}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8")
        self.addCleanup(self.end)
        for line in self.exporter.stderr:
            if found := re.search(r'address=(127\.0\.0\.1:\d+)', line):
                self.address = found[1]
                return
        self.fail("node_exporter did not start")

    def end(self):
        self.exporter.terminate()
        self.exporter.communicate()

    def served(self):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{self.address}/metrics", timeout=30) as response:
            text = response.read().decode()
        self.assertIn("\nnode_textfile_scrape_error 0\n", text)
        return series_of(text)

    def test_it_serves_what_pmcstat_wrote(self):
        path = Path(self.folder.name) / "pmc.prom"
        for name, text in DOCUMENTS.items():
            with self.subTest(name):
                prom("-o", str(path), "--replay", "-", text=text)
                written = series_of(path.read_text())
                self.assertGreater(len(written), 10)
                self.assertEqual(self.served(), written)

    def test_values_arrive(self):
        prom("-o", f"{self.folder.name}/pmc.prom", "--label", "job=night build", "--replay", "-", text=DOCUMENTS["CPUs"])
        served = self.served()

        def value(name, **labels):
            return served[name, frozenset({"job": "night build", **labels}.items())]

        self.assertEqual(value("pmc_branch_misses_total", scope="host", cpu="1", mode="user+kernel"), 3)
        self.assertEqual(value("pmc_cycles_total", scope="host", cpu="1", mode="user"), 7)
        self.assertEqual(value("pmc_task_clock_seconds_total", scope="host", cpu="2", mode="user+kernel"), 0.123456789)
        self.assertEqual(value("pmc_energy_joules_total", scope="host", cpu="0", domain="package"), 5 * 2.3283064365386963e-10)
        self.assertEqual(value("pmc_memory_bytes_total", scope="host", cpu="0", direction="read"), 640)
        self.assertEqual(value("pmc_event_running_seconds_total", scope="host", cpu="0", event="cycles"), 0.4)
        self.assertEqual(value("pmc_event_supported", event="instructions"), 0)
        self.assertNotIn("pmc_instructions_total", {name for name, _ in served})

    def test_a_count_that_goes_on_never_falls(self):
        path = Path(self.folder.name) / "pmc.prom"
        # The file of each interval replaces the one before: whenever it is read, it is whole.
        pmcstat = subprocess.Popen([PMCSTAT, "--format", "prom", "-o", str(path), "-e", "task-clock,page-faults", "-I", "20",
                                    "--count", "20", "--", PROGRAMS / "workers", "spin", "2000"], stdin=subprocess.DEVNULL)
        name = "pmc_task_clock_seconds_total", frozenset({("scope", "process"), ("mode", "user+kernel")})
        seen = []
        while pmcstat.poll() is None:
            served = self.served()
            if name in served:
                seen.append(served[name])
        self.assertEqual(pmcstat.returncode, 0)
        self.assertGreater(len(set(seen)), 2)
        self.assertEqual(seen, sorted(seen))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
