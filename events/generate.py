#!/usr/bin/env python3
"""Turns the tables of this folder into C++: packed data, nothing to parse or relocate when a program starts.

    generate.py metrics.json generic.json formats/armv8.json arm64/neoverse-n1.json … --output OUT.cpp
    generate.py metrics.json generic.json … --reference docs/metrics.md
    generate.py --check metrics.json generic.json formats/*.json x86/*.json arm64/*.json

Everything that README.md says about the tables is checked here; an error names the file and the key.
Needs Python 3.9 and nothing else. The same input gives the same output, byte for byte.
"""

import argparse
import sys
from pathlib import Path

from generator.cpu_table import read_tables
from generator.document import Place, TableError, load
from generator.formats import read_formats
from generator.metric import check_roles, read_metrics
from generator.pack import packed_tables
from generator.reference import reference

def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("metrics", help="metrics.json")
    parser.add_argument("tables", nargs="+", help="generic.json and the tables of the CPUs")
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--output", metavar="OUT.cpp")
    parser.add_argument("--reference", metavar="METRICS.md", help="what there is, for people")
    options = parser.parse_args(arguments)
    if not (options.check or options.output or options.reference):
        parser.error("give --check, --output or --reference")
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
    if options.output:
        text = packed_tables(tables, formats, metrics, roles, document.get("constants", []))
        Path(options.output).write_text(text, encoding="ascii")
    if options.reference:
        Path(options.reference).write_text(reference(tables, metrics, roles), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
