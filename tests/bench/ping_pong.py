#!/usr/bin/env python3
"""How much slower is a command that does nothing but switch context? Alone, under pmcstat and under perf stat in turn.

    tests/bench/ping_pong.py PMCSTAT [ROUNDS]

PMCSTAT is the build's own: the command is the program ping_pong beside it. Times are the command's own; read the
ratios."""

import statistics
import subprocess
from pathlib import Path

from running import arguments, perf

SWITCHES = 1_000_000
EVENTS = "task-clock,context-switches,cpu-migrations,page-faults"


def seconds(argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return float(done.stdout)


def main():
    pmcstat, rounds = arguments(__doc__)
    command = [str(Path(pmcstat).parent.parent / "tests/bench/ping_pong"), str(SWITCHES)]
    contenders = {
        "alone": command,
        "pmcstat": [pmcstat, "-e", EVENTS, "--", *command],
        "perf stat": [perf(), "stat", "-e", EVENTS, "--", *command],
    }
    times = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, argv in contenders.items():
            times[name].append(seconds(argv))
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{SWITCHES} context switches, 4 events, median of {rounds} interleaved runs")
    for name, median in medians.items():
        print(f"  {name:10} {median:7.3f} s   {median / medians['alone']:5.2f} of alone")
    print(f"  pmcstat / perf stat: {medians['pmcstat'] / medians['perf stat']:.2f}   target <= 1.0")


if __name__ == "__main__":
    main()
