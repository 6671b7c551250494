"""docs/metrics.md: what each metric is, which CPU has it by which events, and what those count."""

from .cpu_table import PMU_TERMS, QUALITIES, SCOPES, alternatives

HEADER = """# The metrics

Made by `ninja -C build metric-reference` from the tables in `events/`: do not edit. `pmcstat list METRIC` shows the same for
one machine, with what can be counted there; `pmcstat list METRIC --cpu ID` for another CPU.

Formulas are over roles (`llc_misses`); which event plays a role stands in the CPU's table below. Where a metric has several
variants, the first whose events a CPU has is taken; the next one where a machine has too few counters for it. *approx* counts
the right thing in part, *proxy* another thing near it; the quality of a metric is that of the worst of its events. A CPU
without a table has the kernel's generic events (`generic`).
"""


TIMES = ("seconds", "group_seconds")


def vendor_of(table):
    """As the `only` of the generic table names it."""
    return table["match"][0].split("-")[0] if "match" in table else None


class Cpu:
    """A table, with what it takes from the generic one."""

    def __init__(self, table, generic, roles):
        self.table, self.roles, self.vendor = table, roles, vendor_of(table)
        self.id, self.title = table["id"], table["title"]
        self.is_model = self.vendor == "valgrind"  # it has no kernel, whose events stand in elsewhere, and no time
        without = table.get("without", [])
        stand_ins = {role: event for role, event in self.usable(generic).items() if role not in without and not self.is_model}
        self.events = {**stand_ins, **self.usable(table)}

    def usable(self, table):
        """A role's first event that is for this vendor; without a vendor, what is for any."""
        found = {}
        for role, event in table["events"].items():
            fitting = [one for one in alternatives(event) if one.get("only", self.vendor) == self.vendor]
            if fitting:
                found[role] = fitting[0]
        return found

    def event(self, role):
        if self.is_model and self.roles[role].get("mode") == "kernel":
            return None
        return self.events.get(self.roles[role].get("of", role))

    def has(self, names):
        numbers = {*self.table.get("constants", {}), *(["width"] if self.table.get("width") else []),
                   *([] if self.is_model else TIMES)}
        return all(self.event(name) is not None if name in self.roles else name in numbers for name in names)


def names_of(value, variant):
    """The roles and numbers that a value needs, itself or by its lets; in the order of the formula."""
    found = []

    def visit(formula):
        for name in formula.names:
            if name in variant["lets"]:
                visit(variant["lets"][name])
            elif name not in found:
                found.append(name)

    visit(value["parsed"])
    return found


def needed(variant):
    """What the variant can't do without."""
    names = list(variant["needs"])
    for value in variant["values"]:
        if not value.get("optional", False):
            names += [name for name in names_of(value, variant) if name not in names]
    return names


def cell(text):
    return text.replace("|", "\\|")


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell(text) for text in line) + " |\n" for line in lines)


def worst(ladder, words):
    return max(words, key=ladder.index, default=ladder[0])


def availability(metric, cpu, smt):
    """(variant, quality, scope, the values left out), or None; `smt`: whether the second threads are "on" or "off"."""
    for index, variant in enumerate(metric["variants"]):
        if variant["smt"] not in ("any", smt) or not cpu.has(needed(variant)):
            continue
        values = [value for value in variant["values"]
                  if not value.get("optional", False) or cpu.has(names_of(value, variant))]
        names = [*variant["needs"], *(name for value in values for name in names_of(value, variant))]
        events = [cpu.event(name) for name in names if name in cpu.roles]
        return (index + 1, worst(QUALITIES, [event.get("quality", "exact") for event in events]),
                worst(SCOPES, [event.get("scope", "task") for event in events]),
                tuple(value["id"] for value in variant["values"] if value not in values))
    return None


def variant_text(metric, index):
    variant = metric["variants"][index]
    rows = [(f"`{value['id']}`", f"`{value['formula']}`", value["unit"],
             ", ".join(filter(None, (f"{value['better']} is better" if "better" in value else "",
                                     "optional" if value.get("optional", False) else ""))))
            for value in variant["values"]]
    text = f"\nVariant {index + 1}" if len(metric["variants"]) > 1 else ""
    if text and variant["smt"] != "any":
        text += f" (where second threads are {variant['smt']})"
    text += ":\n\n" if text else "\n"
    text += table(("value", "formula", "unit", ""), rows)
    if variant["lets"]:
        text += "\nwhere " + ", ".join(f"`{name} = {formula.text}`" for name, formula in variant["lets"].items()) + "\n"
    return text


def metric_text(metric, cpus):
    text = f"\n## {metric['id']}\n\n{metric['title']}" + (" (in the standard set)" if metric["standard"] else "") + "\n"
    text += "".join(variant_text(metric, index) for index in range(len(metric["variants"])))
    text += f"\n- How to read it: {metric['read']}\n- Source: {metric['source']}\n"
    if metric["also"]:
        text += "- Shown beside it: " + ", ".join(f"`{role}`" for role in metric["also"]) + "\n"
    groups = {}
    for cpu in cpus:
        states = {smt: availability(metric, cpu, smt) for smt in ("off", "on")}
        if states["off"] == states["on"]:
            states = {"": states["off"]}
        for smt, found in states.items():
            groups.setdefault((found, smt), []).append(cpu.id + (f" (second threads {smt})" if smt else ""))
    without = [one for (found, _), ids in groups.items() if found is None for one in ids]
    rows = [(", ".join(ids), str(found[0]), *found[1:3], ", ".join(f"`{value}`" for value in found[3]))
            for (found, smt), ids in sorted((group for group in groups.items() if group[0][0] is not None))]
    if rows:
        text += "\n" + table(("CPU", "variant", "quality", "counts for the", "without"), rows)
    if without:
        text += "\nNot on: " + ", ".join(without) + "\n"
    return text


def encoding(event):
    if "generic" in event:
        return event["generic"]
    return event["e"] if PMU_TERMS.fullmatch(event["e"]) or "pmu" not in event else f"{event['pmu']}/{event['e']}/"


def note(event):
    parts = [event.get("counts", "")]
    if event.get("scale", 1) != 1:
        parts.append(f"one count is {event['scale']:g} {event.get('unit', '')}".rstrip())
    return "; ".join(part for part in parts if part)


def cpu_text(one):
    text = f"\n### {one['id']}\n\n{one['title']}"
    if "match" in one:
        text += ": " + ", ".join(f"`{pattern}`" for pattern in one["match"]) + (f", PMU `{one['pmu']}`" if "pmu" in one else "")
    text += "\n\n"
    rows = [(f"`{role}`", f"`{encoding(event)}`", ", ".join(filter(None, (
                event.get("quality", "exact"), "" if event.get("scope", "task") == "task" else f"per {event['scope']}",
                f"only {event['only']}" if "only" in event else ""))), note(event))
            for role, events in one["events"].items() for event in alternatives(events)]
    return text + table(("role", "event", "quality", "what it counts"), rows)


def names_text(generic):
    if "names" not in generic:
        return ""
    rows = [(f"`{name}`", vendor, counts) for name, meanings in generic["names"].items() for vendor, counts in meanings.items()]
    return "\n### The kernel's own names\n\n" + table(("name", "on", "what it counts"), rows)


def reference(tables, metrics, roles):
    """The document; its tables come sorted, the generic one last."""
    generic = tables[-1]
    cpus = [Cpu(table, generic, roles) for table in tables]
    return "".join([HEADER, *(metric_text(metric, cpus) for metric in metrics), "\n## Which event plays which role\n",
                    *(cpu_text(table) for table in tables), names_text(generic)])
