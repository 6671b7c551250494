#include "gate/series_change.hpp"

#include "gate/doubt.hpp"
#include "table/quote.hpp"

#include <pmc/gate.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace pmc {
namespace {

/// With a sign, and two significant digits below 10 %: more than that no interval gives. Never localised.
std::string percent(double change) {
    const double number = change * 100;
    const double size = std::abs(number);
    const int decimals = size >= 100 ? 0 : size >= 1 || size < 0.00005 ? 1 : size >= 0.1 ? 2 : 4;
    std::array<char, 400> digits;
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), size, std::chars_format::fixed, decimals);
    const bool is_zero = size < 0.00005;
    return (is_zero ? "" : number < 0 ? "-" : "+") + std::string(digits.data(), end);
}

} // namespace

Change change_of(const ValueSeries& from, const ValueSeries& to) {
    const bool count = is_count(from) && is_count(to);
    if (from.values.empty() || to.values.empty())
        return compare(from.summary, to.summary, count);
    return compare(from.values, to.values, count);
}

Pairs pairs_of(const ValueSeries& from, const ValueSeries& to) {
    Pairs pairs;
    std::size_t there = 0;
    for (std::size_t here = 0; here < from.runs.size(); ++here) { // both ascend
        while (there < to.runs.size() && to.runs[there] < from.runs[here])
            ++there;
        if (there == to.runs.size())
            break;
        if (to.runs[there] != from.runs[here])
            continue;
        pairs.from.push_back(from.values[here]);
        pairs.to.push_back(to.values[there]);
    }
    return pairs;
}

std::string change_text(double change) {
    return percent(change) + " %";
}

std::string change_text(const Change& change) {
    return change_text(change.change) + " [" + percent(change.interval.low) + ", " + percent(change.interval.high) +
           "]";
}

std::string why_incomparable(const std::vector<Difference>& differences) {
    std::string text;
    const auto shown = [](const std::string& value) { return value.empty() ? std::string{"none"} : printable(value); };
    for (const Difference& one : differences) {
        if (one.is_hard)
            text +=
                (text.empty() ? "" : "; ") + one.what + " is " + shown(one.now) + " now, and was " + shown(one.then);
    }
    return text;
}

} // namespace pmc
