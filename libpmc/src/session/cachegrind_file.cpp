#include "session/cachegrind_file.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <vector>

namespace pmc {
namespace {

constexpr std::string_view events_key = "events:";
constexpr std::string_view summary_key = "summary:";
constexpr std::size_t most_events = 64;

Error bad_file(std::string what) {
    return Error(ErrorKind::format, Stage::read, "valgrind's counts can't be read: " + std::move(what));
}

/// The rest of the first line that begins with `key`; nothing if there is none that ends with a newline.
std::optional<std::string_view> line_of(std::string_view text, std::string_view key) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos)
            return std::nullopt; // cut off
        const std::string_view line = text.substr(at, end - at);
        if (line.starts_with(key))
            return line.substr(key.size());
        at = end + 1;
    }
    return std::nullopt;
}

/// The last line, which has to be whole.
std::string_view last_line(std::string_view text) {
    if (!text.ends_with('\n'))
        return {};
    text.remove_suffix(1);
    return text.substr(text.rfind('\n') + 1); // npos + 1 is 0
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (words.size() <= most_events) {
        line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
        if (line.empty())
            return words;
        const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
        words.push_back(word);
        line.remove_prefix(word.size());
    }
    return {};
}

} // namespace

Expected<ValgrindTotals> parse_cachegrind_file(std::string_view text) {
    const std::optional<std::string_view> events = line_of(text, events_key);
    if (!events)
        return bad_file("there is no line of events");
    const std::string_view summary = last_line(text);
    if (!summary.starts_with(summary_key))
        return bad_file("it ends without a summary");
    const std::vector<std::string_view> names = words_of(*events);
    const std::vector<std::string_view> numbers = words_of(summary.substr(summary_key.size()));
    if (names.empty() || names.size() != numbers.size())
        return bad_file("the summary does not have a number for each event");
    ValgrindTotals totals;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string_view number = numbers[i];
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
        if (error != std::errc{} || end != number.data() + number.size())
            return bad_file("a number of the summary is none, or too large");
        if (!totals.emplace(names[i], value).second)
            return bad_file("an event stands there twice");
    }
    return totals;
}

std::string_view command_of_cachegrind_file(std::string_view text) {
    return line_of(text, "cmd: ").value_or(std::string_view());
}

bool add_totals(ValgrindTotals& sum, const ValgrindTotals& more) {
    ValgrindTotals both = sum;
    for (const auto& [name, value] : more) {
        std::uint64_t& total = both[name];
        if (value > std::numeric_limits<std::uint64_t>::max() - total)
            return false;
        total += value;
    }
    sum = std::move(both);
    return true;
}

} // namespace pmc
