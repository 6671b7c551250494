#pragma once

#include "gate/assertion.hpp"

#include <pmc/value_series.hpp>
#include <pmc/verdict.hpp>

#include <optional>
#include <string>

namespace pmc {

/// What an assertion comes to for one value: arithmetic over made-up values in tests.
struct Judgement {
    Outcome outcome = Outcome::unknown;
    std::string found; ///< to be read after "is": "100 (95 % interval 95 to 110), which is not <= 94"
    std::string hint{};
    std::optional<double> limit{}; ///< in the value's unit
    bool is_of_statistic = true;   ///< `found` is about the median, …; otherwise about the value as such
};

Judgement judge(const Assertion& assertion, const ValueSeries& value);

} // namespace pmc
