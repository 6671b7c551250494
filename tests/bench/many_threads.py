#!/usr/bin/env python3
"""What does it cost to count a process of 2,000 threads? pmcstat -p and perf stat -p in turn, 4 software events.

    tests/bench/many_threads.py PMCSTAT [ROUNDS]

PMCSTAT is the build's own: the process is the program many_threads beside it. Times are this machine's; read the
ratios."""

import subprocess
from pathlib import Path

from running import arguments, measure, perf, raise_file_limit, table

THREADS = 2000
EVENTS = "task-clock,context-switches,cpu-migrations,page-faults"


def main():
    pmcstat, rounds = arguments(__doc__)
    raise_file_limit()
    program = Path(pmcstat).parent.parent / "tests/bench/many_threads"
    with subprocess.Popen([program, str(THREADS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as subject:
        if subject.stdout.readline() != b"ready\n":
            raise SystemExit(f"{program} is not ready")
        target = ["-e", EVENTS, "-p", str(subject.pid)]
        found = measure([pmcstat, *target], [perf(), "stat", *target], rounds)
        subject.stdin.close()
    print(f"-p of {THREADS} threads, 4 events, median of {rounds} interleaved runs")
    table(found)


if __name__ == "__main__":
    main()
