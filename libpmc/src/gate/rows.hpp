#pragma once

#include "record/value_series.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The values of a document that gates are about, found by name.
namespace pmc {

/// In any case, a hyphen is an underscore, and both "time" and "seconds" are what elapsed.
bool is_named(const ValueSeries& series, std::string_view name) noexcept;

/// Those of one region, if it is named; else all, but for what regions have without the regions within them: that
/// changes whenever code moves from one to the other. Events are summed over core types, as no part of a cost may pass
/// for the whole.
std::vector<ValueSeries> gated_values(const Result& result, std::string_view region,
                                      record::CoreTypes core_types = record::CoreTypes::summed);

/// Of one of several core types, on which nothing ran.
bool never_ran(const ValueSeries& series) noexcept;

/// The same value in another document; null if it does not have it.
const ValueSeries* find_same(const std::vector<ValueSeries>& values, const ValueSeries& like) noexcept;

/// "ipc", or "ipc (cpu_core)" with several core types.
std::string full_name(const ValueSeries& series);

/// What to do about a name that nothing has: "did you mean 'llc.mpki'?", or what there is.
std::string hint_for(std::string_view name, const std::vector<std::string>& known);
std::vector<std::string> names_of(const std::vector<ValueSeries>& values);
/// The regions that a document has.
std::vector<std::string> regions_of(const Result& result);

} // namespace pmc
