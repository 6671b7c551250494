#pragma once

#include "measured.hpp"
#include "options.hpp"
#include "signals.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/target.hpp>

namespace cli {

/// The command against itself, in turns: what stands in the notes of the result is the smallest change of each value
/// that this machine can tell from none.
Measured calibrate(const RunOptions& options, const Signals& signals, const pmc::MetricSet& set,
                   const pmc::Target& target);

} // namespace cli
