#pragma once

#include <pmc/result.hpp>

#include <string>
#include <string_view>

namespace cli {

/// An event as a counter of Prometheus: "cycles:u" is pmc_cycles_total{mode="user"}.
struct PromCounter {
    std::string name;    ///< of the metric, without "pmc_" and "_total", in base units: "task_clock_seconds"
    std::string event;   ///< that it stands for, without the modifiers that `labels` tell
    std::string help;    ///< a sentence
    std::string labels;  ///< mode="user", or what the name says of the place: domain="package"
    double factor = 1.0; ///< from raw counts to the base unit
};

/// run_mode: what events without a modifier count ("user+kernel").
PromCounter prom_counter(const pmc::EventCount& event, std::string_view run_mode);

/// As a label: name="value", escaped. What is no UTF-8 in the value, which a label must be, is written as \xHH.
std::string prom_label(std::string_view name, std::string_view value);
/// The text behind # HELP NAME.
std::string prom_help(std::string_view text);

/// The raw count in the base unit; never less than before when the raw count is not.
std::string prom_value(std::uint64_t raw, double factor);

} // namespace cli
