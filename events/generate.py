#!/usr/bin/env python3
"""Turns the tables of this folder into C++: constexpr data, nothing to parse or construct when a program starts.

    generate.py metrics.json generic.json arm64/neoverse-n1.json … --cpu-tables OUT.cpp --metric-tables OUT.cpp

Everything that README.md says about the tables is checked here; an error names the file and the key.
Needs Python 3.9 and nothing else. The same input gives the same output, byte for byte.
"""

import argparse
import ast
import json
import math
import re
import sys
from pathlib import Path

QUALITIES = ("exact", "approx", "proxy")
SCOPES = ("task", "l3", "die", "package")
VENDORS = ("GenuineIntel", "AuthenticAMD", "HygonGenuine")
ONLY = VENDORS + ("midr",)  # midr: any Arm CPU
FIXED_COUNTERS = ("cycles", "instructions", "ref_cycles", "slots")
BUILTINS = ("seconds", "group_seconds", "width")
# What the kernel calls its events: a metric of this name would hide one.
KERNEL_EVENTS = {name.replace("-", "_").lower() for name in (
    "cpu-cycles cycles instructions cache-references cache-misses branch-instructions branches branch-misses bus-cycles "
    "stalled-cycles-frontend idle-cycles-frontend stalled-cycles-backend idle-cycles-backend ref-cycles cpu-clock "
    "task-clock page-faults faults context-switches cs cpu-migrations migrations minor-faults major-faults "
    "alignment-faults emulation-faults dummy bpf-output cgroup-switches").split()}

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
TABLE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MATCH = re.compile(r"midr-[0-9a-f?]{2}-[0-9a-f?]{3}|(?:%s)-[0-9]+-[0-9A-F?]+(?:-[0-9A-F?]+)?" % "|".join(VENDORS))
TERMS = re.compile(r"[a-z_][a-z0-9_]*(=(0x[0-9a-f]+|[0-9]+))?(,[a-z_][a-z0-9_]*(=(0x[0-9a-f]+|[0-9]+))?)*")
PMU_TERMS = re.compile(r"([A-Za-z0-9_]+)/([^/]+)/")
COUNTERS_OF_EVENT = re.compile(r"fixed[0-9]+|metric|[0-9]+([-,][0-9]+)*")
NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


class TableError(Exception):
    """What is wrong, and where: the file, then the keys down to the place."""


class Place:
    """A position in a file, for messages."""

    def __init__(self, file, keys=()):
        self.file, self.keys = file, keys

    def __truediv__(self, key):
        return Place(self.file, self.keys + (str(key),))

    def fail(self, what):
        raise TableError(f"{self.file}: {'.'.join(self.keys)}: {what}" if self.keys else f"{self.file}: {what}")


# --- reading ---------------------------------------------------------------------------------------------------------

def load(path):
    place = Place(path)

    def without_duplicates(pairs):
        seen = {}
        for key, value in pairs:
            if key in seen:
                place.fail(f"the key '{key}' stands twice in one object")
            seen[key] = value
        return seen

    try:
        return json.loads(Path(path).read_text(encoding="utf-8"), object_pairs_hook=without_duplicates)
    except OSError as error:
        place.fail(error.strerror)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        place.fail(f"not JSON: {error}")


def check_object(value, allowed, required, place):
    if not isinstance(value, dict):
        place.fail("must be an object")
    for key in value:
        if key not in allowed:
            place.fail(f"there is no key '{key}' here; the keys are {', '.join(sorted(allowed))}")
    for key in required:
        if key not in value:
            place.fail(f"the key '{key}' is missing")


def check_text(value, place, pattern=None, what=None):
    if not isinstance(value, str) or not value.strip():
        place.fail("must be a text that is not empty")
    if pattern and not pattern.fullmatch(value):
        place.fail(f"'{value}' is not {what}")
    return value


def check_choice(value, choices, place):
    if value not in choices:
        place.fail(f"'{value}' is none of {', '.join(choices)}")
    return value


def check_texts(value, place):
    if not isinstance(value, list):
        place.fail("must be a list")
    for index, item in enumerate(value):
        check_text(item, place / index)
    if len(set(value)) != len(value):
        place.fail("one item stands twice")
    return value


