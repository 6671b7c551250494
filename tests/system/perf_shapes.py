#!/usr/bin/env python3
"""usage: tests/system/perf_shapes.py [--interval] [--summary] [--place PLACE] [--cgroup] (-x SEP | -j) [FILE]

Whether the lines of FILE (or stdin) are those of `perf stat -x SEP` or `-j`, as perf 6.1 writes them with -I (--interval),
--summary, with rows for each PLACE (cpu, core, socket, node or thread) and for cgroups. Written from what perf's sources and
perf itself do, not from pmcstat. Prints what is wrong; the exit status is 1 if anything is.

    -x   [time,][place,[number of CPUs,]]value,unit,event,[cgroup,]run_ns,run_percent,metric,metric_unit
    -j   {"interval", one of cpu core socket node thread, "aggregate-number", "counter-value", "unit", "event", "cgroup",
          "event-runtime", "pcnt-running", "metric-value", "metric-unit"}, those that apply, in this order
"""
import argparse
import json
import re
import sys
from dataclasses import dataclass

PLACES = {
    "cpu": r"CPU\d+",
    "core": r"S\d+-D\d+-C\d+",
    "socket": r"S\d+",
    "node": r"N\d+",
    "thread": r".+-\d+",
}
COUNTED_PLACES = ("core", "socket", "node")  # those with the number of CPUs in them
INTERVAL = re.compile(r" *\d+\.\d{9}")
NO_VALUE = ("<not counted>", "<not supported>")


@dataclass(frozen=True)
class Shape:
    separator: str | None  # None: JSON
    interval: bool = False
    summary: bool = False
    place: str | None = None
    cgroup: bool = False


@dataclass
class Line:
    """What either form tells. Of a line that only adds a metric to the one above, event is None."""

    time: str | None = None  # "summary"
    place: str | None = None
    cpus: int | None = None
    value: str | None = None
    unit: str | None = None
    event: str | None = None
    cgroup: str | None = None
    run_ns: int | None = None
    run_percent: str | None = None
    metric: str | None = None
    metric_unit: str | None = None


class Wrong(Exception):
    pass


def expect(pattern, text, what):
    if not re.fullmatch(pattern, text):
        raise Wrong(f"{what} is {text!r}")
    return text


def parse_csv(text, shape):
    fields = text.split(shape.separator)
    # A thread's name may have the separator in it: perf quotes nothing.
    wanted = 7 + shape.interval + (shape.place is not None) + (shape.place in COUNTED_PLACES) + shape.cgroup
    if len(fields) != wanted:
        raise Wrong(f"{len(fields)} fields instead of {wanted}")
    line = Line()
    if shape.interval:
        line.time = fields.pop(0)
        if len(line.time) < 16:
            raise Wrong(f"time {line.time!r} is narrower than 16")
        if not (shape.summary and line.time == "         summary"):
            expect(INTERVAL, line.time, "time")
        line.time = line.time.strip()
    if shape.place:
        line.place = expect(PLACES[shape.place], fields.pop(0), "place")
    if shape.place in COUNTED_PLACES:
        line.cpus = int(expect(r"[1-9]\d*", fields.pop(0), "the number of CPUs"))
    value, unit, event = fields[:3]
    cgroup = fields[3] if shape.cgroup else None
    run, percent, metric, metric_unit = fields[-4:]
    if metric or metric_unit:
        line.metric = expect(r"-?\d+\.\d{3}", metric, "metric value")
        line.metric_unit = expect(r"\S.*", metric_unit, "metric unit")
    if not any((value, unit, event, cgroup, run, percent)):
        if line.metric is None:
            raise Wrong("neither an event nor a metric")
        return line
    line.value = value if value in NO_VALUE else expect(r"-?\d+(\.\d\d)?", value, "value")
    line.unit = unit
    line.event = expect(r"\S.*", event, "event")
    line.cgroup = cgroup if cgroup is None else expect(r".+", cgroup, "cgroup")
    line.run_ns = int(expect(r"\d+", run, "running time"))
    line.run_percent = expect(r"\d+\.\d\d", percent, "running share")
    return line


