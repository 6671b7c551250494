#pragma once

#include <pmc/reason.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace pmc::record {

/// What a terminal shows as it stands; everything else as '?'. For texts of other people: names, a recording's reasons.
std::string printable(std::string text);
/// How many columns a text takes: of UTF-8 every character one.
std::size_t width(std::string_view text);
/// No wider than that: what is cut ends with "...".
std::string shortened(std::string text, std::size_t most);

/// What is said of each metric and event instead of a reason that stands above, once for all.
std::string_view said_above(const Reason& reason) noexcept;

} // namespace pmc::record
