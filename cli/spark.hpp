#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

namespace cli {

/// How a value went over the last intervals, as a line of bars between the least and the most of them.
class Spark {
public:
    static constexpr std::size_t longest = 60;

    /// Nothing: there was no value.
    void add(std::optional<double> value);
    [[nodiscard]] bool has_values() const noexcept;
    /// Those that are shown; 0 without values.
    [[nodiscard]] double least() const noexcept;
    [[nodiscard]] double most() const noexcept;
    /// A character each, oldest first: blocks of eight heights, or " .:-=+*#"; '?' where there was no value. A line
    /// that does not move is half high.
    [[nodiscard]] std::string text(bool blocks) const;

private:
    std::deque<std::optional<double>> values_;
};

/// Whether the characters of the user's locale are UTF-8. Changes no locale.
bool has_utf8_locale();

} // namespace cli
