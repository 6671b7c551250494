#pragma once

#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>

namespace pmc {

/// What a Result says of the machine that was measured: host and cpu.
void describe_machine(const MetricSet::State& set, Result& result);

} // namespace pmc