def check_count(value, place):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 64:
        place.fail("must be a number from 0 to 64")
    return value


# --- formulas --------------------------------------------------------------------------------------------------------

class FormulaText:
    """A formula of a table: the names it uses, and its value for the check of sums."""

    def __init__(self, text, place):
        self.text = check_text(text, place)
        self.place = place
        self.names = []
        if "`" in text:
            place.fail("tables use roles only: no event in backquotes")
        try:
            self.tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            place.fail(f"'{text}' is not a formula")
        self._check(self.tree)

    def _check(self, node):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div)):
            self._check(node.left)
            self._check(node.right)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            self._check(node.operand)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            if node.func.id not in ("min", "max"):
                self.place.fail(f"there is no function '{node.func.id}': only min and max")
            if len(node.args) < 2:
                self.place.fail("min and max take two values or more")
            for argument in node.args:
                self._check(argument)
        elif isinstance(node, ast.Name):
            if not IDENTIFIER.fullmatch(node.id):
                self.place.fail(f"'{node.id}' is not an identifier (small letters, digits and _)")
            if node.id not in self.names:
                self.names.append(node.id)
        elif not (isinstance(node, ast.Constant) and NUMBER.fullmatch(ast.get_source_segment(self.text.strip(), node))):
            self.place.fail(f"'{self.text}' uses more than + - * / ( ) min() max(), numbers and names")

    def value(self, values, node=None):
        node = self.tree if node is None else node
        if isinstance(node, ast.BinOp):
            left, right = self.value(values, node.left), self.value(values, node.right)
            if isinstance(node.op, ast.Div):
                if right == 0:
                    self.place.fail("divides by zero for the counts of 'example'")
                return left / right
            return left + right if isinstance(node.op, ast.Add) else \
                left - right if isinstance(node.op, ast.Sub) else left * right
        if isinstance(node, ast.UnaryOp):
            return -self.value(values, node.operand)
        if isinstance(node, ast.Call):
            return {"min": min, "max": max}[node.func.id](self.value(values, argument) for argument in node.args)
        if isinstance(node, ast.Name):
            if node.id not in values:
                self.place.fail(f"'example' has no number for '{node.id}'")
            return values[node.id]
        return float(node.value)


# --- CPUs ------------------------------------------------------------------------------------------------------------

TABLE_KEYS = {"id", "title", "match", "like", "pfm", "pmu", "width", "constants", "counters", "events"}
EVENT_KEYS = {"e", "generic", "only", "pmu", "pfm", "sysfs", "on", "quality", "scope", "counts"}


def check_event(event, place, is_generic_table):
    check_object(event, EVENT_KEYS, (), place)
    if ("e" in event) == ("generic" in event):
        place.fail("needs either 'e' (terms) or 'generic' (a kernel event)")
    if "generic" in event and not is_generic_table:
        place.fail("'generic' belongs into the generic table")
    for key in ("e", "generic", "pmu", "pfm", "sysfs", "counts"):
        if key in event:
            check_text(event[key], place / key)
    if "e" in event:
        with_pmu = PMU_TERMS.fullmatch(event["e"])
        if with_pmu and "pmu" in event:
            place.fail("the PMU stands both in 'e' and in 'pmu'")
        check_text(with_pmu[2] if with_pmu else event["e"], place / "e", TERMS, "a list of terms (event=0x2e,umask=0x41)")
    if "on" in event:
        check_text(event["on"], place / "on", COUNTERS_OF_EVENT, "'fixedN', 'metric' or a list of counters")
    if "only" in event:
        check_choice(event["only"], ONLY, place / "only")
    check_choice(event.get("quality", "exact"), QUALITIES, place / "quality")
    check_choice(event.get("scope", "task"), SCOPES, place / "scope")
    if event.get("quality", "exact") != "exact" and "counts" not in event:
        place.fail("what is not exact must say in 'counts' what it counts")


def alternatives(event):
    """One event, or a list of them for several vendors."""
    return event if isinstance(event, list) else [event]


