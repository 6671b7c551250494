#pragma once

#include <pmc/check.hpp>
#include <pmc/count.hpp>
#include <pmc/event.hpp>
#include <pmc/expected.hpp>
#include <pmc/statistics.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// What one more group counted of an event.
struct GroupedCount {
    int group = -1;
    Count count;
    Reason reason{}; ///< why it was not counted there
};

/// One event of a sample: the raw count with its times, or the reason why there is none.
struct EventCount {
    std::string name;     ///< as asked for: "cycles:u"
    std::string encoding; ///< "armv8_pmuv3/event=0x11/"
    /// Of an event of one of several core types (`core`), enabled_ns is the time on cores of that type, out of all its
    /// groups: elsewhere it is not missed, so coverage and scaling are about that time alone.
    Count count;
    double scale = 1.0;                 ///< value = scaled count × scale
    std::string unit;                   ///< of the scaled value; empty for a plain number
    int group = -1;                     ///< the kernel group it was counted in; -1: in none
    bool asked = false;                 ///< the user named it; otherwise a metric needed it
    Reason reason;                      ///< why it was not counted
    std::vector<GroupedCount> others{}; ///< counts of other groups, where several metrics need it in theirs
    std::string core{};                 ///< with several core types: the PMU of those it was counted on; else empty
    std::string source = "measured";    ///< or "model"

    [[nodiscard]] bool has_value() const noexcept { return count.has_value(); }
    /// In `unit`; throws Error when not counted.
    [[nodiscard]] double value() const { return count.value() * scale; }
};

/// A number that a metric's value was made of: "9.843 G instructions".
struct Operand {
    std::string role;  ///< "instructions"
    std::string title; ///< for people: "LLC misses"
    double value = 0;  ///< in `unit`
    std::string unit;  ///< "" for a plain count, "ns", "s", …
};

/// One value of a metric, or the reason why there is none.
struct MetricValue {
    std::string id;     ///< stable on every CPU: "ipc", "llc.mpki"
    std::string metric; ///< the metric it belongs to: "llc"
    std::string label;  ///< for people: "llc miss"
    std::string unit;   ///< "insn/cycle", "%", "misses/kinsn"
    double number = 0;  ///< read it by value(); meaningless unless state is counted
    State state = State::not_available;
    Reason reason;
    double coverage = 0;             ///< the least coverage of its events, 0 to 1
    std::string quality = "exact";   ///< exact, approx (right level, narrower scope) or proxy (another thing, near it)
    std::string scope = "task";      ///< task, l3, die, package
    std::string source = "measured"; ///< or "model"
    std::string note;                ///< what exactly it counts on this CPU; may be empty
    std::vector<Operand> operands;   ///< numerator first
    std::vector<Operand> also;       ///< counts shown beside it
    int group = -1;                  ///< the kernel group that its counts are of; -1: none, or several
    std::string formula;             ///< of a metric that the user defined; empty for those of the tables
    std::string core;   ///< as EventCount::core: with several core types an id stands once for each, or has none
    std::string better; ///< "higher", "lower", or empty: neither by itself
    bool asked = true;  ///< the user named it; otherwise it is of the standard set

    [[nodiscard]] bool has_value() const noexcept { return state == State::counted; }
    [[nodiscard]] double value() const; ///< throws Error with the reason when there is none
};

/// How a region of a program was used, all threads taken together.
struct RegionUse {
    int pid = 0;                 ///< the process
    std::uint64_t calls = 0;     ///< scopes that ended and were measured
    std::uint64_t threads = 0;   ///< that had such calls
    std::uint64_t openings = 0;  ///< calls that had to open the thread's counters first: see attach_thread()
    std::uint64_t uncounted = 0; ///< calls of which only the time is known: the counts are of the others
    std::uint64_t dropped = 0;   ///< scopes that are in no number here: ended on another thread, nested too deep, …
    double time_s = 0;           ///< elapsed within it, summed over threads; of recursive calls the outermost
    Reason reason;               ///< why calls are uncounted; empty if none is
};

/// What the runs of something that was measured repeatedly came to, for one event or metric of one row.
struct Statistic {
    std::string name; ///< of an event ("instructions:u"), a metric's id ("llc.mpki"), or "time": the run's own, elapsed
    std::string scope,
        id;           ///< the row, as Sample has it; both empty: the command, or whatever the runs are of as a whole
    std::string core; ///< as EventCount::core
    std::string unit; ///< "s", "insn/cycle", …; empty for a plain count
    std::string source = "measured"; ///< or "model"
    Summary summary;                 ///< over the runs that count: no warm-up, not disturbed
    /// Which runs are far from the others (Sample::run). Told, not left out.
    std::vector<int> outliers{};
};

