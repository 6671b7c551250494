#include "gate/check.hpp"

#include "table/quote.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

namespace pmc {
namespace {

using Comparison = Assertion::Comparison;
using Dimension = Assertion::Dimension;
using Statistic = Assertion::Statistic;

/// Whole numbers in full, others with six digits.
std::string written(double number) {
    constexpr double exact = 9007199254740992; // 2^53
    std::array<char, 32> digits;
    char* const last = digits.data() + digits.size();
    const bool is_whole = number == std::floor(number) && std::abs(number) < exact;
    const auto [end, error] = is_whole ? std::to_chars(digits.data(), last, static_cast<long long>(number))
                                       : std::to_chars(digits.data(), last, number, std::chars_format::general, 6);
    return {digits.data(), end};
}

std::string with_unit(double number, const std::string& unit) {
    return unit.empty() ? written(number) : written(number) + (unit == "%" ? "" : " ") + unit;
}

/// The limit in the value's unit; nothing if the two are of different kinds.
std::optional<double> limit_for(const Assertion& assertion, const std::string& unit) {
    switch (assertion.dimension) {
    case Dimension::plain:
        return assertion.limit;
    case Dimension::percent:
        return unit == "%" ? std::optional{assertion.limit} : std::nullopt;
    case Dimension::seconds:
        break;
    }
    if (unit == "s")
        return assertion.limit;
    // In whole picoseconds where it has any: 1 ms is 1e6 ns exactly, 1e-3 ÷ 1e-9 is not.
    const double exact_ps = assertion.limit * 1e12;
    const double ps = std::abs(exact_ps) < 1 ? exact_ps : std::round(exact_ps);
    if (unit == "ns")
        return ps / 1e3;
    if (unit == "us")
        return ps / 1e6;
    if (unit == "ms")
        return ps / 1e9;
    return std::nullopt;
}

double statistic_of(const Summary& summary, Statistic statistic) noexcept {
    switch (statistic) {
    case Statistic::min:
        return summary.min;
    case Statistic::max:
        return summary.max;
    case Statistic::median:
        break;
    }
    return summary.median;
}

/// Whether the whole interval, or nothing of it, is on the right side.
Outcome decide(const Interval& interval, Comparison comparison, double limit) noexcept {
    const bool low = holds(interval.low, comparison, limit);
    const bool high = holds(interval.high, comparison, limit);
    if (low && high)
        return Outcome::pass;
    if (comparison == Comparison::equal && interval.low <= limit && limit <= interval.high)
        return Outcome::inconclusive;
    return low == high ? Outcome::fail : Outcome::inconclusive;
}

std::string named(const Assertion& assertion) {
    return assertion.name + "." + std::string{to_string(assertion.statistic)};
}

std::string verdict_text(const char* verdict, const Assertion& assertion) {
    return std::string{verdict} + " " + std::string{to_string(assertion.comparison)} + " " + assertion.written;
}

Verdict no_answer(Outcome outcome, std::string message, const std::string& hint = {}) {
    if (!hint.empty())
        message += "; " + hint;
    return {outcome, std::move(message)};
}

Verdict judge_median(const Assertion& assertion, const Summary& summary, const std::string& unit, double limit) {
    const Interval& interval = summary.interval;
    const std::string found = named(assertion) + " is " + with_unit(summary.median, unit);
    if (interval.confidence < standard_confidence)
        return {Outcome::inconclusive, found + " in " + std::to_string(summary.samples) +
                                           (summary.samples == 1 ? " run" : " runs") + ", too few for " +
                                           verdict_text("a verdict on", assertion) + ": it takes " +
                                           std::to_string(fewest_samples)};
    const std::string all =
        found + " (95 % interval " + written(interval.low) + " to " + with_unit(interval.high, unit) + ")";
    switch (decide(interval, assertion.comparison, limit)) {
    case Outcome::pass:
        return {Outcome::pass, verdict_text((all + ", which is").c_str(), assertion)};
    case Outcome::fail:
        return {Outcome::fail, verdict_text((all + ", which is not").c_str(), assertion)};
    default:
        return {Outcome::inconclusive, verdict_text((all + ", which does not tell whether it is").c_str(), assertion)};
    }
}

} // namespace

Verdict judge(const Assertion& assertion, const MeasuredValue& value) {
    if (!value.has_value())
        return no_answer(Outcome::unknown,
                         value.name + " is " + to_string(value.state) +
                             (value.reason.evidence.empty() ? "" : ": " + value.reason.evidence),
                         value.reason.remedy);
    const std::optional<double> limit = limit_for(assertion, value.unit);
    if (!limit)
        return no_answer(Outcome::invalid, value.name + " is " +
                                               (value.unit.empty() ? "a plain number" : "in " + value.unit) +
                                               ", which can't be compared with " + assertion.written);
    if (assertion.statistic == Statistic::median)
        return judge_median(assertion, value.summary, value.unit, *limit);
    const double number = statistic_of(value.summary, assertion.statistic);
    if (!std::isfinite(number))
        return no_answer(Outcome::unknown, named(assertion) + " is no finite number");
    const bool passes = holds(number, assertion.comparison, *limit);
    return {passes ? Outcome::pass : Outcome::fail,
            named(assertion) + " is " + with_unit(number, value.unit) +
                verdict_text(passes ? ", which is" : ", which is not", assertion)};
}

Verdict Measurement::check(std::string_view text) const {
    const Expected<Assertion> assertion = parse_assertion(text);
    if (!assertion)
        return no_answer(Outcome::invalid, assertion.error().message(), assertion.error().hint());
    if (const MeasuredValue* value = find(assertion->name))
        return judge(*assertion, *value);
    std::string names;
    for (const MeasuredValue& value : values_)
        names += (names.empty() ? "there are " : ", ") + value.name;
    return no_answer(Outcome::invalid, "nothing was measured by the name " + quoted(assertion->name), names);
}

} // namespace pmc
