#pragma once

#include <algorithm>
#include <string_view>

namespace pmc::test {

/// Whether a message may be shown on a terminal as it is.
inline bool is_printable(std::string_view message) {
    return std::ranges::all_of(message, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

} // namespace pmc::test
