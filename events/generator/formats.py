"""formats/<id>.json: the format files of the kernel's PMUs, so that events can be encoded for a machine that is not here."""

import re
from pathlib import Path

from .document import Place, check_count, check_number, check_object, check_text, load

PMU_KEYS = {"type", "cpumask", "format", "events"}
FIELD = re.compile(r"(config[12]?):([0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*)")


def width_of(field):
    """The number of bits of "config:0-7,32-35"."""
    return sum(int(last or first) - int(first) + 1 for first, last in re.findall(r"([0-9]+)(?:-([0-9]+))?", field.split(":")[1]))


def check_terms(terms, pmu, place):
    """Each term has a field that is wide enough for its value."""
    for term in terms.split(","):
        name, _, value = term.partition("=")
        field = pmu["format"].get(name)
        if field is None:
            place.fail(f"'{name}' is no term of this PMU, which has {', '.join(pmu['format'])}")
        if int(value or "1", 0) >> width_of(field):
            place.fail(f"the value of '{term}' is too wide: '{name}' is {field}")


def check_formats(document, place):
    check_object(document, {"id", "pmus"}, ("id", "pmus"), place)
    if Path(place.file).stem != document["id"]:
        (place / "id").fail("must be the name of the file")
    check_object(document["pmus"], document["pmus"], ("core",), place / "pmus")
    for name, pmu in document["pmus"].items():
        at = place / "pmus" / name
        check_object(pmu, PMU_KEYS, ("type", "format"), at)
        check_count(pmu["type"], at / "type")
        if "cpumask" in pmu:
            check_text(pmu["cpumask"], at / "cpumask")
        check_object(pmu["format"], pmu["format"], (), at / "format")
        for term, field in pmu["format"].items():
            check_text(field, at / "format" / term, FIELD, "a field (config:8-15)")
        check_object(pmu.get("events", {}), pmu.get("events", {}), (), at / "events")
        for event, known in pmu.get("events", {}).items():
            here = at / "events" / event
            check_object(known, {"terms", "scale", "unit"}, ("terms",), here)
            check_terms(check_text(known["terms"], here / "terms"), pmu, here / "terms")
            check_number(known.get("scale", 1), here / "scale")
            check_text(known.get("unit", "1"), here / "unit")


def read_formats(paths):
    formats = {}
    for path in paths:
        document, place = load(path), Place(path)
        check_formats(document, place)
        formats[document["id"]] = document
    return formats
