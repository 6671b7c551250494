#!/usr/bin/python3
"""usage: tests/schema_check.py FILE...

Whether files are what docs/result.schema.json says: a result as one document, or samples, one a line (ndjson); or what
docs/comparison.schema.json says of pmcstat compare's document, docs/doctor.schema.json of pmcstat doctor's. "-" is stdin.
Prints what is wrong with its place, a line each; the exit status is 1 if anything is. Needs Debian's python3-jsonschema.

Other tests call check() or this script.
"""
import json
import sys
from pathlib import Path

import jsonschema

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCHEMA, COMPARISON, DOCTOR = (
    json.loads((DOCS / f"{name}.schema.json").read_text()) for name in ("result", "comparison", "doctor"))
# By what the document says it is; a result where it says nothing that is known.
OTHERS = {"pmcstat-compare/1": COMPARISON, "pmcstat-doctor/1": DOCTOR}


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def parse(text):
    """JSON and nothing else: Python would take NaN and the later of two equal keys."""

    def unique(pairs):
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            raise ValueError(f"a key stands twice in {keys}")
        return dict(pairs)

    return json.loads(text, parse_constant=refuse_constant, object_pairs_hook=unique)


def errors(value, schema):
    # A comparison has results in it, and refers to their schema by its file.
    resolver = jsonschema.RefResolver(f"{DOCS.as_uri()}/", schema)
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
    found = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
    return [f"{error.json_path}: {error.message[:300]}" for error in found]


def check(text):
    """What is wrong with a document, or with lines of samples."""
    try:
        value = parse(text)
    except ValueError as error:
        lines = text.splitlines()
        if len(lines) < 2 or not lines[0].endswith("}"):
            return [str(error)]
    else:
        if not isinstance(value, dict) or "events" not in value:
            name = value.get("schema") if isinstance(value, dict) else None
            return errors(value, OTHERS.get(name, SCHEMA) if isinstance(name, str) else SCHEMA)
        lines = [text]
    sample = {"$ref": "#/$defs/sample", "$defs": SCHEMA["$defs"]}
    wrong = []
    for number, line in enumerate(lines, 1):
        try:
            wrong += [f"line {number}: {what}" for what in errors(parse(line), sample)]
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
    return wrong


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    for schema in (SCHEMA, *OTHERS.values()):
        jsonschema.Draft202012Validator.check_schema(schema)
    status = 0
    for name in sys.argv[1:]:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        for what in check(text):
            print(f"{name}: {what}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
