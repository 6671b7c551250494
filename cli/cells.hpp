#pragma once

#include <pmc/result.hpp>
#include <pmc/value_series.hpp>

#include <string>
#include <string_view>
#include <vector>

/// How people are shown one value, or that there is none.
namespace cli {

inline constexpr double full_coverage = 0.9995; ///< below it, the coverage is shown

/// "1.61", "23.8 %", "~0.9 ns" of a model. Not in a number's own column: the label says what is per cycle and the like.
std::string value_text(const pmc::MetricValue& metric);
/// The same without its unit.
std::string number_text(const pmc::MetricValue& metric);
/// "~" before what is of a model; of what was measured nothing.
const char* model_mark(std::string_view source);
/// "n/a", "not counted", "-" (nothing to divide by).
const char* missing_text(const pmc::MetricValue& metric);
const char* missing_text(const pmc::EventCount& event);
const char* missing_text(const pmc::ValueSeries& series);
/// Whether people are shown it: what a metric needed stands in the document alone.
bool is_shown(const pmc::ValueSeries& series);
/// Why there is none; what is missing for want of hardware counters is told at the top.
std::string why_not(const pmc::Result& result, const pmc::Reason& reason);
/// "counted 33.1 %: " where it was not counted all the time.
std::string coverage_note(double coverage);
/// "ipc (cpu_core)"; on machines with one core type, the name.
std::string with_core(const std::string& name, const std::string& core);

/// "region parse", "cpu 3"; empty for what was counted as a whole.
std::string row_name(const std::string& scope, const std::string& id);

/// What to do, a line each, the machine's own first.
std::string hint_lines(const pmc::Result& result, const std::vector<pmc::Sample>& samples);

} // namespace cli
