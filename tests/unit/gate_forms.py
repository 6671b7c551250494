#!/usr/bin/env python3
"""usage: tests/unit/gate_forms.py GATE_FORMS SOURCE_ROOT

What gates and comparisons write for machines, as their readers take it: JUnit's XML by a parser, JSON against the schemas in
docs/.
"""
import copy
import json
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

PROGRAM, ROOT = sys.argv[1], Path(sys.argv[2])
sys.path.insert(0, str(ROOT / "tests"))
import schema_check  # noqa: E402


def form(name):
    return subprocess.run([PROGRAM, name], check=True, stdout=subprocess.PIPE, timeout=60).stdout


class Junit(unittest.TestCase):
    def test_counts_and_outcomes(self):
        suites = ET.fromstring(form("junit"))
        self.assertEqual(suites.tag, "testsuites")
        (suite,) = suites
        self.assertEqual(suite.get("name"), './app "a & b"')
        self.assertEqual([suite.get(what) for what in ("tests", "failures", "errors", "skipped")], ["5", "1", "3", "0"])
        outcomes = {case.get("name").split(":")[0]: [child.tag for child in case] for case in suite}
        self.assertEqual(outcomes, {"cycles": ["failure"], "ipc": ["system-out"], "energy.pkg": ["error"], "time": ["error"],
                                    "cylces": ["error"]})
        self.assertEqual(suite.find(".//failure").get("message"),
                         "5.952 G vs baseline 5.734 G  (at most +2 % over the baseline)")
        self.assertEqual(float(suite.get("time")), 1.5)

    def test_no_text_breaks_it(self):
        suites = ET.fromstring(form("hostile-junit"))
        self.assertEqual(len(suites.findall("./testsuite/testcase")), 5)
        self.assertEqual(suites[0].get("name"), "\ufffd[2J<&>\"'")
        message = suites.find(".//failure").text
        self.assertIn("\t\n", message)
        self.assertIn("\r", message)
        self.assertIn("\x20!\"#$%&'()*+,-./0123", message)
        self.assertNotIn("\x1b", message)


class Json(unittest.TestCase):
    def test_a_result_with_statistics_and_verdicts(self):
        text = form("result").decode()
        self.assertEqual(schema_check.check(text), [])
        self.assertEqual([check["outcome"] for check in json.loads(text)["verdicts"]],
                         ["fail", "pass", "unknown", "inconclusive", "invalid"])

    def test_a_comparison(self):
        text = form("compare").decode()
        self.assertEqual(schema_check.check(text), [])
        self.assertEqual([side["name"] for side in json.loads(text)["sides"]], ["A", "B", "C"])

    def test_a_damaged_comparison_is_found(self):
        whole = json.loads(form("compare"))
        for path, value in (("paired", "yes"), ("notes", []), ("sides/0/changes", []), ("sides/0/name", "B"),
                            ("sides/1/document/samples", None), ("sides/1/document/more", 1), ("sides/1/more", 1),
                            ("sides/1/changes/0/verdict", "good"), ("sides/1/changes/0/a/median", None),
                            ("sides/1/changes/0/a/state", "not counted"), ("sides/1/changes/1/b/median", 1),
                            ("sides/1/changes/0/change/basis", "hope"), ("sides/1/changes/0/more", 1)):
            damaged = copy.deepcopy(whole)
            *above, last = [int(part) if part.isdigit() else part for part in path.split("/")]
            place = damaged
            for part in above:
                place = place[part]
            place[last] = value
            with self.subTest(path=path):
                self.assertNotEqual(schema_check.check(json.dumps(damaged)), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
