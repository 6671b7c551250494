#pragma once

#include <pmc/event.hpp>
#include <pmc/machine.hpp>
#include <pmc/tables.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// One metric, as `pmcstat list` shows it.
struct MetricInfo {
    std::string id;    ///< "llc"
    std::string title; ///< one sentence
    std::string read;  ///< how to read it; one sentence
    struct Value {
        std::string id, unit, formula; ///< "llc.mpki", "misses/kinsn", "1000 * llc_misses / instructions"
    };
    std::vector<Value> values;
    std::vector<std::string> events; ///< the events that it would count here: "llc_misses = armv8_pmuv3/event=0x37/"
    Reason unavailable;              ///< empty where it can be counted
};

/// One event that can be named in -e.
struct EventInfo {
    std::string name;
    std::string source; ///< "hardware event", "software event", "cache event", "event of table neoverse-n1", "sysfs
                        ///< PMU", "tracepoint", "libpfm4"
    std::string description;
    std::string encoding; ///< empty where it is not known before it is resolved
    Reason unavailable;   ///< only generic and table events are tried
};

/// Every metric, in the order of the tables, whose id, title, value or role contains `word` (any case; all if empty).
PMC_API std::vector<MetricInfo> list_metrics(std::string_view word, const Machine& machine = Machine::host(),
                                             const Tables& tables = Tables::builtin());

/// Every event of every source, likewise. libpfm4 is loaded for this, tracepoints are read.
PMC_API std::vector<EventInfo> list_events(std::string_view word, const Machine& machine = Machine::host(),
                                           const Tables& tables = Tables::builtin());

} // namespace pmc
