#pragma once

#include <pmc/event.hpp>
#include <pmc/machine.hpp>
#include <pmc/tables.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What can be counted: metrics and events, and what each of them is on one machine. On a machine that is only
/// described (Tables::machine) nothing is tried: what its table has is available there.
namespace pmc {

/// One metric, and how it is made on a machine.
struct MetricInfo {
    struct Value {
        std::string id;      ///< "llc.mpki"
        std::string label;   ///< "llc miss"
        std::string unit;    ///< "misses/kinsn"
        std::string better;  ///< "higher", "lower", or empty
        std::string formula; ///< "1000 * llc_misses / instructions"
        Reason unavailable;  ///< of an optional value that stays away where the metric as a whole can be counted
    };
    /// A name that the formulas use for a part of them.
    struct Let {
        std::string name, formula;
    };
    /// A role of the formulas, and the event that plays it.
    struct Role {
        std::string role;     ///< "llc_misses"
        std::string title;    ///< "LLC misses"
        std::string mode;     ///< "kernel" or "user" where it counts that mode only, else empty
        std::string encoding; ///< "armv8_pmuv3_0/event=0x37/"; empty where no event is known
        std::string counts;   ///< what exactly it counts on this CPU; one sentence, may be empty
        std::string quality =
            "exact";                ///< exact, approx (right level, narrower scope) or proxy (another thing, near it)
        std::string scope = "task"; ///< task, l3, die, package
        std::string counters;       ///< those it can be on: "fixed0,any", "0-3"; empty: any generic one
        std::string pfm;            ///< libpfm4's name for it: "arm_n1::LL_CACHE_MISS_RD"; may be empty
        std::string table; ///< the id of the table that has it; "generic": the fall-back; empty: a software event
        double scale = 1;  ///< value = count × scale, in `unit`
        std::string unit;
        Reason unavailable;
    };
    /// How it is made on one core type.
    struct OnCore {
        std::string pmu;               ///< the core type's PMU; empty: it has none
        std::string table;             ///< the id of its table, "generic" where it has none of its own
        int variant = 1;               ///< the number of the way it is made, as in docs/metrics.md
        std::string quality = "exact"; ///< the worst of its roles
        std::string scope = "task";    ///< the widest of its roles
        std::vector<Value> values;     ///< of the variant that is taken here
        std::vector<Let> lets;         ///< and the numbers of the CPU's table that they use: "width", "8"
        std::vector<Role> roles;       ///< where it is unavailable, those that it would need; those missing say why
        std::vector<Role> also;        ///< counted and shown beside it
        Reason unavailable;            ///< empty where it can be counted
    };

    std::string id;        ///< "llc"
    std::string title;     ///< one sentence
    std::string read;      ///< how to read it; one sentence
    std::string source;    ///< where its formula comes from
    bool standard = false; ///< it is in the default set
    bool exact = false;    ///< the word that was looked for is its id, or that of one of its values
    std::vector<OnCore> cores;
    Reason unavailable; ///< empty where it can be counted on some core type
};

/// One event that can be named in -e.
struct EventInfo {
    std::string name;
    std::string source; ///< "hardware event", "software event", "cache event", "event of table neoverse-n1", "sysfs
                        ///< PMU", "tracepoint", "libpfm4"
    std::string description;
    std::string counts;   ///< what it is on this CPU, where the kernel's name does not say; may be empty
    std::string encoding; ///< empty where it is not known before it is resolved
    std::string quality;  ///< of a table's event: exact, approx, proxy; else empty
    std::string scope;    ///< of a table's event: task, l3, die, package
    std::string pfm;      ///< of a table's event: libpfm4's name for it; may be empty
    Reason unavailable;   ///< only generic and table events are tried
};

/// The sources that have to be read or loaded before their names are known. The kernel's generic names and those of the
/// CPU's table are always listed.
struct EventSources {
    bool sysfs = true;
    bool tracepoints = true; ///< thousands of folders are read
    bool libpfm4 = true;     ///< it is loaded
};

/// Every metric, in the order of the tables, that has `word` (any case, hyphens are underscores; all if empty) in its
/// id, its title, a label, a formula, or the name, title or meaning of an event that it may need here.
PMC_API std::vector<MetricInfo> list_metrics(std::string_view word, const Machine& machine = Machine::host(),
                                             const Tables& tables = Tables::builtin());

/// Every event that has it in its name or description.
PMC_API std::vector<EventInfo> list_events(std::string_view word, const Machine& machine = Machine::host(),
                                           const Tables& tables = Tables::builtin(), EventSources sources = {});

/// All of it: what `pmcstat list` shows.
struct PMC_API Catalog {
    struct Cpu {
        std::string name;              ///< marketing name; may be empty
        std::string id;                ///< "midr-41-d0c"
        std::string table;             ///< "neoverse-n1"; "generic" where it has none of its own
        std::string title;             ///< of the table: "Arm Neoverse N1"
        std::vector<std::string> pmus; ///< of its core types
    };

    std::string word;
    Cpu cpu;
    Reason no_pmu;         ///< why no hardware counter is to be had here; empty where they are
    Reason no_tracepoints; ///< why the tracepoints could not be searched; empty where they were, or were not asked for
    std::vector<MetricInfo> metrics;
    std::vector<EventInfo> events;
    bool is_complete = true; ///< false: a source that had to be loaded was left out, as the word is a metric's id

    /// One JSON document, "pmcstat-list/1".
    [[nodiscard]] std::string to_json() const;

    /// The CPU of a machine, and its table.
    static Cpu cpu_of(const Machine& machine, const Tables& tables = Tables::builtin());
};

/// list_metrics() and list_events() of one word. Where the word is just a metric's id, only sources are searched that
/// need not be loaded.
PMC_API Catalog catalog(std::string_view word, const Machine& machine = Machine::host(),
                        const Tables& tables = Tables::builtin(), EventSources sources = {});

/// The CPUs that there are tables for, as a document of the same schema.
PMC_API std::string to_json(const std::vector<Tables::Cpu>& cpus);

} // namespace pmc
