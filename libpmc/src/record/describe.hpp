#pragma once

#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>

namespace pmc {

/// What a Result says of the machine that was measured: host and cpu.
void describe_machine(const MetricSet::State& set, Result& result);
/// And what may change there from one day to the next: of repeated runs, which baselines are made of.
void describe_clocking(const Machine& machine, Result::Host& host);

} // namespace pmc
