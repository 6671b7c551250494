#include "session/cachegrind_file.hpp"

#include <optional>

namespace pmc {
namespace {

constexpr std::string_view events_key = "events:";
constexpr std::string_view summary_key = "summary:";

} // namespace

Expected<ValgrindTotals> parse_cachegrind_file(std::string_view text) {
    const std::optional<std::string_view> events = line_of(text, events_key);
    if (!events)
        return bad_file("there is no line of events");
    const std::string_view summary = last_line(text);
    if (!summary.starts_with(summary_key))
        return bad_file("it ends without a summary");
    const std::string_view numbers = summary.substr(summary_key.size());
    if (words_of(*events).size() != words_of(numbers).size())
        return bad_file("the summary does not have a number for each event");
    return make_totals(*events, numbers);
}

} // namespace pmc
