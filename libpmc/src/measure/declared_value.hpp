#pragma once

#include <pmc/measurement.hpp>
#include <pmc/result.hpp>

namespace pmc {

// What is known of a measurement's value without a single run: its name, and why it can't be counted, if it can't.
MeasuredValue declare(const EventCount& event);
MeasuredValue declare(const MetricValue& metric);
/// `is_model`: the time that passes is not the program's.
MeasuredValue declare_seconds(bool is_model);

} // namespace pmc
