#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>

/// How `list` compares: in any case, a hyphen is an underscore.
namespace pmc::search {

constexpr char folded(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '-' ? '_' : c;
}

constexpr bool same(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, folded, folded);
}

constexpr bool contains(std::string_view text, std::string_view word) noexcept {
    const auto equal = [](char a, char b) { return folded(a) == folded(b); };
    return word.empty() || std::search(text.begin(), text.end(), word.begin(), word.end(), equal) != text.end();
}

constexpr bool any_contains(std::initializer_list<std::string_view> texts, std::string_view word) noexcept {
    return std::ranges::any_of(texts, [&](std::string_view text) { return contains(text, word); });
}

} // namespace pmc::search
