#!/usr/bin/env python3
"""What does it cost to count 1,000 cgroups? pmcstat and perf stat --for-each-cgroup in turn, 4 software events.

    tests/bench/many_cgroups.py PMCSTAT [ROUNDS]

Needs root: it makes the cgroups, empty, and removes them. Times are this machine's; read the ratios."""

import contextlib
import os
import signal
from pathlib import Path

from running import arguments, measure, perf, raise_file_limit, table

CGROUPS = 1000
EVENTS = "task-clock,context-switches,cpu-migrations,page-faults"


def hierarchy():
    """Where the cgroups are that perf events can be bound to."""
    unified = None
    for line in Path("/proc/self/mounts").read_text("utf-8").splitlines():
        _, point, kind, options, *_ = line.split()
        if kind == "cgroup" and "perf_event" in options.split(","):
            return Path(point)
        if kind == "cgroup2" and unified is None:
            unified = Path(point)
    if unified is None:
        raise SystemExit("no cgroup hierarchy that perf_event is in is mounted")
    return unified


@contextlib.contextmanager
def cgroups(name, count):
    """So many of them within one, for as long as the block lasts."""
    top = hierarchy() / name
    made = []
    try:
        for path in (top, *(top / f"c{i:04}" for i in range(count))):
            path.mkdir()
            made.append(path)
        yield
    finally:
        for path in reversed(made):
            path.rmdir()


def main():
    pmcstat, rounds = arguments(__doc__)
    raise_file_limit()
    signal.signal(signal.SIGTERM, lambda *_: exit(1)) # so that the cgroups go
    name = f"pmc-bench-{os.getpid()}"
    target = ["-a", "-e", EVENTS, "--for-each-cgroup", f"^{name}/c"]
    with cgroups(name, CGROUPS):
        found = measure([pmcstat, *target], [perf(), "stat", *target], rounds)
    print(f"--for-each-cgroup of {CGROUPS}, 4 events, median of {rounds} interleaved runs")
    table(found)


if __name__ == "__main__":
    main()
