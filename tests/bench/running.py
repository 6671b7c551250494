"""What the benches share: a command's CPU time; a counting program that runs until it is told to end, and its cost."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

# The command beside the target: it begins when the counters count, says so, and ends when nobody needs it any more.
GATE = ["sh", "-c", "echo started; read end; exit 0"]


def perf():
    path = shutil.which("perf")
    if path is None:
        raise SystemExit("perf is not installed (package linux-perf)")
    return path


def arguments(what, rounds=5):
    """PMCSTAT [ROUNDS] of the command line."""
    if len(sys.argv) < 2:
        raise SystemExit(what)
    return os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else rounds


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
        raise SystemExit(f"{' '.join(argv)} ended with status {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def raise_file_limit():
    """To the hard limit, so that neither has to."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Running:
    """Started, and counting: `start_s` is how long that took."""

    def __init__(self, argv):
        self.argv = argv
        begin = time.monotonic()
        self.process = subprocess.Popen(argv + ["--"] + GATE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline()
        self.start_s = time.monotonic() - begin
        if line != b"started\n":
            raise SystemExit(f"{' '.join(argv)} ended with status {self.process.wait()} before it counted")

    def cpu_s(self):
        """CPU time of all its threads up to now; the kernel's ticks are too coarse for this."""
        folder = f"/proc/{self.process.pid}/task"
        total = 0
        for thread in os.listdir(folder):
            with open(f"{folder}/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def peak_rss(self):
        """Bytes. Not getrusage's, which has that of the program that forked too."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        return 0

    def end(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise SystemExit(f"{' '.join(self.argv)} ended with status {self.process.returncode}")
        self.process.stdout.close()


INTERVAL_MS = 100
INTERVALS = 20


def measure(ours, theirs, rounds):
    """Start, an interval and memory of two programs in turn; `ours` and `theirs` are command lines without -I.

    Returns {what: (ours, theirs)}, medians."""
    found = {what: ([], []) for what in ("start", "start CPU", "interval", "memory")}
    for _ in range(rounds):
        for side, argv in enumerate((ours, theirs)):
            run = Running(argv)
            found["start"][side].append(run.start_s)
            found["start CPU"][side].append(run.cpu_s())
            run.end()
            run = Running(argv + ["-I", str(INTERVAL_MS)])
            time.sleep(3.5 * INTERVAL_MS / 1e3)
            before = run.cpu_s()
            time.sleep(INTERVALS * INTERVAL_MS / 1e3)
            found["interval"][side].append((run.cpu_s() - before) / INTERVALS)
            found["memory"][side].append(run.peak_rss())
            run.end()
    return {what: tuple(statistics.median(values) for values in sides) for what, sides in found.items()}


def table(found):
    """The rows of measure(), and what is aimed at."""
    rows = (("start", "until it counts", 1e3, "ms", 1.0), ("start CPU", "CPU time until then", 1e3, "ms", 1.0),
            ("interval", f"CPU time per interval (-I {INTERVAL_MS})", 1e3, "ms", 0.5),
            ("memory", "memory at most", 2**-20, "MiB", 1.0))
    print(f"  {'':32} {'pmcstat':>12} {'perf stat':>12} {'ratio':>7}   target")
    for what, title, scale, unit, target in rows:
        our, their = (value * scale for value in found[what])
        print(f"  {title:32} {our:8.2f} {unit:3} {their:8.2f} {unit:3} {our / their:7.2f}   <= {target}")
