#pragma once

#include <pmc/statistics.hpp>
#include <pmc/value_series.hpp>

#include <string>
#include <vector>

namespace pmc {

struct Difference;

/// How a value changed from one document's runs to another's.
Change change_of(const ValueSeries& from, const ValueSeries& to);

/// Numbers of runs that were made side by side: from[i] beside to[i].
struct Pairs {
    std::vector<double> from, to;
};
/// Of the runs that count in both: a run whose partner was disturbed has nothing to be compared with.
Pairs pairs_of(const ValueSeries& from, const ValueSeries& to);

/// "+3.8 %"; and "+3.8 % [+3.2, +4.4]".
std::string change_text(double change);
std::string change_text(const Change& change);

/// The differences that forbid a comparison, in words: "the CPU is zen4 now, and was skylake-sp"; empty if none does.
std::string why_incomparable(const std::vector<Difference>& differences);

} // namespace pmc
