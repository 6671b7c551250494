#include "figure.hpp"

#include "cells.hpp"
#include "number.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string_view>

namespace cli {
namespace {

/// Of per cent, without its sign: "3.8", "0.02", "1250".
std::string percent_digits(double percent) {
    const double size = std::fabs(percent);
    if (!std::isfinite(size))
        return "inf";
    constexpr double least = 1e-6;
    constexpr double large = 1000;
    if (size < least)
        return "0";
    const int decimals = size >= large ? 0 : size >= 0.1 ? 1 : static_cast<int>(-std::floor(std::log10(size)));
    return fmt::format("{:.{}f}", size, decimals);
}

std::string signed_percent(double change) {
    const std::string digits = percent_digits(change * 100);
    return digits == "0" ? digits : (std::signbit(change) ? "-" : "+") + digits;
}

} // namespace

std::string Figure::unmarked(double number) const {
    if (is_metric)
        return pmc::record::ratio_text(number) + (unit.empty() || unit == "insn/cycle" ? "" : ' ' + unit);
    // Counts of one call or iteration need not be whole.
    constexpr double small = 1000;
    if (unit.empty() && std::fabs(number) < small && number != std::floor(number))
        return pmc::record::ratio_text(number);
    return pmc::record::value_text(number, unit);
}

std::string Figure::text(double number) const {
    return model_mark(source) + unmarked(number);
}

std::string Figure::range(double low, double high) const {
    std::string first = unmarked(low);
    const std::string last = unmarked(high);
    const auto unit_of = [](std::string_view text) {
        const std::size_t at = text.find(' ');
        return at == std::string_view::npos ? std::string_view() : text.substr(at);
    };
    if (unit_of(first) == unit_of(last))
        first.erase(first.size() - unit_of(first).size());
    return first + " .. " + last;
}

Figure figure_of(const pmc::ValueSeries& series) {
    return {series.unit, series.source, series.kind == pmc::ValueSeries::Kind::metric};
}

std::string change_text(double change) {
    return signed_percent(change) + " %";
}

std::string interval_text(const pmc::Change& change) {
    if (!change.is_defined || change.basis == pmc::Change::Basis::too_few)
        return "-";
    return fmt::format("[{}, {}]", signed_percent(change.interval.low), signed_percent(change.interval.high));
}

std::string spread_text(const pmc::Summary& summary) {
    const pmc::Interval& interval = summary.interval;
    const double spread = std::max(interval.high - summary.median, summary.median - interval.low);
    if (interval.confidence < pmc::standard_confidence)
        return "-";
    if (spread == 0)
        return "0 %";
    return summary.median == 0 ? "-" : percent_digits(100 * spread / summary.median) + " %";
}

} // namespace cli
