#pragma once

#include <pmc/result.hpp>

#include <string>
#include <string_view>

namespace cli {

/// The lines of `perf stat -x SEP`, field by field as perf 6.1 writes them: value, unit, event, running ns, running %,
/// metric value, metric unit. Nothing is quoted, as there: choose a separator that no event's name has.
std::string perf_csv(const pmc::Result& result, std::string_view separator);

/// The lines of `perf stat -j`: an object a line, its keys in perf's order.
std::string perf_json(const pmc::Result& result);

} // namespace cli
