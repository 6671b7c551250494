#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

/// How good an event is in its role, and what it counts for, as the tables say it: the best, and the narrowest, first.
namespace pmc {

inline constexpr std::array<std::string_view, 3> qualities{"exact", "approx", "proxy"};
inline constexpr std::array<std::string_view, 4> scopes{"task", "l3", "die", "package"};

/// What is made of several has the worst quality, and the widest scope, of all.
template <std::size_t N>
void keep_worse(const std::array<std::string_view, N>& ladder, std::string& kept, std::string_view other) {
    if (std::ranges::find(ladder, kept) < std::ranges::find(ladder, other))
        kept = other;
}

} // namespace pmc