def check_alternatives(event, place, is_generic):
    if isinstance(event, list) and not is_generic:
        place.fail("only the generic table has events for several vendors")
    if event == []:
        place.fail("must not be empty")
    vendors = []
    for index, one in enumerate(alternatives(event)):
        at = place / index if isinstance(event, list) else place
        check_event(one, at, is_generic)
        if "" in vendors:
            at.fail("is never reached: the one before it is for any vendor")
        if one.get("only", "") in vendors:
            at.fail(f"there are two events for '{one['only']}'")
        vendors.append(one.get("only", ""))


def check_table(table, place, roles):
    is_generic = "match" not in table
    check_object(table, TABLE_KEYS, ("id", "title", "events"), place)
    check_text(table["id"], place / "id", TABLE_ID, "an id (small letters, digits, -)")
    if not is_generic and Path(place.file).stem != table["id"]:
        (place / "id").fail("must be the name of the file")
    if is_generic and table["id"] != "generic":
        place.fail("the key 'match' is missing (only the generic table has none)")
    for key in ("title", "like", "pfm", "pmu"):
        if key in table:
            check_text(table[key], place / key)
    for index, pattern in enumerate(check_texts(table.get("match", []), place / "match")):
        check_text(pattern, place / "match" / index, MATCH, "a CPU id (GenuineIntel-6-8F, AuthenticAMD-25-1?, midr-41-d0c)")
    if not is_generic and not table["match"]:
        (place / "match").fail("must name a CPU")
    check_count(table.get("width", 0), place / "width")
    constants = table.get("constants", {})
    check_object(constants, constants, (), place / "constants")
    for name, value in constants.items():
        check_text(name, place / "constants" / name, IDENTIFIER, "an identifier")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            (place / "constants" / name).fail("must be a number")
        if name in roles or name in BUILTINS:
            (place / "constants" / name).fail("is the name of a role or of a builtin")
    counters = table.get("counters", {"generic": 0})
    check_object(counters, {"generic", "fixed"}, ("generic",), place / "counters")
    check_count(counters["generic"], place / "counters" / "generic")
    for fixed in check_texts(counters.get("fixed", []), place / "counters" / "fixed"):
        check_choice(fixed, FIXED_COUNTERS, place / "counters" / "fixed")
    check_object(table["events"], table["events"], (), place / "events")
    for role, event in table["events"].items():
        if role not in roles:
            (place / "events" / role).fail("is not a role of metrics.json")
        if event is None and "like" in table:
            continue  # takes an inherited role away
        check_alternatives(event, place / "events" / role, is_generic)


def flatten(table_id, tables, places, above=()):
    """The table with all that it inherits by 'like'."""
    table, place = tables[table_id], places[table_id]
    if "like" not in table:
        return table
    if table_id in above:
        (place / "like").fail("goes round in a circle: " + " -> ".join(above + (table_id,)))
    if table["like"] not in tables:
        (place / "like").fail(f"there is no table '{table['like']}'")
    base = flatten(table["like"], tables, places, above + (table_id,))
    if "match" not in base:
        (place / "like").fail("the generic table is everybody's fall-back: it is not inherited")
    merged = {key: base[key] for key in ("pfm", "width", "counters") if key in base}
    merged.update(table)
    merged["constants"] = {**base.get("constants", {}), **table.get("constants", {})}
    events = {**base["events"], **table["events"]}
    merged["events"] = {role: event for role, event in events.items() if event is not None}
    return merged


def read_tables(paths, roles):
    tables, places = {}, {}
    for path in paths:
        table, place = load(path), Place(path)
        if not isinstance(table, dict):
            place.fail("must be an object")
        check_table(table, place, roles)
        if table["id"] in tables:
            (place / "id").fail(f"'{table['id']}' is already the id of {places[table['id']].file}")
        tables[table["id"]], places[table["id"]] = table, place
    if "generic" not in tables:
        raise TableError("no generic table was given (generic.json)")
    owners = {}
    for table_id, table in tables.items():
        for index, pattern in enumerate(table.get("match", [])):
            key = (pattern, table.get("pmu", ""))
            if key in owners:
                (places[table_id] / "match" / index).fail(f"'{pattern}' already belongs to '{owners[key]}'")
            owners[key] = table_id
    flat = {table_id: flatten(table_id, tables, places) for table_id in tables}
    # Sorted, so that the order of the arguments does not matter; the fall-back is the last.
    return [flat[table_id] for table_id in sorted(flat, key=lambda name: (name == "generic", name))]


