#!/usr/bin/env python3
"""What does it cost to have a command counted? CPU time over the bare command, pmcstat and perf stat in turn.

    tests/bench/startup.py PMCSTAT [ROUNDS]

Prints medians in milliseconds, and pmcstat's cost as a ratio of perf stat's. Times are this machine's; read the ratio.
"""

import os
import shutil
import statistics
import sys


def cpu_seconds(argv):
    """CPU time, user and system, of a command and all that it waited for."""
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.execvp(argv[0], argv)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        raise SystemExit(f"{argv[0]} ended with status {status}")
    return usage.ru_utime + usage.ru_stime


def main():
    pmcstat = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    perf = shutil.which("perf")
    if perf is None:
        raise SystemExit("perf is not installed (package linux-perf)")
    contenders = {
        "true": ["true"],
        "pmcstat -e task-clock -- true": [pmcstat, "-e", "task-clock", "--", "true"],
        "perf stat -e task-clock -- true": [perf, "stat", "-e", "task-clock", "--", "true"],
        "pmcstat -- true (standard set)": [pmcstat, "--", "true"],
        "perf stat -- true (standard set)": [perf, "stat", "--", "true"],
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
