#pragma once

#include <cstddef>
#include <string_view>

namespace pmc::kernel {

/// What stands between words, in every locale.
inline constexpr std::string_view blanks = " \t\r\n\v\f";

/// Without those at either end.
constexpr std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace pmc::kernel
