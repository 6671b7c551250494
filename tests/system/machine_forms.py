#!/usr/bin/env python3
"""usage: tests/system/machine_forms.py PMCSTAT PROGRAMS SOURCE_ROOT

Reports for machines, as their readers take them: perf's shapes beside perf's own lines, JSON against docs/result.schema.json,
CSV by Python's reader, all of them the same in every locale. PROGRAMS is the folder of tests/system's programs.
"""
import copy
import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PMCSTAT, PROGRAMS, ROOT = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
sys.path.insert(0, str(ROOT / "tests"))
import schema_check  # noqa: E402
from perf_shapes import Shape, parse  # noqa: E402

EVENTS = "task-clock,context-switches,page-faults,cycles"
FORMS = [["-x,"], ["-x", ";"], ["-j"], ["--format", "json"], ["--format", "ndjson"], ["--format", "csv"], ["--format", "prom"]]


def run(argv, text=None, **environment):
    """Exit status and report (stderr)."""
    done = subprocess.run(argv, input=text, stdin=None if text else subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8", timeout=60, env={**os.environ, **environment})
    return done.returncode, done.stderr


def report(*arguments, text=None, **environment):
    status, text = run([PMCSTAT, *arguments], text, **environment)
    assert status == 0, f"{arguments}: status {status}: {text}"
    return text


def event(name, raw, **more):
    return {"name": name, "raw": raw, "enabled_ns": 100_000_000, "running_ns": 100_000_000, "group": 0, "asked": True,
            "encoding": f"software/{name}/", **more}


def repeated_document():
    """What two runs after a warm-up came to, and what a gate said."""
    document = rows_document([{"scope": "process", "id": "1"}])
    document["samples"] = [{**copy.deepcopy(document["samples"][0]), "run": run} for run in range(3)]
    interval = {"low": 0.1, "high": 0.2, "confidence": 0.5}
    summary = {"samples": 2, "min": 0.1, "median": 0.15, "max": 0.2, "interval": interval}
    document["host"] = {"microcode": "0x1", "governor": "performance", "boost": True}
    document["run"] = {"argv": ["./app"], "backend": "model", "model": "cachegrind-3.19", "cpu": 1, "fixed_addresses": True,
                       "fixed_environment": True}
    document["runs"] = [{"warmup": True}, {"migrations": 0, "involuntary_switches": 2}, {"disturbed": "migrated though pinned"}]
    document["repeats"] = {"runs": 1, "warmup": 1, "disturbed": 1, "failed": 0, "ended": "SIGINT"}
    document["statistics"] = [{"name": "time", "unit": "s", **summary, "outliers": [1]},
                              {"name": "ipc", "scope": "region", "id": "parse", "core": "cpu_core", "source": "model", **summary}]
    change = {"change": None, "interval": {"low": None, "high": None, "confidence": 0}, "basis": "too few"}
    document["verdicts"] = [{"outcome": "inconclusive", "name": "time", "asked": "at most +2 %", "message": "too few runs",
                             "hint": "more runs", "unit": "s", "value": summary, "baseline": summary, "change": change,
                             "limit": 0.02},
                            {"outcome": "unknown", "name": "ipc", "asked": "ipc>=1", "message": "not counted"}]
    return document


def rows_document(rows, intervals=1, summary=False):
    """A recording of rows (what a sample has of its own), over intervals of 100 ms."""

    def sample(row, number, start, end, **more):
        events = [event("task-clock", 99_123_456 * number, unit="ns", encoding="software/config=0x1/"),
                  event("page-faults", 7 * number, encoding="software/config=0x2/"),
                  {"name": "cycles", "raw": None, "state": "not available", "asked": True, "encoding": "hardware/config=0x0/",
                   "reason": "KVM guest without a virtual PMU", "cause": "no_virtual_pmu"}]
        return {"run": 0, **row, "start_s": start, "end_s": end, **more, "events": copy.deepcopy(events)}

    samples = [sample(row, number + 1, interval / 10, (interval + 1) / 10)
               for interval in range(intervals) for number, row in enumerate(rows)]
    if summary:
        samples += [sample(row, (number + 1) * intervals, 0, intervals / 10, summary=True) for number, row in enumerate(rows)]
    return {"schema": "pmcstat/1", "tool": "by hand", "cpu": {"id": "AuthenticAMD-25-11-1"}, "samples": samples}


ROWS = {
    None: [{"scope": "system", "id": "0-3"}],
    "cpu": [{"scope": "cpu", "id": str(cpu)} for cpu in range(4)],
    "core": [{"scope": "core", "id": f"S0-D0-C{core}", "cpus": 2} for core in range(2)],
    "socket": [{"scope": "socket", "id": "S0", "cpus": 2}, {"scope": "socket", "id": "S1", "cpus": 2}],
    "node": [{"scope": "node", "id": "N0", "cpus": 4}],
    "thread": [{"scope": "thread", "id": "41", "name": "a worker"}, {"scope": "thread", "id": "42", "name": 'say "hi"'}],
}
CGROUPS = [{"cgroup": "user.slice"}, {"cgroup": "/"}]


def with_cgroups(rows):
    if rows[0]["scope"] == "system":
        return [{"scope": "cgroup", "id": cgroup["cgroup"], "cpus": 4} for cgroup in CGROUPS]
    return [{**row, **cgroup} for cgroup in CGROUPS for row in rows]


def documents():
    """Shapes of perf, and recordings that have them."""
    for place, rows in ROWS.items():
        for intervals, summary in ((1, False), (3, False), (2, True)):
            for in_cgroups in (False, True) if place != "thread" else (False,):
                shape = {"interval": intervals > 1, "summary": summary, "place": place, "cgroup": in_cgroups}
                yield shape, rows_document(with_cgroups(rows) if in_cgroups else rows, intervals, summary)


class PerfShapes(unittest.TestCase):
    def compare(self, shape, theirs, ours, by_value=False):
        """Line by line the same places and events in the same order (of threads: in any, they differ in what they count)."""
        their_status, their_text = run(["perf", "stat", *theirs])
        if their_status != 0:  # not for this user, and so for neither of them
            self.assertNotEqual(run([PMCSTAT, *ours])[0], 0)
            return
        lines = []
        for text in (their_text, report(*ours)):
            parsed, wrong = parse(text, shape)
            self.assertEqual(wrong, [])
            # On how many CPUs somebody of the cgroup ran, each run sees for itself (on Linux 6.18 perf's two forms differ).
            keys = [(line.place, None if shape.cgroup else line.cpus, line.event, line.unit, line.cgroup, line.value == "<not supported>",
                     line.time == "summary") for line in parsed]
            lines.append(sorted(keys, key=str) if by_value else keys)
        self.assertEqual(lines[0], lines[1])

    def compare_forms(self, shape, arguments, **more):
        for form in ["-x;"], ["-j"]:
            with self.subTest(arguments=arguments, form=form):
                separator = form[0][2:] if form[0].startswith("-x") else None
                all_arguments = [*form, "-e", EVENTS, *arguments]
                self.compare(Shape(separator, **shape), all_arguments, all_arguments, **more)

    def test_a_command(self):
        self.compare_forms({}, ["--", "true"])

    def test_rows_of_the_machine(self):
        for option, place in (("-a", None), ("-A", "cpu"), ("--per-core", "core"), ("--per-socket", "socket"), ("--per-node", "node")):
            self.compare_forms({"place": place}, ["-a", option, "--", "sleep", "0.02"])
            self.compare_forms({"place": place, "interval": True, "summary": True},
                               ["-a", option, "-I", "20", "--interval-count", "2", "--summary"])
        self.compare_forms({}, ["-C", "0", "--", "sleep", "0.02"])

    def test_cgroups(self):
        for option, place in (("-a", None), ("-A", "cpu"), ("--per-core", "core"), ("--per-socket", "socket")):
            self.compare_forms({"place": place, "cgroup": True},
                               ["-a", option, "--for-each-cgroup", "/", "--", "sleep", "0.02"])

    def test_threads(self):
        with subprocess.Popen([PROGRAMS / "workers", "threads", "2", "100000000000"]) as workers:
            try:
                tasks = Path(f"/proc/{workers.pid}/task")
                while len(list(tasks.iterdir())) < 3:
                    time.sleep(0.01)
                for arguments, shape in ((["--", "sleep", "0.05"], {}),
                                         (["-I", "50", "--interval-count", "2", "--summary"], {"interval": True, "summary": True})):
                    self.compare_forms({"place": "thread", **shape}, ["-p", str(workers.pid), "--per-thread", *arguments],
                                       by_value=True)
                    self.compare_forms(shape, ["-p", str(workers.pid), *arguments])
            finally:
                workers.send_signal(signal.SIGKILL)

    def test_recordings_have_the_shape_of_what_was_counted(self):
        for form, separator in ((["-x,"], ","), (["-x", "\t"], "\t"), (["-j"], None)):
            for shape, document in documents():
                with self.subTest(form=form, shape=shape):
                    text = report(*form, "--replay", "-", text=json.dumps(document))
                    lines, wrong = parse(text, Shape(separator, **shape))
                    self.assertEqual(wrong, [])
                    self.assertEqual(len(lines), 3 * len(document["samples"]))
                    self.assertEqual(sum(line.time == "summary" for line in lines),
                                     3 * sum("summary" in sample for sample in document["samples"]))

    def test_each_line_of_j_is_json_by_itself(self):
        _, document = list(documents())[-1]
        for line in report("-j", "--replay", "-", text=json.dumps(document)).splitlines():
            tool = subprocess.run([sys.executable, "-m", "json.tool"], input=line, capture_output=True, encoding="utf-8")
            self.assertEqual(tool.returncode, 0, tool.stderr + line)


class Schema(unittest.TestCase):
    def check(self, text):
        self.assertEqual(schema_check.check(text), [])

    def test_recordings_in_the_tree_and_what_a_replay_makes_of_them(self):
        files = [path for path in (ROOT / "tests/data/replays").glob("*.json") if not path.name.endswith(".expected.json")]
        self.assertGreater(len(files), 20)
        for path in files:
            with self.subTest(path=path.name):
                self.check(path.read_text())
                self.check(report("--format", "json", "--replay", str(path)))
                self.check(report("--format", "ndjson", "--replay", str(path)))

    def test_what_pmcstat_writes(self):
        for arguments in (["--", "true"], ["-e", "cpu,ipc,llc,cycles:u,task-clock", "--", "true"], ["--passes", "--", "true"],
                          ["-e", "x=page_faults/seconds", "--", "sh", "-c", "exit 0"]):
            with self.subTest(arguments=arguments):
                self.check(report("--format", "json", *arguments))
        self.check(run([PMCSTAT, "--format", "json", "--", "sh", "-c", "kill -9 $$"])[1])

    def test_what_pmcstat_writes_over_time(self):
        target = ["-p", str(os.getpid()), "-I", "20", "--count", "2", "--summary"]
        self.check(report("--format", "json", *target))
        lines = report("--format", "ndjson", *target)
        self.assertEqual(len(lines.splitlines()), 3)
        self.check(lines)
        threads = report("--format", "ndjson", "-p", str(os.getpid()), "--per-thread", "--", "true")
        self.check(threads)
        for option in ("-A", "--per-core", "--per-socket", "--per-node"):
            status, text = run([PMCSTAT, "--format", "json", option, "-I", "20", "--count", "2", "--summary"])
            if status == 0:  # else not for this user
                self.check(text)

    def test_recordings_by_hand(self):
        for shape, document in documents():
            with self.subTest(shape=shape):
                text = json.dumps(document)
                self.check(text)
                self.check(report("--format", "json", "--replay", "-", text=text))
                lines = report("--format", "ndjson", "--replay", "-", text=text)
                self.assertEqual(len(lines.splitlines()), len(document["samples"]))
                self.check(lines)

    def test_what_a_program_writes_of_its_regions(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "r.json"
            subprocess.run([PROGRAMS / "region_work", "pairs", "100"], check=True, stdout=subprocess.DEVNULL,
                           env={**os.environ, "PMC_REPORT": str(path), "PMC_EVENTS": "cpu,cycles,task-clock"})
            self.check(path.read_text())
        self.check(report("--format", "json", "--", str(PROGRAMS / "region_work"), "pairs", "100"))

    def test_repeated_runs_with_their_statistics_and_verdicts(self):
        document = repeated_document()
        self.check(json.dumps(document))
        again = report("--format", "json", "--replay", "-", text=json.dumps(document))
        self.check(again)

    def test_damaged_statistics_and_verdicts_are_found(self):
        for path, value in (("statistics/0/samples", 0), ("statistics/0/source", "measured"), ("statistics/0/more", 1),
                            ("statistics/0/interval/confidence", 2), ("verdicts/0/outcome", "passed"), ("verdicts/0/more", 1),
                            ("verdicts/0/change/basis", "hope"), ("repeats/runs", -1), ("runs/0/warmup", False),
                            ("runs/0/disturbed", ""), ("run/backend", "guess"), ("host/boost", "on")):
            document = repeated_document()
            self.assertEqual(schema_check.check(json.dumps(document)), [])
            *above, last = [int(part) if part.isdigit() else part for part in path.split("/")]
            place = document
            for part in above:
                place = place[part]
            place[last] = value
            with self.subTest(path=path):
                self.assertNotEqual(schema_check.check(json.dumps(document)), [])

    def test_a_damaged_document_is_found(self):
        _, document = next(documents())
        event = document["samples"][0]["events"][0]
        for key, value in (("raw", -1), ("raw", None), ("raw", "1"), ("unknown", 1), ("state", "lost"), ("cause", "bad luck")):
            damaged = copy.deepcopy(document)
            damaged["samples"][0]["events"][0] = {**event, key: value}
            self.assertNotEqual(schema_check.check(json.dumps(damaged)), [], (key, value))
        for key in ("raw", "name", "running_ns"):
            damaged = copy.deepcopy(document)
            del damaged["samples"][0]["events"][0][key]
            self.assertNotEqual(schema_check.check(json.dumps(damaged)), [], key)
        self.assertNotEqual(schema_check.check(json.dumps({**document, "more": 1})), [])
        self.assertNotEqual(schema_check.check('{"events": [], "end_s": NaN}'), [])


class Doctor(unittest.TestCase):
    def test_what_was_found_is_as_the_schema_says(self):
        for arguments in ([], ["--self-test"]):
            done = subprocess.run([PMCSTAT, "doctor", "--format", "json", *arguments], stdin=subprocess.DEVNULL,
                                  capture_output=True, encoding="utf-8", timeout=60, check=False)
            self.assertEqual(schema_check.check(done.stdout), [])
            document = json.loads(done.stdout)
            self.assertEqual(done.returncode, 0 if document["well"] else 1)
            for key, value in (("state", "fine"), ("found", ""), ("value", "7"), ("id", "luck"), ("cause", "bad luck")):
                damaged = copy.deepcopy(document)
                damaged["findings"][0][key] = value
                self.assertNotEqual(schema_check.check(json.dumps(damaged)), [], (key, value))
            self.assertNotEqual(schema_check.check(json.dumps({**document, "more": 1})), [])


class Csv(unittest.TestCase):
    def test_every_row_has_the_columns_of_the_header(self):
        for shape, document in documents():
            with self.subTest(shape=shape):
                rows = list(csv.reader(io.StringIO(report("--format", "csv", "--replay", "-", text=json.dumps(document))),
                                       strict=True))
                self.assertEqual({len(row) for row in rows}, {len(rows[0])})
                table = [dict(zip(rows[0], row)) for row in rows[1:]]
                for sample in document["samples"]:
                    name, scope = sample.get("name", ""), sample["scope"]
                    mine = [row for row in table if (row["scope"], row["id"], row["comm"], row["cgroup"]) ==
                            (scope, sample["id"], name, sample.get("cgroup", "")) and
                            float(row["end_s"]) == sample["end_s"] and
                            (row["summary"] == "true") == sample.get("summary", False)]
                    self.assertEqual([row["raw"] for row in mine if row["kind"] == "event"],
                                     ["" if event["raw"] is None else str(event["raw"]) for event in sample["events"]])


class Locales(unittest.TestCase):
    def test_the_same_bytes_in_every_locale(self):
        with tempfile.TemporaryDirectory() as folder:
            for locale in ("en_US", "fr_FR"):
                made = subprocess.run(["localedef", "-i", locale, "-f", "UTF-8", f"{folder}/{locale}.UTF-8"], capture_output=True)
                self.assertLessEqual(made.returncode, 1, made.stderr)  # 1: it warned
            environment = {"LOCPATH": folder, "LC_ALL": "fr_FR.UTF-8"}
            # They are there, and a program that asks for its locale writes a comma.
            said = subprocess.run(["/usr/bin/printf", "%.1f", "1,5"], capture_output=True, encoding="utf-8",
                                  env={**os.environ, **environment})
            self.assertEqual(said.stdout, "1,5")
            for _, document in list(documents())[::4]:
                document["samples"][0]["metrics"] = [{"id": "x", "value": 1234567.25, "unit": "thing"}]
                text = json.dumps(document)
                for form in FORMS:
                    reports = [report(*form, "--replay", "-", text=text, LOCPATH=folder, LC_ALL=locale)
                               for locale in ("C", "en_US.UTF-8", "fr_FR.UTF-8")]
                    self.assertNotEqual(reports[0], "")
                    self.assertEqual(reports[0], reports[1], form)
                    self.assertEqual(reports[0], reports[2], form)
            # What is counted while it runs goes other ways than a replay.
            for form, separator in ((["-x,"], ","), (["-j"], None)):
                lines, wrong = parse(report(*form, "-e", "task-clock", "-p", str(os.getpid()), "-I", "20", "--count", "2",
                                            **environment), Shape(separator, interval=True))
                self.assertEqual(wrong, [])
                self.assertGreater(len(lines), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