# --- metrics ---------------------------------------------------------------------------------------------------------

METRIC_KEYS = {"title", "read", "source", "standard", "also", "group", "unit", "label", "better", "formula", "values",
               "variants", "sum"}
VALUE_KEYS = {"unit", "label", "better", "formula", "optional"}
VARIANT_KEYS = {"needs", "let", "values", "leader", "group", "example"}


class MetricReader:
    def __init__(self, roles, constants, place):
        self.roles, self.constants, self.place = roles, constants, place

    def read(self, name, metric):
        place = self.place / "metrics" / name
        check_object(metric, METRIC_KEYS, ("title", "read", "source"), place)
        check_text(name, place, IDENTIFIER, "an id (small letters, digits, _)")
        if name in KERNEL_EVENTS:
            place.fail("would hide the kernel's event of this name")
        for key in ("title", "read", "source", "unit", "label"):
            if key in metric:
                check_text(metric[key], place / key)
        if not isinstance(metric.get("standard", False), bool):
            (place / "standard").fail("must be true or false")
        if ("formula" in metric) and ("values" in metric):
            place.fail("has either 'formula' (one value) or 'values'")
        also = check_texts(metric.get("also", []), place / "also")
        for role in also:
            self.check_role(role, place / "also")
        return {
            "id": name, "title": metric["title"], "read": metric["read"], "source": metric["source"], "also": also,
            "standard": metric.get("standard", False), "variants": self.variants(name, metric, place),
        }

    def check_role(self, role, place):
        if role not in self.roles:
            place.fail(f"'{role}' is not a role of metrics.json")

    def variants(self, name, metric, place):
        defaults = {key: metric[key] for key in ("unit", "better") if key in metric}
        if "formula" in metric:
            own = {"": {key: metric[key] for key in ("formula", "unit", "label", "better") if key in metric}}
        else:
            own = metric.get("values", {})
        check_object(own, own, (), place / "values")
        for key, value in own.items():
            check_object(value, VALUE_KEYS, (), place / "values" / key)
        with_formula = ["formula" in value for value in own.values()]
        if any(with_formula) and not all(with_formula):
            (place / "values").fail("either all values have a 'formula' here, or none (the variants then give them)")

        raw = []
        if own and all(with_formula):
            raw.append(({"values": own}, place))
        given = metric.get("variants", [])
        if not isinstance(given, list):
            (place / "variants").fail("must be a list")
        for index, variant in enumerate(given):
            check_object(variant, VARIANT_KEYS, ("values",), place / "variants" / index)
            raw.append((variant, place / "variants" / index))
        if not raw:
            place.fail("has no formula")
        shared = own if "formula" not in metric else {"": {key: own[""][key] for key in own[""] if key != "formula"}}
        return [self.variant(name, metric, variant, shared, defaults, at) for variant, at in raw]

    def variant(self, name, metric, variant, shared, defaults, place):
        lets = {}
        for let, text in variant.get("let", {}).items():
            at = place / "let" / let
            check_text(let, at, IDENTIFIER, "an identifier")
            if let in self.roles or let in BUILTINS or let in self.constants:
                at.fail("is the name of a role, a constant or a builtin")
            lets[let] = FormulaText(text, at)
            self.check_names(lets[let], list(lets)[:-1])
        values, formulas = [], {}
        check_object(variant["values"], variant["values"], (), place / "values")
        for key, value in variant["values"].items():
            at = place / "values" / key if key else place
            if key:
                check_text(key, at, IDENTIFIER, "an identifier")
            value = {"formula": value} if isinstance(value, str) else value
            check_object(value, VALUE_KEYS, (), at)
            merged = {**defaults, **shared.get(key, {}), **value}
            for needed in ("unit", "label", "formula"):
                if needed not in merged:
                    at.fail(f"the key '{needed}' is missing")
            check_text(merged["unit"], at / "unit")
            check_text(merged["label"], at / "label")
            if "better" in merged:
                check_choice(merged["better"], ("higher", "lower"), at / "better")
            if not isinstance(merged.get("optional", False), bool):
                (at / "optional").fail("must be true or false")
            formulas[key] = FormulaText(merged["formula"], at / "formula")
            self.check_names(formulas[key], lets)
            values.append({**merged, "id": f"{name}.{key}" if key else name})
        if all(value.get("optional", False) for value in values):
            (place / "values").fail("not all values can be optional")

        needs = list(check_texts(variant.get("needs", []), place / "needs"))
        for role in needs:
            self.check_role(role, place / "needs")
        for value, formula in zip(values, formulas.values()):
            if not value.get("optional", False):
                needs += [role for role in self.roles_of(formula, lets) if role not in needs]
        leader = variant.get("leader", "")
        if leader and leader not in needs:
            (place / "leader").fail(f"'{leader}' is not among the roles that the variant needs")
        if leader:
            needs.sort(key=lambda role: role != leader)
        group = check_choice(variant.get("group", metric.get("group", "strict")), ("strict", "weak"), place / "group")
        self.check_sum(metric, variant, lets, formulas, place)
        return {"needs": needs, "lets": lets, "values": values, "leader": leader, "strict": group == "strict"}

    def check_names(self, formula, lets):
        for name in formula.names:
            if name not in self.roles and name not in lets and name not in self.constants and name not in BUILTINS:
                formula.place.fail(f"'{name}' is no role, no 'let' before it, no constant and none of {', '.join(BUILTINS)}")

    def roles_of(self, formula, lets):
        found = []
        for name in formula.names:
            for role in self.roles_of(lets[name], lets) if name in lets else [name]:
                if role in self.roles and role not in found:
                    found.append(role)
        return found

    @staticmethod
    def check_sum(metric, variant, lets, formulas, place):
        if "sum" not in metric:
            return
        if "example" not in variant:
            place.fail("a metric with 'sum' needs an 'example' in each variant: made-up counts to check the sum with")
        values = dict(variant["example"])
        for let, formula in lets.items():
            values[let] = formula.value(values)
        total = sum(formula.value(values) for formula in formulas.values())
        if not math.isclose(total, metric["sum"], rel_tol=1e-9):
            place.fail(f"the values of 'example' add up to {total:g}, not to {metric['sum']}")


