#!/usr/bin/env python3
"""events/generate.py: what it makes, and what it complains about. Usage: generate.py <source root>"""

import contextlib
import copy
import importlib.util
import io
import json
import os
import re
import struct
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1) if len(sys.argv) > 1 else ".").resolve()


def load_generator():
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(ROOT / "events"))
    spec = importlib.util.spec_from_file_location("generate_tables", ROOT / "events" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = load_generator()

METRICS = {
    "roles": {"cycles": {"title": "cycles"}, "instructions": {"title": "instructions"}, "ops": {"title": "ops"}},
    "constants": ["flush"],
    "metrics": {
        "ipc": {"title": "IPC", "read": "more is better", "source": "the definition", "unit": "insn/cycle", "label": "ipc",
                "formula": "instructions / cycles"},
    },
}
GENERIC = {"id": "generic", "title": "generic", "events": {
    "cycles": {"generic": "cycles"}, "instructions": {"generic": "instructions"}}}
ZEN = {"id": "zen", "title": "Zen", "match": ["AuthenticAMD-25-1?"], "width": 6, "constants": {"flush": 4}, "formats": "amd",
       "counters": {"generic": 6, "fixed": []},
       "events": {"cycles": {"e": "event=0x76"}, "ops": {"e": "event=0xc1", "quality": "approx", "counts": "ops"}}}


FORMATS = {"id": "amd", "pmus": {
    "core": {"type": 4, "format": {"event": "config:0-7,32-35", "umask": "config:8-15"}},
    "amd_l3": {"type": 12, "format": {"event": "config:0-7", "umask": "config:8-15"}, "cpumask": "0"}}}


def topdown():
    return {"title": "slots", "read": "-", "source": "-", "unit": "%", "sum": 100,
            "values": {"retiring": {"label": "retiring"}, "rest": {"label": "rest"}},
            "variants": [{"let": {"slots": "width * cycles"},
                          "values": {"retiring": "100 * ops / slots", "rest": "100 * (1 - ops / slots)"},
                          "leader": "cycles", "example": {"width": 6, "cycles": 10, "ops": 24}}]}


class Packed:
    """What the generated C++ holds, read back."""

    def __init__(self, code):
        literals = re.search(r"const char text\[\] =\n(.*?);\n", code, re.S)[1]
        self.blob = b"".join(self.unescaped(line.strip()[1:-1]) for line in literals.splitlines())
        self.arrays = {name: [int(word) for word in re.findall(r"[0-9]+", words)]
                       for name, words in re.findall(r"const std::uint32_t (\w+)\[\] = \{(.*?)\};", code, re.S)}
        self.starts = {name: int(at) for name, at in re.findall(r"const std::uint32_t (\w+) = ([0-9]+);", code)}

    @staticmethod
    def unescaped(text):
        return re.sub(rb"\\([0-7]{3}|.)", lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else m[1], text.encode())

    def number(self):
        self.at += 1
        return self.arrays["words"][self.at - 1]

    def text(self):
        word = self.number()
        return self.blob[word >> 12:(word >> 12) + (word & 0xfff)].decode()

    def list(self, one):
        return [one() for _ in range(self.number())]

    def event(self):
        texts = [self.text() for _ in range(7)]
        scale = struct.unpack("<d", struct.pack("<II", self.number(), self.number()))[0]
        return dict(zip(("role", "pmu", "terms", "generic", "only", "pfm", "sysfs"), texts), scale=scale,
                    **{key: self.text() for key in ("unit", "on", "quality", "scope", "counts")})

    def tables(self):
        tables = {}
        for self.at in self.arrays["cpu_tables"]:
            table = {"id": self.text(), "pmu": self.text(), "match": self.list(self.text), "title": self.text(),
                     "pfm": self.text(), "formats": self.text(), "width": self.number(),
                     "counters": [self.number() for _ in range(6)],
                     "constants": self.list(lambda: (self.text(), self.number(), self.number())),
                     "events": self.list(self.event)}
            tables[table["id"]] = table
        return tables

    def metrics(self):
        self.at = self.starts["metrics"]
        return {metric["id"]: metric for metric in self.list(self.metric)}

    def metric(self):
        return {"id": self.text(), "title": self.text(), "read": self.text(), "source": self.text(),
                "variants": self.list(self.variant), "also": self.list(self.text), "standard": self.number()}

    def variant(self):
        return {"needs": self.list(self.text), "lets": self.list(lambda: (self.text(), self.text())),
                "values": self.list(lambda: [self.text() for _ in range(5)] + [self.number()]),
                "leader": self.text(), "smt": self.text(), "strict": self.number()}


class Generate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        self.metrics, self.generic, self.zen, self.formats = (copy.deepcopy(x) for x in (METRICS, GENERIC, ZEN, FORMATS))
        self.more = {}

    def generate(self):
        """What it makes, or its complaint."""
        files = {"metrics.json": self.metrics, "generic.json": self.generic, "zen.json": self.zen,
                 "formats/amd.json": self.formats, **self.more}
        Path("formats").mkdir(exist_ok=True)
        for name, document in files.items():
            text = document if isinstance(document, str) else json.dumps(document)
            Path(name).write_text(text, encoding="utf-8")
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            status = GENERATOR.main([*files, "--output", "tables.cpp"])
        self.assertEqual(status != 0, errors.getvalue() != "")
        return errors.getvalue() or Path("tables.cpp").read_text()

    def packed(self):
        return Packed(self.generate())

    def complains(self, *words):
        message = self.generate()
        self.assertTrue(message.startswith("generate.py: "), message[:200])
        self.assertEqual(message.count("\n"), 1)
        for word in words:
            self.assertIn(word, message)

    def test_the_same_input_gives_the_same_output(self):
        self.assertEqual(self.generate(), self.generate())

    def test_what_is_not_json_is_named(self):
        self.zen = "{"
        self.complains("zen.json", "not JSON")

    def test_a_key_that_stands_twice_is_an_error(self):
        self.zen = '{"id": "zen", "id": "zen"}'
        self.complains("zen.json", "'id' stands twice")

    def test_an_unknown_key_is_an_error(self):
        self.zen["events"]["cycles"]["umask"] = 1
        self.complains("zen.json: events.cycles", "no key 'umask'")

    def test_a_name_in_a_formula_must_mean_something(self):
        self.metrics["metrics"]["ipc"]["formula"] = "instruction / cycles"
        self.complains("metrics.json: metrics.ipc.formula", "'instruction' is no role")

    def test_a_formula_must_be_one(self):
        for formula in ("cycles +", "cycles ** 2", "cycles if cycles else 1", "cycles > 1", "+cycles", "1_0 * cycles", "0x10",
                        "min(cycles)", "abs(cycles)", "`r11`", "f'x'", "cycles.x", "__import__('os')"):
            self.metrics["metrics"]["ipc"]["formula"] = formula
            self.complains("metrics.json: metrics.ipc.formula")

    def test_constants_of_tables_and_builtins_may_be_used(self):
        self.metrics["metrics"]["ipc"]["formula"] = "flush * width * instructions / max(cycles, 1e3, .5) / seconds"
        self.assertIn("flush * width", self.packed().metrics()["ipc"]["variants"][0]["values"][0][3])

    def test_constants_are_named_in_metrics_json(self):
        self.metrics["constants"] = []
        self.complains("'zen' has a constant 'flush'")

    def test_a_role_must_be_defined_and_played(self):
        self.zen["events"]["bogus"] = {"e": "event=1"}
        self.complains("zen.json: events.bogus", "not a role")
        del self.zen["events"]["bogus"]
        self.metrics["roles"]["never"] = {"title": "never"}
        self.metrics["metrics"]["ipc"]["also"] = ["never"]
        self.complains("metrics.json: roles.never", "no table")

    def test_a_metric_does_not_hide_an_event_of_the_kernel(self):
        self.metrics["metrics"]["faults"] = self.metrics["metrics"]["ipc"]
        self.complains("metrics.faults", "hide")

    def test_match_patterns_are_well_formed_and_belong_to_one_table(self):
        for pattern in ("GenuineIntel", "midr-41", "AuthenticAMD-25-1*", "intel-6-8F", "GenuineIntel-6-8f"):
            self.zen["match"] = [pattern]
            self.complains("zen.json: match.0", pattern)
        self.zen["match"] = ["AuthenticAMD-25-1?"]
        self.more["zen2.json"] = {**self.zen, "id": "zen2"}
        self.complains("zen2.json: match.0", "already belongs to 'zen'")

    def test_ids_are_file_names_and_stand_once(self):
        self.zen["id"] = "zen5"
        self.complains("zen.json: id", "name of the file")

    def test_terms_are_well_formed(self):
        for terms in ("event", "event=0xZZ", "event=1,", "cpu/event=1", "0x76", ""):
            self.zen["events"]["cycles"]["e"] = terms
            if terms == "event":
                continue  # a flag, as in "edge"
            self.complains("zen.json: events.cycles")

    def test_terms_may_name_a_pmu(self):
        self.zen["events"]["ops"] = {"e": "amd_l3/event=0x4,umask=0xff/", "scope": "l3"}
        event = self.packed().tables()["zen"]["events"][1]
        self.assertEqual((event["pmu"], event["terms"], event["scope"]), ("amd_l3", "event=0x4,umask=0xff", "l3"))

    def test_every_event_goes_through_the_format_of_its_pmu(self):
        for terms, complaint in (("event=0x1000", None), ("event=0xfff", ""), ("event=0x1,umask=0x100", None), ("cmask=1", None),
                                 ("amd_df/event=1/", None), ("amd_l3/event=0x100/", None)):
            self.zen["events"]["cycles"]["e"] = terms
            if complaint is None:
                self.complains("zen.json: events.cycles.e")
            else:
                self.generate()
        self.zen["events"]["cycles"]["e"] = "event=1"
        del self.zen["formats"]
        self.complains("zen.json: formats")

    def test_formats_are_fields_of_config(self):
        self.formats["pmus"]["core"]["format"]["umask"] = "8-15"
        self.complains("formats/amd.json: pmus.core.format.umask")

    def test_an_event_may_have_a_scale_a_unit_and_counters(self):
        self.zen["events"]["ops"].update(scale=64, unit="B", on="fixed1,any")
        event = self.packed().tables()["zen"]["events"][1]
        self.assertEqual((event["scale"], event["unit"], event["on"]), (64, "B", "fixed1,any"))
        for wrong in ("fixed", "0-", "metric,any", "all"):
            self.zen["events"]["ops"]["on"] = wrong
            self.complains("zen.json: events.ops.on")

    def test_a_role_may_be_another_in_one_mode(self):
        self.metrics["roles"]["kernel_cycles"] = {"title": "kernel cycles", "of": "cycles", "mode": "kernel"}
        self.generate()
        self.metrics["roles"]["kernel_cycles"]["of"] = "kernel_cycles"
        self.complains("roles.kernel_cycles.of")

    def test_a_text_that_stands_twice_is_stored_once(self):
        self.zen["events"]["cycles"]["counts"] = self.zen["events"]["ops"]["counts"] = "something that is told twice"
        self.assertEqual(self.packed().blob.count(b"something that is told twice"), 1)

    def test_what_is_not_exact_says_what_it_counts(self):
        del self.zen["events"]["ops"]["counts"]
        self.complains("zen.json: events.ops", "counts")

    def test_like_inherits_overrides_and_takes_away(self):
        self.more["zen5.json"] = {"id": "zen5", "title": "Zen 5", "match": ["AuthenticAMD-26-0?"], "like": "zen", "width": 8,
                                  "events": {"cycles": {"e": "event=0x77"}, "ops": None}}
        zen5 = self.packed().tables()["zen5"]
        self.assertEqual((zen5["width"], zen5["counters"][0]), (8, 6))
        self.assertEqual([(event["role"], event["terms"]) for event in zen5["events"]], [("cycles", "event=0x77")])

    def test_like_does_not_go_round_in_circles(self):
        self.zen["like"] = "zen5"
        self.more["zen5.json"] = {"id": "zen5", "title": "5", "match": ["AuthenticAMD-26-0?"], "like": "zen", "events": {}}
        self.complains("like", "circle")
        self.zen["like"] = "zen9"
        self.complains("zen.json: like", "no table 'zen9'")

    def test_a_hybrid_table_names_its_pmu(self):
        self.zen["pmu"] = "cpu_core"
        self.more["small.json"] = {**self.zen, "id": "small", "pmu": "cpu_atom"}
        self.assertEqual(self.packed().tables()["small"]["pmu"], "cpu_atom")

    def test_variants_have_lets_a_leader_and_what_they_need(self):
        self.metrics["metrics"]["topdown"] = topdown()
        variant = self.packed().metrics()["topdown"]["variants"][0]
        self.assertEqual(variant["leader"], "cycles")
        self.assertEqual(variant["lets"], [("slots", "width * cycles")])
        self.assertEqual(variant["values"][1][:3], ["topdown.rest", "rest", "%"])

    def test_sums_are_checked_with_made_up_counts(self):
        self.metrics["metrics"]["topdown"] = topdown()
        self.metrics["metrics"]["topdown"]["variants"][0]["values"]["rest"] = "100 * (2 - ops / slots)"
        self.complains("metrics.topdown.variants.0", "200, not to 100")
        del self.metrics["metrics"]["topdown"]["variants"][0]["example"]
        self.complains("metrics.topdown.variants.0", "'example'")

    def test_a_let_sees_those_before_it(self):
        self.metrics["metrics"]["topdown"] = topdown()
        self.metrics["metrics"]["topdown"]["variants"][0]["let"] = {"slots": "2 * later", "later": "width * cycles"}
        self.complains("variants.0.let.slots", "'later'")

    def test_the_leader_is_needed_and_stands_first(self):
        self.metrics["metrics"]["topdown"] = topdown()
        self.metrics["metrics"]["topdown"]["variants"][0]["leader"] = "instructions"
        self.assertEqual(self.packed().metrics()["topdown"]["variants"][0]["needs"][0], "instructions")
        self.metrics["metrics"]["topdown"]["variants"][0]["leader"] = "nobody"
        self.complains("variants.0.leader")

    def test_a_role_may_have_an_event_per_vendor(self):
        self.generic["events"]["ops"] = [{"generic": "a", "only": "midr"}, {"generic": "b"}]
        self.assertEqual(self.packed().tables()["generic"]["events"][-1]["generic"], "b")
        self.generic["events"]["ops"].reverse()
        self.complains("generic.json: events.ops.1", "never reached")

    def test_strings_are_escaped(self):
        self.metrics["metrics"]["ipc"]["title"] = 'a "b" \\ µ1'
        self.assertEqual(self.packed().metrics()["ipc"]["title"], 'a "b" \\ µ1')

    def test_wrong_types_are_told_and_do_not_crash(self):
        self.metrics["metrics"]["topdown"] = topdown()
        self.generic["events"]["ops"] = [{"generic": "a", "only": "midr"}, {"generic": "b"}]
        for document in (self.metrics, self.generic, self.zen, self.formats):
            for holder, key in list(places_of(document)):
                kept = holder[key]
                for wrong in (None, 1, -1.5, True, "", "x y", [], [1], [[]], {}, {"a": None}):
                    holder[key] = wrong
                    self.generate()  # an exception fails the test
                holder[key] = kept

    def test_the_tables_of_the_project_pass(self):
        events = ROOT / "events"
        tables = [str(path) for path in sorted(events.glob("*/*.json"))]
        status = GENERATOR.main([str(events / "metrics.json"), str(events / "generic.json"), *tables,
                                 "--output", "tables.cpp"])
        self.assertEqual(status, 0)
        listed = (events / "meson.build").read_text()
        for path in tables:
            self.assertIn(f"'{Path(path).relative_to(events)}'", listed)


def places_of(document):
    """Every place of a document, as (object or list, key)."""
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        yield document, key
        if isinstance(value, (dict, list)):
            yield from places_of(value)


if __name__ == "__main__":
    unittest.main()
