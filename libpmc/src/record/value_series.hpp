#pragma once

#include <pmc/value_series.hpp>

#include <cstdint>
#include <vector>

namespace pmc::record {

/// What becomes of an event that several core types counted.
enum class CoreTypes : std::uint8_t {
    apart, ///< a value of each
    summed ///< of each run the sum, where those without a count never ran. Metrics, as ratios, stay apart
};

/// As pmc::series_of().
std::vector<ValueSeries> series_of(const Result& result, CoreTypes core_types);

} // namespace pmc::record
