#pragma once

/// What the notations of events, formulas and tables are made of: ASCII, in every locale.
namespace pmc {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) noexcept {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_upper(char c) noexcept {
    return c >= 'A' && c <= 'Z';
}

} // namespace pmc
