#!/usr/bin/env python3
"""Turns the tables of this folder into C++: constexpr data, nothing to parse or construct when a program starts.

    generate.py metrics.json generic.json formats/armv8.json arm64/neoverse-n1.json … --cpu-tables OUT.cpp --metric-tables OUT.cpp
    generate.py --check metrics.json generic.json formats/*.json x86/*.json arm64/*.json

Everything that README.md says about the tables is checked here; an error names the file and the key.
Needs Python 3.9 and nothing else. The same input gives the same output, byte for byte.
"""

import argparse
import sys
from pathlib import Path

from generator.cpu_table import FIXED_COUNTERS, PMU_TERMS, alternatives, read_tables
from generator.document import Place, TableError, load
from generator.formats import read_formats
from generator.metric import check_roles, read_metrics

HEADER = "// Made by events/generate.py from the tables in events/. Do not edit.\n"


def literal(text):
    escaped = ""
    for byte in text.encode("utf-8"):
        character = chr(byte)
        # Octal, three digits: a hexadecimal escape would swallow the digits that follow it.
        escaped += "\\" + character if character in '"\\' else character if 32 <= byte < 127 else f"\\{byte:03o}"
    return f'"{escaped}"'


class Arrays:
    """Writes arrays and gives the names that spans refer to them by."""

    def __init__(self):
        self.lines, self.count = [], 0

    def add(self, kind, items):
        if not items:
            return "{}"
        name = f"array_{self.count}"
        self.count += 1
        self.lines.append(f"constexpr {kind} {name}[] = {{")
        self.lines += [f"    {item}," for item in items]
        self.lines.append("};")
        return name


def fields(pairs):
    # All of them, though most are empty: compilers warn of fields that are left out.
    return "{" + ", ".join(f".{name} = {value}" for name, value in pairs) + "}"


def cpp_event(role, event):
    with_pmu = PMU_TERMS.fullmatch(event.get("e", ""))
    pmu, terms = (with_pmu[1], with_pmu[2]) if with_pmu else (event.get("pmu", ""), event.get("e", ""))
    texts = {"role": role, "pmu": pmu, "terms": terms, "generic": event.get("generic", ""),
             "only": event.get("only", ""), "pfm": event.get("pfm", ""), "sysfs": event.get("sysfs", ""),
             "on": event.get("on", ""), "quality": event.get("quality", "exact"), "scope": event.get("scope", "task"),
             "counts": event.get("counts", "")}
    return fields((name, literal(text)) for name, text in texts.items())


def cpp_cpu_tables(tables):
    arrays, rows = Arrays(), []
    for table in tables:
        counters = table.get("counters", {"generic": 0})
        budget = [("generic", str(counters["generic"]))]
        budget += [(f"fixed_{name}", str(int(name in counters.get("fixed", [])))) for name in FIXED_COUNTERS]
        rows.append(fields([
            ("id", literal(table["id"])),
            ("title", literal(table["title"])),
            ("match", arrays.add("std::string_view", [literal(text) for text in table.get("match", [])])),
            ("pfm", literal(table.get("pfm", ""))),
            ("width", str(table.get("width", 0))),
            ("counters", fields(budget)),
            ("constants", arrays.add("Constant", [f"{{{literal(name)}, {float(value)!r}}}"
                                                  for name, value in table.get("constants", {}).items()])),
            ("events", arrays.add("RoleEvent", [cpp_event(role, one) for role, event in table["events"].items()
                                                for one in alternatives(event)])),
            ("core_pmu", literal(table.get("pmu", ""))),
        ]))
    all_tables = arrays.add("CpuTable", rows)
    return "\n".join([
        HEADER, '#include "event/cpu_table.hpp"', "", "namespace pmc {", "namespace {", "", *arrays.lines, "",
        "} // namespace", "", f"std::span<const CpuTable> cpu_tables() noexcept {{ return {all_tables}; }}", "",
        "} // namespace pmc", ""])


def cpp_metric_tables(roles, metrics):
    arrays, rows = Arrays(), []
    for metric in metrics:
        variants = []
        for variant in metric["variants"]:
            values = [fields([(key, literal(value.get(key, ""))) for key in ("id", "label", "unit", "formula", "better")]
                             + [("optional", "true" if value.get("optional", False) else "false")])
                      for value in variant["values"]]
            lets = [f"{{{literal(name)}, {literal(formula.text)}}}" for name, formula in variant["lets"].items()]
            variants.append(fields([
                ("needs", arrays.add("std::string_view", [literal(role) for role in variant["needs"]])),
                ("lets", arrays.add("LetDef", lets)),
                ("values", arrays.add("MetricValueDef", values)),
                ("leader", literal(variant["leader"])),
                ("strict", "true" if variant["strict"] else "false"),
            ]))
        rows.append(fields([(key, literal(metric[key])) for key in ("id", "title", "read", "source")] + [
            ("variants", arrays.add("MetricVariant", variants)),
            ("also", arrays.add("std::string_view", [literal(role) for role in metric["also"]])),
            ("standard", "true" if metric["standard"] else "false"),
        ]))
    all_metrics = arrays.add("MetricDef", rows)
    all_roles = arrays.add("RoleInfo", [f"{{{literal(role)}, {literal(info['title'])}, {literal(info.get('unit', ''))}}}"
                                        for role, info in roles.items()])
    return "\n".join([
        HEADER, '#include "metric/metric_table.hpp"', "", "namespace pmc {", "namespace {", "", *arrays.lines, "",
        "} // namespace", "", f"std::span<const MetricDef> metric_table() noexcept {{ return {all_metrics}; }}",
        f"std::span<const RoleInfo> role_table() noexcept {{ return {all_roles}; }}", "", "} // namespace pmc", ""])


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("metrics", help="metrics.json")
    parser.add_argument("tables", nargs="+", help="generic.json and the tables of the CPUs")
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--cpu-tables", metavar="OUT.cpp")
    parser.add_argument("--metric-tables", metavar="OUT.cpp")
    options = parser.parse_args(arguments)
    if not options.check and not (options.cpu_tables and options.metric_tables):
        parser.error("give --check, or both --cpu-tables and --metric-tables")
    try:
        document, place = load(options.metrics), Place(options.metrics)
        roles = check_roles(document, place)
        in_formats = [path for path in options.tables if Path(path).parent.name == "formats"]
        formats = read_formats(in_formats)
        tables = read_tables([path for path in options.tables if path not in in_formats], roles, formats)
        metrics = read_metrics(document, place, roles, tables)
    except TableError as error:
        print(f"generate.py: {error}", file=sys.stderr)
        return 1
    if options.check:
        print(f"{len(tables)} tables, {sum(len(table['events']) for table in tables)} events, {len(metrics)} metrics: good")
        return 0
    Path(options.cpu_tables).write_text(cpp_cpu_tables(tables), encoding="ascii")
    Path(options.metric_tables).write_text(cpp_metric_tables(roles, metrics), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
