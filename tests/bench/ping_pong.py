#!/usr/bin/env python3
"""How much slower is a command that does nothing but switch context? Alone, under pmcstat and under perf stat in turn.

    tests/bench/ping_pong.py PMCSTAT [ROUNDS]

PMCSTAT is the build's own: the command is the program ping_pong beside it. Times are the command's own, for a million
switches; read the ratios, which are medians of those of each round."""

import statistics
import subprocess
from pathlib import Path

from running import arguments, perf

SWITCHES = 200_000  # a fifth of a million at a time: slow moments of the machine are longer
EVENTS = "task-clock,context-switches,cpu-migrations,page-faults"


def seconds(argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return float(done.stdout)


def ratio(ours, theirs):
    """Of each round apart, so that what was slow for both is in neither."""
    return statistics.median(our / their for our, their in zip(ours, theirs))


def main():
    pmcstat, rounds = arguments(__doc__, 15)
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
    print(f"a million context switches, 4 events, median of {rounds} interleaved runs")
    for name in contenders:
        seconds_each = statistics.median(times[name]) * 1e6 / SWITCHES
        print(f"  {name:10} {seconds_each:7.3f} s   {ratio(times[name], times['alone']):5.2f} of alone")
    print(f"  pmcstat / perf stat: {ratio(times['pmcstat'], times['perf stat']):.2f}   target <= 1.0")


if __name__ == "__main__":
    main()
