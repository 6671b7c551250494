#pragma once

#include "gate.hpp"
#include "measured.hpp"
#include "options.hpp"
#include "signals.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/target.hpp>

namespace cli {

/// How often a command runs where nobody says.
inline constexpr unsigned usual_runs = 10;

/// Runs the command as often as was asked for; where a gate wants more to come to a verdict, more often.
Measured run_repeatedly(const RunOptions& options, const Signals& signals, const pmc::MetricSet& set,
                        const pmc::Target& target, const Gate& gate);

} // namespace cli