/// What was measured in one scope over one interval of one run.
struct Sample {
    int run = 0;
    /// process (or several), thread, cpu, core, socket, node, cgroup; system: all CPUs that are counted, as one;
    /// region: a region of a program with all that it calls; region_self: the same without the regions within it.
    std::string scope = "process";
    /// "4121", "4121,4125" (several processes as one); the CPU's number; "S0-D0-C0", "S0", "N0"; the cgroup's path; the
    /// CPUs as a list ("0-3", of system); the region's name.
    std::string id;
    std::string name{};   ///< of a thread or process, as /proc has it; may be empty
    std::string cgroup{}; ///< of rows of CPUs that are counted for one cgroup
    unsigned cpus = 0;    ///< how many are in the row: of core, socket, node, system, cgroup
    bool summary = false; ///< the total of what other samples of the document tell in intervals
    double start_s = 0;
    double end_s = 0;
    double paused_s = 0; ///< of that time the counters were off (Session::disable()): rates are over the rest
    std::vector<EventCount> events;
    std::vector<MetricValue> metrics;
    std::optional<RegionUse> region{}; ///< of the scopes region and region_self

    /// As it stands in a document, on one line, without the newline.
    [[nodiscard]] PMC_API std::string to_json() const;
};

/// The one document: everything that a report or a verdict is made from.
struct PMC_API Result {
    struct Host {
        std::string kernel, arch, hypervisor;
        unsigned cpus = 0;
        int paranoid = 2;
        std::optional<bool> smt{}; ///< cores run two threads, which share slots and counters; empty: not known
        // What may change from one day to the next. Known of repeated runs; empty where it is not known.
        std::string microcode{};     ///< its revision: "0x2007006"
        std::string governor{};      ///< of the clock rate (cpufreq): "performance"
        std::optional<bool> boost{}; ///< clock rates above the nominal one are allowed
    };
    struct Cpu {
        std::string name;  ///< marketing name
        std::string id;    ///< "midr-41-d0c"
        std::string table; ///< "neoverse-n1", "generic"
        std::vector<std::string> pmus;
    };
    struct Run {
        std::vector<std::string> argv;
        /// What was counted, if not (only) the command, for people: "process 4121 (nginx)", "CPUs 0-7", "cgroup a".
        std::string target{};
        int pid = 0;
        int status = 0; ///< the exit status, 128+N if signal N ended it
        std::string mode = "user+kernel";
        bool inherit = true;              ///< its threads and children are in the counts
        std::string backend = "hardware"; ///< or "software": no PMU was there to count; "model": valgrind counted
        double elapsed_s = 0, user_s = 0, sys_s = 0;
        std::int64_t max_rss_bytes = 0;
        /// Of "model": valgrind's tool and version, its caches and what a cycle is made of, in full. Numbers of two
        /// models can't be compared.
        std::string model{};
        // Of repeated runs:
        std::optional<int> cpu{}; ///< the one it was pinned to
        bool fixed_addresses = false, fixed_environment = false;
        std::int64_t involuntary_switches = 0; ///< of all its processes that were waited for
        std::int64_t migrations = -1;          ///< to another CPU; -1: not counted
        bool warmup = false;                   ///< before those that count
        std::string disturbed{};               ///< why it does not count: "migrated though pinned"; empty if it does
    };
    /// That the runs are those of one command again and again, and not passes.
    struct Repeats {
        unsigned runs = 0;      ///< that count
        unsigned warmup = 0;    ///< before them
        unsigned disturbed = 0; ///< that were replaced
        unsigned failed = 0;    ///< that ended with a status other than 0
        std::string ended{}; ///< why there are fewer runs than asked for: "run 3 ended with status 1"; empty otherwise
        bool allow_failures = false; ///< runs that failed count like the others
    };

    std::string schema = "pmcstat/1";
    std::string tool;
    Host host;
    Cpu cpu;
    Run run; ///< the last one, where there were several
    std::vector<Run>
        runs;      ///< by Sample::run, where there were several: of each what is its own, from pid to max_rss_bytes
    Reason no_pmu; ///< why no hardware counter was available; empty where one was
    /// What else there is to know, a sentence each: "PMC_EVENTS: unknown event 'cylces'".
    std::vector<std::string> notes{};
    std::vector<std::string> plan;
    std::vector<Sample> samples;
    std::optional<Repeats> repeats{};
    std::vector<Statistic> statistics{}; ///< of repeated runs, and of what measure() found
    std::vector<Check> verdicts{};       ///< what gates said of it

    /// One JSON document, UTF-8, two spaces of indent, the C locale's numbers. Counts are exact integers.
    [[nodiscard]] std::string to_json() const;
    /// Errors: format, with the place in the document.
    static Expected<Result> from_json(std::string_view text);
};

} // namespace pmc
