#include "session/valgrind_totals.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace pmc {
namespace {

constexpr std::size_t most_events = 64;

} // namespace

Error bad_file(std::string what) {
    return Error(ErrorKind::format, Stage::read, "valgrind's counts can't be read: " + std::move(what));
}

std::string_view last_line(std::string_view text) {
    if (!text.ends_with('\n'))
        return {};
    text.remove_suffix(1);
    return text.substr(text.rfind('\n') + 1); // npos + 1 is 0
}

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

std::string_view command_in(std::string_view text) {
    std::string_view command = line_of(text, "cmd:").value_or(std::string_view());
    command.remove_prefix(std::min(command.find_first_not_of(' '), command.size()));
    return command;
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

Expected<ValgrindTotals> make_totals(std::string_view names_line, std::string_view numbers_line) {
    const std::vector<std::string_view> names = words_of(names_line);
    const std::vector<std::string_view> numbers = words_of(numbers_line);
    if (names.empty() || numbers.empty() || names.size() < numbers.size())
        return bad_file("the summary does not have a number for each event");
    ValgrindTotals totals;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string_view number = i < numbers.size() ? numbers[i] : "0";
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
        if (error != std::errc{} || end != number.data() + number.size())
            return bad_file("a number of the summary is none, or too large");
        if (!totals.emplace(names[i], value).second)
            return bad_file("an event stands there twice");
    }
    return totals;
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
