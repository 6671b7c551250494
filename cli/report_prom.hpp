#pragma once

#include <pmc/expected.hpp>
#include <pmc/result.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace cli {

struct PromLabel {
    std::string name, value;
};

struct PromForm {
    std::vector<PromLabel> labels{}; ///< on each series; from prom_labels()
    std::size_t max_series = 2000;   ///< rows that would make more are left out, and their series told
};

/// What --label says: KEY=VALUE each. Errors: syntax (no such form, a name that Prometheus does not allow, one of the
/// names that prom_text() gives itself, one twice).
pmc::Expected<std::vector<PromLabel>> prom_labels(const std::vector<std::string>& texts);

/// Prometheus' classic text format, without timestamps: node_exporter's textfile collector takes it as it is.
///
/// Totals, of which intervals are added up: raw counts, which never fall, with the times that their counters were
/// enabled and running. Estimates of multiplexed counters may fall, so they are left to the reader:
///
///     pmc_cycles_total{scope="host",cpu="0",mode="user+kernel"}     pmc_cgroup_cycles_total{cgroup="a",mode="user"}
///     pmc_event_enabled_seconds_total{scope="host",cpu="0",event="cycles"}   pmc_event_running_seconds_total{…}
///     pmc_energy_joules_total{scope="host",domain="package"}        pmc_memory_bytes_total{…,direction="read"}
///     pmc_event_supported{event="cycles"} 1    pmc_metric_supported{metric="llc"} 0
///     pmc_info{uarch="zen4",…} 1               pmc_up 1                    pmc_series_dropped_total 0
///
/// scope is host or process: threads and processes are one. What was not counted is left out, never 0. A label `event`
/// tells events apart whose names come to the same.
std::string prom_text(const pmc::Result& totals, const PromForm& form);

} // namespace cli
