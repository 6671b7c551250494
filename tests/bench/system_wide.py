#!/usr/bin/env python3
"""What does it cost to count all CPUs a hundred times a second? pmcstat and perf stat in turn, 6 software events.

    tests/bench/system_wide.py PMCSTAT [ROUNDS]

Prints CPU time, all that it took from start to end, for 10 s. Read the ratios, which are to be 0.5 at most."""

import statistics

from running import arguments, cpu_seconds, perf

SECONDS = 10
EVENTS = "task-clock,context-switches,cpu-migrations,page-faults,minor-faults,major-faults"


def main():
    pmcstat, rounds = arguments(__doc__)
    common = ["-a", "-I", "10", "-e", EVENTS]
    command = ["--", "sleep", str(SECONDS)]
    print(f"CPU time of -a -I 10 for {SECONDS} s, 6 events, median of {rounds} interleaved runs")
    print(f"  {'':10} {'pmcstat':>12} {'perf stat':>12} {'ratio':>7}   target")
    for title, form in (("text", []), ("-x,", ["-x,"]), ("-j", ["-j"])):
        times = ([], [])
        for _ in range(rounds):
            times[0].append(cpu_seconds([pmcstat, *common, *form, *command]))
            times[1].append(cpu_seconds([perf(), "stat", *common, *form, *command]))
        our, their = (statistics.median(values) * 1e3 for values in times)
        print(f"  {title:10} {our:9.1f} ms {their:9.1f} ms {our / their:7.2f}   <= 0.5", flush=True)


if __name__ == "__main__":
    main()
