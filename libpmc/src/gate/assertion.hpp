#pragma once

#include <pmc/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// "instructions.min <= 12000": what measurement.check() and gates of the command line assert.
///
///     assertion = name [ "." stat ] op number [ unit ]
///     stat      = "min" | "median" | "max"                   the median without one
///     op        = "<=" | "<" | ">=" | ">" | "=="
///     unit      = "k" | "M" | "G" | "ns" | "us" | "ms" | "s" | "%"
namespace pmc {

struct Assertion {
    enum class Statistic : std::uint8_t { min, median, max };
    enum class Comparison : std::uint8_t { at_most, less, at_least, greater, equal };
    /// What the limit is a number of. Thousands, millions and so on are plain.
    enum class Dimension : std::uint8_t { plain, seconds, percent };

    std::string name;
    Statistic statistic = Statistic::median;
    Comparison comparison = Comparison::at_most;
    double limit = 0;    ///< units applied: in seconds if it is a time
    std::string written; ///< the number and its unit
    Dimension dimension = Dimension::plain;
};

/// "min", "median", "max".
std::string_view to_string(Assertion::Statistic statistic) noexcept;
/// "<=", …
std::string_view to_string(Assertion::Comparison comparison) noexcept;

/// Whether a number is on the right side of a limit.
bool holds(double number, Assertion::Comparison comparison, double limit) noexcept;

/// Errors: syntax, which says what is wrong and where.
Expected<Assertion> parse_assertion(std::string_view text);

} // namespace pmc
