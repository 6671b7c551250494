#!/usr/bin/env python3
"""What does the model cost beside the tool that makes it? CPU time of a program under pmcstat --backend model and under
bare valgrind with the same options, in turn.

    tests/bench/model.py PMCSTAT [ROUNDS]

Prints medians in seconds, and the ratio, which is aimed at 1.05 at most. Both include that valgrind starts.
"""

import os
import statistics

from running import arguments, cpu_seconds

GEOMETRY = ["--I1=32768,8,64", "--D1=32768,8,64", "--LL=8388608,16,64"]


def valgrind(caches, branches):
    return ["setarch", "-R", "valgrind", "--tool=cachegrind", "--command-line-only=yes", "--vgdb=no", "--trace-children=yes",
            "--cachegrind-out-file=/dev/null", f"--cache-sim={caches}", f"--branch-sim={branches}", *GEOMETRY, "--"]


def main():
    pmcstat, rounds = arguments(__doc__)
    walk = [os.path.join(os.path.dirname(pmcstat), "..", "tests", "system", "stride_walk"), "64", "20"]
    if not os.path.exists(walk[0]):
        walk = ["sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"]
    bare = statistics.median(cpu_seconds(walk) for _ in range(rounds))
    print(f"CPU time of {' '.join(walk)}, median of {rounds} interleaved runs; bare {bare:.3f} s")
    for title, events, options in (("instructions alone", "instructions", ("no", "no")),
                                   ("with caches", "ipc,llc", ("yes", "no")),
                                   ("with caches and branches", "ipc,llc,branch", ("yes", "yes"))):
        times = ([], [])
        for _ in range(rounds):  # Interleaved: a slow moment of the machine meets both.
            times[0].append(cpu_seconds([pmcstat, "--backend", "model", "-e", events, "--", *walk]))
            times[1].append(cpu_seconds([*valgrind(*options), *walk]))
        ours, theirs = (statistics.median(side) for side in times)
        print(f"  {title:26} pmcstat {ours:7.3f} s   valgrind {theirs:7.3f} s   ratio {ours / theirs:5.3f}")


if __name__ == "__main__":
    main()
