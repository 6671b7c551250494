#include "comparison_report.hpp"

#include "cells.hpp"
#include "figure.hpp"
#include "report_repeats.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cli {
namespace {

using pmc::Comparison;
using pmc::Result;

std::size_t runs_of(const Result& result) {
    return result.repeats ? result.repeats->runs : std::max<std::size_t>(result.runs.size(), 1);
}

} // namespace

std::string side_name(std::size_t index) {
    constexpr std::size_t letters = 26;
    return index < letters ? std::string(1, static_cast<char>('A' + index)) : std::to_string(index + 1);
}

std::string method_text(const ComparisonReport& report) {
    const Result& first = report.sides.front().result;
    std::string text;
    if (report.is_paired) {
        std::size_t pairs = runs_of(first);
        for (const ComparisonReport::Side& side : report.sides)
            pairs = std::min(pairs, runs_of(side.result));
        const bool are_two = report.sides.size() == 2;
        text = fmt::format("{} {}{}, interleaved{}", pairs, are_two ? "pair" : "round", pairs == 1 ? "" : "s",
                           are_two ? " (ABBA)" : "");
    } else {
        text = "recorded";
        for (std::size_t i = 0; i < report.sides.size(); ++i)
            text += fmt::format("{} {}",
                                i == 0                         ? ""
                                : i + 1 == report.sides.size() ? " and"
                                                               : ",",
                                runs_of(report.sides[i].result));
        text += " runs";
    }
    return text + quiet_text(first.run) + ", " + first.run.mode;
}

std::string change_text(const Comparison& comparison) {
    return comparison.change && comparison.change->is_defined ? change_text(comparison.change->change) : "-";
}

std::string interval_text(const Comparison& comparison) {
    return comparison.change ? interval_text(*comparison.change) : "-";
}

std::string verdict_text(const Result& result, const Comparison& comparison) {
    std::string text = to_string(comparison.verdict);
    if (comparison.verdict == Comparison::Verdict::same)
        text += fmt::format(" (under {} %)", pmc::same_within * 100);
    if (comparison.verdict == Comparison::Verdict::no_evidence && comparison.change &&
        comparison.change->basis == pmc::Change::Basis::too_few)
        text += " (too few runs)";
    if (comparison.verdict != Comparison::Verdict::unknown)
        return text;
    const pmc::Reason& reason = comparison.a.has_value() ? comparison.b.reason : comparison.a.reason;
    const std::string why = reason ? why_not(result, reason) : comparison.reason;
    return why.empty() ? text : text + ": " + why;
}

bool is_estimate(const pmc::ValueSeries& series) {
    return series.has_value() && series.coverage < full_coverage;
}

std::string estimate_text(const ComparisonReport& report) {
    const bool any = std::ranges::any_of(report.sides, [](const ComparisonReport::Side& side) {
        return std::ranges::any_of(side.changes, [](const Comparison& one) {
            return is_shown(one.a) && (is_estimate(one.a) || is_estimate(one.b));
        });
    });
    return any ? "not counted all the time: an estimate; ask for fewer events at once" : "";
}

} // namespace cli
