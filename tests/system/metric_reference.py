#!/usr/bin/env python3
"""docs/metrics.md is what the tables make of it, and what pmcstat says of each CPU. Usage: metric_reference.py ROOT PMCSTAT TABLE..."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT, PMCSTAT, EVENT_FILES = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "events"))

import generate
from generator.cpu_table import read_tables
from generator.document import Place, load
from generator.formats import read_formats
from generator.metric import check_roles, read_metrics
from generator.reference import Cpu, availability


def read_all():
    document, place = load(EVENT_FILES[0]), Place(EVENT_FILES[0])
    roles = check_roles(document, place)
    in_formats = [path for path in EVENT_FILES[1:] if Path(path).parent.name == "formats"]
    tables = read_tables([path for path in EVENT_FILES[1:] if path not in in_formats], roles, read_formats(in_formats))
    metrics = read_metrics(document, place, roles, tables)
    return [Cpu(table, tables[-1], roles) for table in tables if "match" in table], metrics


class MetricReference(unittest.TestCase):
    def test_it_is_up_to_date(self):
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "metrics.md"
            self.assertEqual(generate.main([*EVENT_FILES, "--reference", str(made)]), 0)
            if made.read_text(encoding="utf-8") != (ROOT / "docs/metrics.md").read_text(encoding="utf-8"):
                self.fail("docs/metrics.md is out of date: `ninja -C build metric-reference` makes it again")

    def test_pmcstat_says_the_same_of_each_cpu(self):
        cpus, metrics = read_all()
        for cpu in cpus:
            listing = subprocess.run([PMCSTAT, "list", "--cpu", cpu.id, "--format", "json"], stdout=subprocess.PIPE, check=True)
            listed = {metric["id"]: metric for metric in json.loads(listing.stdout)["metrics"]}
            self.assertEqual(list(listed), [metric["id"] for metric in metrics])
            for metric in metrics:
                with self.subTest(cpu=cpu.id, metric=metric["id"]):
                    # A machine that is only described has no second threads.
                    self.check(listed[metric["id"]], availability(metric, cpu, "off"), metric)

    def check(self, listed, expected, metric):
        core = listed["cores"][0]
        too_large = "group_too_large"  # the reference does not count counters
        if expected is None or not core["available"]:
            self.assertTrue(not core["available"] and (expected is None or core["cause"] == too_large), core.get("reason"))
            return
        variant, quality, scope, left_out = expected
        self.assertGreaterEqual(core["variant"], variant)
        if core["variant"] != variant:
            return
        ids = [value["id"] for value in metric["variants"][variant - 1]["values"] if value["id"] not in left_out]
        there = [value["id"] for value in core["values"] if value.get("cause", too_large) == too_large]
        self.assertEqual(there, ids)
        if all("cause" not in value for value in core["values"] if value["id"] in ids):
            self.assertEqual((core["quality"], core["scope"]), (quality, scope))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
