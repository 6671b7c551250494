"""metrics.json: roles and metrics."""

import math

from .document import (BUILTINS, IDENTIFIER, Place, TableError, check_choice, check_number, check_numbers, check_object,
                       check_text, check_texts)
from .formula import FormulaText

# What the kernel calls its events: a metric of this name would hide one.
KERNEL_EVENTS = {name.replace("-", "_").lower() for name in (
    "cpu-cycles cycles instructions cache-references cache-misses branch-instructions branches branch-misses bus-cycles "
    "stalled-cycles-frontend idle-cycles-frontend stalled-cycles-backend idle-cycles-backend ref-cycles cpu-clock "
    "task-clock page-faults faults context-switches cs cpu-migrations migrations minor-faults major-faults "
    "alignment-faults emulation-faults dummy bpf-output cgroup-switches").split()}

METRIC_KEYS = {"title", "read", "source", "standard", "also", "group", "unit", "label", "better", "formula", "values",
               "variants", "sum"}
VALUE_KEYS = {"unit", "label", "better", "formula", "optional"}
VARIANT_KEYS = {"needs", "let", "values", "leader", "group", "smt", "example"}


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
        check_object(variant.get("let", {}), variant.get("let"), (), place / "let")
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
            values.append({**merged, "id": f"{name}.{key}" if key else name, "parsed": formulas[key]})
        if all(value.get("optional", False) for value in values):
            (place / "values").fail("not all values can be optional")

        needs = list(check_texts(variant.get("needs", []), place / "needs"))
        for role in needs:
            self.check_role(role, place / "needs")
        for value, formula in zip(values, formulas.values()):
            if not value.get("optional", False):
                needs += [role for role in self.roles_of(formula, lets) if role not in needs]
        leader = variant.get("leader", "")
        if "leader" in variant:
            self.check_role(check_text(leader, place / "leader"), place / "leader")
            if leader not in needs:
                needs.append(leader)
            needs.sort(key=lambda role: role != leader)
        group = check_choice(variant.get("group", metric.get("group", "strict")), ("strict", "weak"), place / "group")
        smt = check_choice(variant.get("smt", "any"), ("on", "off", "any"), place / "smt")
        self.check_sum(metric, variant, lets, formulas, place)
        return {"needs": needs, "lets": lets, "values": values, "leader": leader, "strict": group == "strict",
                "smt": smt}

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
        values = variant["example"]
        check_numbers(values, place / "example")
        check_number(metric["sum"], Place(place.file, place.keys[:2]) / "sum")
        values = dict(values)
        for let, formula in lets.items():
            values[let] = formula.value(values)
        total = sum(formula.value(values) for formula in formulas.values())
        if not math.isclose(total, metric["sum"], rel_tol=1e-9):
            place.fail(f"the values of 'example' add up to {total:g}, not to {metric['sum']}")


def check_roles(document, place):
    check_object(document, {"roles", "metrics", "constants"}, ("roles", "metrics"), place)
    check_object(document["roles"], document["roles"], (), place / "roles")
    for role, info in document["roles"].items():
        at = place / "roles" / role
        check_text(role, at, IDENTIFIER, "an identifier")
        if role in BUILTINS or role in ("min", "max"):
            at.fail("is the name of a builtin")
        check_object(info, {"title", "unit", "of", "mode"}, ("title",), at)
        for key, text in info.items():
            check_text(text, at / key)
        if ("of" in info) != ("mode" in info):
            at.fail("'of' and 'mode' go together")
        if "of" in info:
            check_choice(info["mode"], ("user", "kernel"), at / "mode")
            if "of" in document["roles"].get(info["of"], {"of": ""}):
                (at / "of").fail(f"'{info['of']}' is not a role of its own")
    return document["roles"]


def read_metrics(document, place, roles, tables):
    constants = check_texts(document.get("constants", []), place / "constants")
    for table in tables:
        for name in table.get("constants", {}):
            if name not in constants:
                raise TableError(f"the table '{table['id']}' has a constant '{name}' that metrics.json does not name")
    reader = MetricReader(roles, constants, place)
    check_object(document["metrics"], document["metrics"], (), place / "metrics")
    metrics = [reader.read(name, metric) for name, metric in document["metrics"].items()]
    played = {role for table in tables for role in table["events"]}
    played |= {role for role, info in roles.items() if info.get("of") in played}
    wanted = {role for metric in metrics for role in metric["also"]}
    wanted |= {role for metric in metrics for variant in metric["variants"] for role in variant["needs"]}
    for role in roles:
        if role in wanted and role not in played:
            (place / "roles" / role).fail("no table has an event for this role")
    return metrics