def check_roles(document, place):
    check_object(document, {"roles", "metrics"}, ("roles", "metrics"), place)
    check_object(document["roles"], document["roles"], (), place / "roles")
    for role, info in document["roles"].items():
        at = place / "roles" / role
        check_text(role, at, IDENTIFIER, "an identifier")
        if role in BUILTINS or role in ("min", "max"):
            at.fail("is the name of a builtin")
        check_object(info, {"title", "unit"}, ("title",), at)
        for key, text in info.items():
            check_text(text, at / key)
    return document["roles"]


def read_metrics(document, place, roles, tables):
    constants = {name for table in tables for name in table.get("constants", {})}
    reader = MetricReader(roles, constants, place)
    check_object(document["metrics"], document["metrics"], (), place / "metrics")
    metrics = [reader.read(name, metric) for name, metric in document["metrics"].items()]
    played = {role for table in tables for role in table["events"]}
    wanted = {role for metric in metrics for role in metric["also"]}
    wanted |= {role for metric in metrics for variant in metric["variants"] for role in variant["needs"]}
    for role in roles:
        if role in wanted and role not in played:
            (place / "roles" / role).fail("no table has an event for this role")
    return metrics


# --- C++ -------------------------------------------------------------------------------------------------------------

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
    parser.add_argument("--cpu-tables", required=True, metavar="OUT.cpp")
    parser.add_argument("--metric-tables", required=True, metavar="OUT.cpp")
    options = parser.parse_args(arguments)
    try:
        document, place = load(options.metrics), Place(options.metrics)
        roles = check_roles(document, place)
        tables = read_tables(options.tables, roles)
        metrics = read_metrics(document, place, roles, tables)
    except TableError as error:
        print(f"generate.py: {error}", file=sys.stderr)
        return 1
    Path(options.cpu_tables).write_text(cpp_cpu_tables(tables), encoding="ascii")
    Path(options.metric_tables).write_text(cpp_metric_tables(roles, metrics), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