def keys_of(shape, is_summary, is_continuation):
    keys = []
    if shape.interval and not is_summary:
        keys.append("interval")
    if shape.place:
        keys.append(shape.place)
    if shape.place in COUNTED_PLACES:
        keys.append("aggregate-number")
    if not is_continuation:
        keys += ["counter-value", "unit", "event"] + ["cgroup"] * shape.cgroup + ["event-runtime", "pcnt-running"]
    return keys + ["metric-value", "metric-unit"]


def parse_json(text, shape):
    if not text.startswith("{") or not text.endswith("}"):
        raise Wrong("not an object alone on its line")
    pairs = json.loads(text, object_pairs_hook=list, parse_float=str, parse_int=str)
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise Wrong("a key stands twice")
    if re.sub(r'"(?:[^"\\]|\\.)*"', '""', text).count('"" : ') != len(keys):
        raise Wrong("not a space on each side of the colons")
    line = Line(**{
        field: value
        for key, value in pairs
        if (field := {"counter-value": "value", "unit": "unit", "event": "event", "cgroup": "cgroup", "interval": "time",
                      "pcnt-running": "run_percent", "metric-unit": "metric_unit"}.get(key))
    })
    values = dict(pairs)
    is_summary = shape.summary and "interval" not in values
    if is_summary:
        line.time = "summary"
    elif shape.interval:
        expect(r"\d+\.\d{9}", line.time or "", "interval")
    if keys != keys_of(shape, is_summary, line.event is None):
        raise Wrong(f"keys {keys}")
    if shape.place:
        line.place = values[shape.place]
        expect(r"\d+" if shape.place == "cpu" else PLACES[shape.place], line.place, shape.place)
    if shape.place in COUNTED_PLACES:
        line.cpus = int(expect(r"[1-9]\d*", values["aggregate-number"], "aggregate-number"))
    expect(r"-?\d+\.\d{6}", values["metric-value"], "metric-value")
    line.metric = values["metric-value"] if line.metric_unit else None
    if line.event is None:
        return line
    if line.value not in NO_VALUE:
        expect(r"-?\d+\.\d{6}", line.value, "counter-value")
    line.run_ns = int(expect(r"\d+", values["event-runtime"], "event-runtime"))
    expect(r"\d+\.\d\d", line.run_percent, "pcnt-running")
    # Numbers are numbers, everything else is text.
    for key in ("counter-value", "unit", "event"):
        if not re.search(rf'"{key}" : "', text):
            raise Wrong(f"{key} is no string")
    return line


def parse(text, shape):
    """The lines, and what is wrong with them, a sentence each."""
    lines, wrong = [], []
    if text and not text.endswith("\n"):
        wrong.append("the last line does not end")
    for number, one in enumerate(text.splitlines(), 1):
        try:
            line = parse_csv(one, shape) if shape.separator is not None else parse_json(one, shape)
            if line.value in NO_VALUE and (line.run_ns != 0 or line.metric is not None):
                raise Wrong("it was not counted, but has a time or a metric")
            if line.event is None and not lines:
                raise Wrong("one more metric of nothing")
            lines.append(line)
        except (Wrong, ValueError) as error:
            wrong.append(f"line {number}: {error}: {one}")
    return lines, wrong


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n", 1)[0].removeprefix("usage: "))
    parser.add_argument("--interval", action="store_true")
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--place", choices=PLACES)
    parser.add_argument("--cgroup", action="store_true")
    form = parser.add_mutually_exclusive_group(required=True)
    form.add_argument("-x", dest="separator")
    form.add_argument("-j", dest="json", action="store_true")
    parser.add_argument("file", nargs="?", type=argparse.FileType(encoding="utf-8"), default=sys.stdin)
    options = parser.parse_args()
    shape = Shape(options.separator, options.interval, options.summary, options.place, options.cgroup)
    lines, wrong = parse(options.file.read(), shape)
    for what in wrong if lines or wrong else ["there is no line"]:
        print(what)
    return 1 if wrong or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
