#include "gate/judgement.hpp"

#include "gate/doubt.hpp"

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

/// "100 …, which is <= 110".
Judgement judged(Outcome outcome, const std::string& found, const char* verdict, const Assertion& assertion,
                 double limit) {
    return {outcome,
            found + ", which " + verdict + " " + std::string{to_string(assertion.comparison)} + " " + assertion.written,
            {},
            limit};
}

Judgement judge_number(const Assertion& assertion, double number, const std::string& unit, double limit) {
    if (!std::isfinite(number))
        return {Outcome::unknown, "no finite number", {}, limit};
    const bool passes = holds(number, assertion.comparison, limit);
    return judged(passes ? Outcome::pass : Outcome::fail, with_unit(number, unit), passes ? "is" : "is not", assertion,
                  limit);
}

std::string runs_text(std::size_t runs) {
    return std::to_string(runs) + (runs == 1 ? " run" : " runs");
}

Judgement judge_median(const Assertion& assertion, const ValueSeries& value, double limit) {
    const Summary& summary = value.summary;
    Interval interval = summary.interval;
    std::string found = with_unit(summary.median, value.unit);
    const bool few = interval.confidence < standard_confidence;
    if (few && !(is_count(value) && repeats(summary)))
        return {Outcome::inconclusive,
                found + " in " + runs_text(summary.samples) + ", too few for a verdict on " +
                    std::string{to_string(assertion.comparison)} + " " + assertion.written + ": it takes " +
                    std::to_string(fewest_samples),
                {},
                limit};
    if (few)
        interval = {summary.min, summary.max, 1};
    found += (few ? " (" + runs_text(summary.samples) + ": " : std::string{" (95 % interval "}) +
             written(interval.low) + " to " + with_unit(interval.high, value.unit) + ")";
    switch (decide(interval, assertion.comparison, limit)) {
    case Outcome::pass:
        return judged(Outcome::pass, found, "is", assertion, limit);
    case Outcome::fail:
        return judged(Outcome::fail, found, "is not", assertion, limit);
    default:
        return judged(Outcome::inconclusive, found, "does not tell whether it is", assertion, limit);
    }
}

} // namespace

Judgement judge(const Assertion& assertion, const ValueSeries& value) {
    if (std::optional<Doubt> doubt = doubt_of(value))
        return {Outcome::unknown, std::move(doubt->what), std::move(doubt->hint), {}, false};
    const std::optional<double> limit = limit_for(assertion, value.unit);
    if (!limit)
        return {Outcome::invalid,
                (value.unit.empty() ? "a plain number" : "in " + value.unit) + ", which can't be compared with " +
                    assertion.written,
                {},
                {},
                false};
    if (assertion.statistic == Assertion::Statistic::median && value.is_repeated)
        return judge_median(assertion, value, *limit);
    return judge_number(assertion, statistic_of(value.summary, assertion.statistic), value.unit, *limit);
}

} // namespace pmc
