"""The CPUs' tables: <arch>/<cpu>.json and generic.json."""

import re
from pathlib import Path

from .document import (BUILTINS, IDENTIFIER, Place, TableError, check_choice, check_count, check_number, check_numbers,
                       check_object, check_text, check_texts, load)
from .formats import check_terms

QUALITIES = ("exact", "approx", "proxy")
SCOPES = ("task", "l3", "die", "package")
VENDORS = ("GenuineIntel", "AuthenticAMD", "HygonGenuine")
ONLY = VENDORS + ("midr",)  # midr: any Arm CPU
FIXED_COUNTERS = ("cycles", "instructions", "ref_cycles", "slots")
TABLE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MATCH = re.compile(r"valgrind-(?:cachegrind|callgrind)|midr-[0-9a-f?]{2}-[0-9a-f?]{3}|(?:%s)-[0-9]+-[0-9A-F?]+(?:-[0-9A-F?]+)?" % "|".join(VENDORS))
TERM = r"[A-Za-z_][A-Za-z0-9_]*(=(0x[0-9a-f]+|[0-9]+))?"
TERMS = re.compile(f"{TERM}(,{TERM})*")
PMU_TERMS = re.compile(r"([A-Za-z0-9_]+)/([^/]+)/")
COUNTERS_OF_EVENT = re.compile(r"metric|pair|(fixed[0-9]+|any|[0-9]+(-[0-9]+)?)(,(fixed[0-9]+|any|[0-9]+(-[0-9]+)?))*")

TABLE_KEYS = {"id", "title", "match", "like", "pfm", "pmu", "formats", "width", "constants", "counters", "events"}
GENERIC_KEYS = {"id", "title", "events", "names"}
EVENT_KEYS = {"e", "generic", "only", "pmu", "pfm", "sysfs", "scale", "unit", "on", "quality", "scope", "counts"}


def check_event(event, place, is_generic_table):
    check_object(event, EVENT_KEYS, (), place)
    if ("e" in event) == ("generic" in event):
        place.fail("needs either 'e' (terms) or 'generic' (a kernel event)")
    if "generic" in event and not is_generic_table:
        place.fail("'generic' belongs into the generic table")
    for key in ("e", "generic", "pmu", "pfm", "sysfs", "unit", "counts"):
        if key in event:
            check_text(event[key], place / key)
    if "e" in event:
        with_pmu = PMU_TERMS.fullmatch(event["e"])
        if with_pmu and "pmu" in event:
            place.fail("the PMU stands both in 'e' and in 'pmu'")
        check_text(with_pmu[2] if with_pmu else event["e"], place / "e", TERMS, "a list of terms (event=0x2e,umask=0x41)")
    if "on" in event:
        check_text(event["on"], place / "on", COUNTERS_OF_EVENT,
                   "'metric', 'pair' or a list of 'fixedN', 'any', '2' and '0-3'")
    if "scale" in event:
        check_number(event["scale"], place / "scale")
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
    check_object(table, GENERIC_KEYS if is_generic else TABLE_KEYS, ("id", "title", "events"), place)
    check_text(table["id"], place / "id", TABLE_ID, "an id (small letters, digits, -)")
    if not is_generic and Path(place.file).stem != table["id"]:
        (place / "id").fail("must be the name of the file")
    if is_generic and table["id"] != "generic":
        place.fail("the key 'match' is missing (only the generic table has none)")
    for key in ("title", "like", "pfm", "pmu", "formats"):
        if key in table and not (key == "pfm" and table[key] is None and "like" in table):
            check_text(table[key], place / key)
    for index, pattern in enumerate(check_texts(table.get("match", []), place / "match")):
        check_text(pattern, place / "match" / index, MATCH, "a CPU id (GenuineIntel-6-8F, AuthenticAMD-25-1?, midr-41-d0c)")
    if not is_generic and not table["match"]:
        (place / "match").fail("must name a CPU")
    check_count(table.get("width", 0), place / "width")
    constants = table.get("constants", {})
    check_numbers(constants, place / "constants")
    for name in constants:
        if name in roles or name in BUILTINS:
            (place / "constants" / name).fail("is the name of a role or of a builtin")
    counters = table.get("counters", {"generic": 0})
    check_object(counters, {"generic", "alone", "fixed"}, ("generic",), place / "counters")
    for key in ("generic", "alone"):
        check_count(counters.get(key, 0), place / "counters" / key)
    for fixed in check_texts(counters.get("fixed", []), place / "counters" / "fixed"):
        check_choice(fixed, FIXED_COUNTERS, place / "counters" / "fixed")
    check_object(table["events"], table["events"], (), place / "events")
    for role, event in table["events"].items():
        if role not in roles:
            (place / "events" / role).fail("is not a role of metrics.json")
        if event is None and not is_generic:
            continue  # this CPU does not have it
        check_alternatives(event, place / "events" / role, is_generic)
    check_names(table.get("names", {}), place / "names")


