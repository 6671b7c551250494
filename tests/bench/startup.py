#!/usr/bin/env python3
"""What does it cost to have a command counted? CPU time over the bare command, pmcstat and perf stat in turn.

    tests/bench/startup.py PMCSTAT [ROUNDS]

Prints medians in milliseconds, and pmcstat's cost as a ratio of perf stat's. Times are this machine's; read the ratio.
"""

import statistics

from running import arguments, cpu_seconds, perf


def main():
    pmcstat, rounds = arguments(__doc__, 60)
    contenders = {
        "true": ["true"],
        "pmcstat -e task-clock -- true": [pmcstat, "-e", "task-clock", "--", "true"],
        "perf stat -e task-clock -- true": [perf(), "stat", "-e", "task-clock", "--", "true"],
        "pmcstat -- true (standard set)": [pmcstat, "--", "true"],
        "perf stat -- true (standard set)": [perf(), "stat", "--", "true"],
    }
    times = {name: [] for name in contenders}
    for _ in range(rounds):  # Interleaved: a slow moment of the machine meets all of them.
        for name, argv in contenders.items():
            times[name].append(cpu_seconds(argv))
    medians = {name: statistics.median(values) * 1e3 for name, values in times.items()}
    bare = medians["true"]
    print(f"CPU time, median of {rounds} interleaved runs")
    for name, median in medians.items():
        over = "" if name == "true" else f"   {median - bare:6.2f} ms over true"
        print(f"  {name:34} {median:7.2f} ms{over}")
    names = list(medians)
    for ours, theirs in ((names[1], names[2]), (names[3], names[4])):
        ratio = (medians[ours] - bare) / (medians[theirs] - bare)
        print(f"  {ours} / {theirs}: {ratio:.2f}")


if __name__ == "__main__":
    main()
