#pragma once

#include <pmc/reason.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace pmc::record {

/// What a terminal shows as it stands; everything else, what turns the order of letters too, as '?'. For texts of other
/// people: names, a recording's reasons.
std::string printable(std::string text);
/// How many columns a text takes: of UTF-8 every character one.
std::size_t width(std::string_view text);
/// No wider than that: what is cut ends with "...".
std::string shortened(std::string text, std::size_t most);

/// In short, for each line that lacks a value: why there are no counters at all, which is told in full once.
std::string_view no_counters_text(Cause cause) noexcept;

} // namespace pmc::record
