#!/usr/bin/env python3
"""What does a run of many cost? 100 runs of true over a bare loop of fork and exec, pmcstat -r and perf stat -r in turn.

    tests/bench/repeats.py PMCSTAT [ROUNDS]

Prints medians in milliseconds for the 100 runs, elapsed and of CPU time, and what pmcstat adds as a ratio of what perf stat
adds, which is aimed at 0.5 at most. Times are this machine's; read the ratios.
"""

import os
import statistics
import time

from running import arguments, cpu_seconds, perf

RUNS = "100"


def milliseconds(argv):
    """Elapsed, and CPU time of the command and all that it waited for."""
    begin = time.monotonic()
    cpu_s = cpu_seconds(argv)
    return (time.monotonic() - begin) * 1e3, cpu_s * 1e3


def main():
    pmcstat, rounds = arguments(__doc__, 30)
    loop = os.path.join(os.path.dirname(pmcstat), "..", "tests", "bench", "spawn_loop")
    contenders = {"a loop": [loop, RUNS, "true"]}
    for events in [], ["-e", "task-clock"]:
        for program in [pmcstat], [perf(), "stat"]:
            argv = [*program, "-r", RUNS, *events, "--", "true"]
            contenders[" ".join([os.path.basename(program[0]), *argv[1:]])] = argv
    times = {name: [] for name in contenders}
    for _ in range(rounds):  # Interleaved: a slow moment of the machine meets all of them.
        for name, argv in contenders.items():
            times[name].append(milliseconds(argv))
    medians = {name: [statistics.median(side) for side in zip(*values)] for name, values in times.items()}
    names = list(medians)
    bare = medians[names[0]]
    print(f"{RUNS} runs of true, median of {rounds} interleaved rounds: elapsed, CPU time; in brackets over the loop")
    for name, (elapsed, cpu) in medians.items():
        over = "" if name == names[0] else f"   ({elapsed - bare[0]:7.1f} ms, {cpu - bare[1]:7.1f} ms)"
        print(f"  {name:38} {elapsed:7.1f} ms  {cpu:7.1f} ms{over}")
    for ours, theirs in (names[1:3], names[3:5]):
        ratios = [(medians[ours][i] - bare[i]) / (medians[theirs][i] - bare[i]) for i in range(2)]
        print(f"  {ours} / perf: elapsed {ratios[0]:.2f}   CPU time {ratios[1]:.2f}")


if __name__ == "__main__":
    main()
