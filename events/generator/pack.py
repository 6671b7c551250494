"""Packs the tables into one text and one array of numbers that point into it; libpmc/src/table/packed.cpp reads them.

No pointers: nothing of them has to be relocated when a program starts, and a text that stands in ten tables is stored once.
"""

import struct

from .cpu_table import FIXED_COUNTERS, PMU_TERMS, alternatives

LENGTH_BITS = 12


class Packer:
    def __init__(self):
        self.blob, self.offsets, self.words = bytearray(), {}, []

    def text(self, text):
        data = text.encode("utf-8")
        if len(data) >= 1 << LENGTH_BITS:
            raise ValueError(f"a text is too long: {text[:60]}…")
        if data not in self.offsets:
            found = self.blob.find(data)
            self.offsets[data] = found if found >= 0 else len(self.blob)
            if found < 0:
                self.blob += data
        self.words.append(self.offsets[data] << LENGTH_BITS | len(data))

    def texts(self, *texts):
        for text in texts:
            self.text(text)

    def number(self, number):
        self.words.append(int(number))

    def real(self, number):
        self.words.extend(struct.unpack("<II", struct.pack("<d", float(number))))

    def list(self, items, pack):
        self.number(len(items))
        for item in items:
            pack(item)

    # ---- CPUs ----

    def role_event(self, role_and_event):
        role, event = role_and_event
        with_pmu = PMU_TERMS.fullmatch(event.get("e", ""))
        pmu, terms = (with_pmu[1], with_pmu[2]) if with_pmu else (event.get("pmu", ""), event.get("e", ""))
        self.texts(role, pmu, terms, *(event.get(key, "") for key in ("generic", "only", "pfm", "sysfs")))
        self.real(event.get("scale", 1))
        self.texts(event.get("unit", ""), event.get("on", ""), event.get("quality", "exact"), event.get("scope", "task"),
                   event.get("counts", ""))

    def constant(self, item):
        self.text(item[0])
        self.real(item[1])

    def cpu_table(self, table):
        start = len(self.words)
        self.texts(table["id"], table.get("pmu", ""))
        self.list(table.get("match", []), self.text)
        self.texts(table["title"], table.get("pfm", ""), table.get("formats", ""))
        counters = table.get("counters", {"generic": 0})
        self.number(table.get("width", 0))
        self.number(counters["generic"])
        for name in FIXED_COUNTERS:
            self.number(name in counters.get("fixed", []))
        self.number(counters.get("alone", 0))
        self.list(list(table.get("constants", {}).items()), self.constant)
        self.list([(role, one) for role, event in table["events"].items() for one in alternatives(event)], self.role_event)
        self.list([(name, vendor, text) for name, meanings in table.get("names", {}).items()
                   for vendor, text in meanings.items()], lambda name: self.texts(*name))
        self.list(table.get("without", []), self.text)
        return start

    def pmu_formats(self, item):
        name, pmu = item
        self.text(name)
        self.number(pmu["type"])
        self.text(pmu.get("cpumask", ""))
        self.list(list(pmu["format"].items()), lambda field: self.texts(*field))
        self.list(list(pmu.get("events", {}).items()), lambda event: self.texts(
            event[0], event[1]["terms"], repr(event[1]["scale"]) if "scale" in event[1] else "", event[1].get("unit", "")))

    def formats(self, document):
        start = len(self.words)
        self.text(document["id"])
        self.list(list(document["pmus"].items()), self.pmu_formats)
        return start

    # ---- metrics ----

    def value(self, value):
        self.texts(*(value.get(key, "") for key in ("id", "label", "unit", "formula", "better")))
        self.number(value.get("optional", False))

    def variant(self, variant):
        self.list(variant["needs"], self.text)
        self.list(list(variant["lets"].items()), lambda let: self.texts(let[0], let[1].text))
        self.list(variant["values"], self.value)
        self.texts(variant["leader"], "" if variant["smt"] == "any" else variant["smt"])
        self.number(variant["strict"])

    def metric(self, metric):
        self.texts(*(metric[key] for key in ("id", "title", "read", "source")))
        self.list(metric["variants"], self.variant)
        self.list(metric["also"], self.text)
        self.number(metric["standard"])

    def role(self, item):
        role, info = item
        self.texts(role, *(info.get(key, "") for key in ("title", "unit", "of", "mode")))

    def listing(self, items, pack):
        start = len(self.words)
        self.list(items, pack)
        return start


def literal(data):
    escaped = ""
    for byte in data:
        character = chr(byte)
        # Octal, three digits: a hexadecimal escape would swallow the digits that follow it.
        escaped += "\\" + character if character in '"\\?' else character if 32 <= byte < 127 else f"\\{byte:03o}"
    return f'"{escaped}"'


def numbers(name, values):
    lines = [", ".join(map(str, values[i:i + 16])) for i in range(0, len(values), 16)]
    return f"const std::uint32_t {name}[] = {{\n    " + ",\n    ".join(lines) + "};\n"


def packed_tables(tables, formats, metrics, roles, constants):
    """The C++ of libpmc/src/table/packed.hpp's data."""
    packer = Packer()
    table_starts = [packer.cpu_table(table) for table in tables]
    format_starts = [packer.formats(document) for document in formats.values()]
    metrics_start = packer.listing(metrics, packer.metric)
    roles_start = packer.listing(list(roles.items()), packer.role)
    constants_start = packer.listing(constants, packer.text)
    blob = bytes(packer.blob)
    text = "\n".join("    " + literal(blob[i:i + 100]) for i in range(0, len(blob), 100))
    return "".join([
        "// Made by events/generate.py from the tables in events/. Do not edit.\n",
        '#include "table/packed.hpp"\n\nnamespace pmc::packed {\n\n',
        f"const char text[] =\n{text};\n", numbers("words", packer.words), numbers("cpu_tables", table_starts),
        f"const std::size_t cpu_table_count = {len(table_starts)};\n", numbers("formats", format_starts),
        f"const std::size_t formats_count = {len(format_starts)};\n",
        f"const std::uint32_t metrics = {metrics_start};\nconst std::uint32_t roles = {roles_start};\n",
        f"const std::uint32_t constants = {constants_start};\n\n}} // namespace pmc::packed\n"])