def check_names(names, place):
    """What the kernel's own names hide: {name: {vendor: sentence}}."""
    check_object(names, names, (), place)
    for name, meanings in names.items():
        check_object(meanings, ONLY, (), place / name)
        for vendor, text in meanings.items():
            check_text(text, place / name / vendor)


def core_pmu(table):
    return table.get("pmu", "armv8_pmuv3_0" if any(text.startswith("midr") for text in table["match"]) else "cpu")


def check_encodings(table, place, formats):
    """Every event through the format of its PMU, as the kernel would have it."""
    if "match" not in table:
        return
    if table.get("formats") not in formats:
        (place / "formats").fail("must name a file of events/formats")
    pmus = formats[table["formats"]]["pmus"]
    for role, event in table["events"].items():
        at = place / "events" / role
        with_pmu = PMU_TERMS.fullmatch(event["e"])
        name, terms = (with_pmu[1], with_pmu[2]) if with_pmu else (event.get("pmu", ""), event["e"])
        pmu = pmus.get(name or "core") or next((pmus[one] for one in pmus if re.fullmatch(name + "_[0-9]+", one)), None)
        if pmu is None:
            (at / "e").fail(f"the formats '{table['formats']}' have no PMU '{name}'")
        check_terms(terms, pmu, at / "e")
        if "sysfs" in event and event["sysfs"] in pmu.get("events", {}):
            check_terms(pmu["events"][event["sysfs"]]["terms"], pmu, at / "sysfs")


def flatten(table_id, tables, places, above=()):
    """The table with all that it inherits by 'like'."""
    table, place = tables[table_id], places[table_id]
    if "like" not in table:
        return without_nulls(table, table["events"])
    if table_id in above:
        (place / "like").fail("goes round in a circle: " + " -> ".join(above + (table_id,)))
    if table["like"] not in tables:
        (place / "like").fail(f"there is no table '{table['like']}'")
    base = flatten(table["like"], tables, places, above + (table_id,))
    if "match" not in base:
        (place / "like").fail("the generic table is everybody's fall-back: it is not inherited")
    merged = {key: base[key] for key in ("pfm", "formats", "width", "counters") if key in base}
    merged.update(table)
    merged["pfm"] = merged.get("pfm") or ""
    merged["constants"] = {**base.get("constants", {}), **table.get("constants", {})}
    events = {**base["events"], **table["events"]}
    events = {**events, **{role: None for role in base.get("without", []) if events.get(role) is None}}
    return without_nulls(merged, events)


def without_nulls(table, events):
    """null says that the CPU does not have a role: it is not inherited, and no fall-back stands in for it."""
    return {**table, "events": {role: event for role, event in events.items() if event is not None},
            "without": [role for role, event in events.items() if event is None]}


def read_tables(paths, roles, formats):
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
    for table_id, table in flat.items():
        check_encodings(table, places[table_id], formats)
    # Sorted, so that the order of the arguments does not matter; the fall-back is the last.
    return [flat[table_id] for table_id in sorted(flat, key=lambda name: (name == "generic", name))]
