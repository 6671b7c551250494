#include "comparison_report.hpp"

#include "aligned_lines.hpp"
#include "cells.hpp"
#include "figure.hpp"
#include "report_header.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cli {
namespace {

using pmc::Comparison;
using pmc::ValueSeries;
using pmc::record::printable;
using Align = AlignedLines::Align;
using Side = ComparisonReport::Side;

std::string cell(const ValueSeries& series) {
    if (!series.has_value())
        return missing_text(series);
    return figure_of(series).text(series.summary.median) + (is_estimate(series) ? "*" : "");
}

/// Side `at` beside the first.
std::string table(const ComparisonReport& report, std::size_t at) {
    const std::string first = side_name(0);
    const std::string name = side_name(at);
    AlignedLines lines({Align::left, Align::right, Align::right, Align::right, Align::left, Align::left});
    lines.add({"metric", first, name, fmt::format("{} vs {}", name, first), "95 % CI", "verdict"});
    const ValueSeries* previous = nullptr;
    for (const Comparison& comparison : report.sides[at].changes) {
        const ValueSeries& a = comparison.a;
        if (!is_shown(comparison.a))
            continue;
        if (previous == nullptr ? !a.scope.empty() : previous->scope != a.scope || previous->id != a.id)
            lines.add_title(row_name(a.scope, a.id));
        previous = &a;
        lines.add({with_core(a.name, a.core), cell(a), cell(comparison.b), change_text(comparison),
                   interval_text(comparison), verdict_text(report.sides.front().result, comparison)});
    }
    return lines.text();
}

bool has_too_few_runs(const ComparisonReport& report) {
    return std::ranges::any_of(report.sides, [](const Side& side) {
        return std::ranges::any_of(side.changes, [](const Comparison& one) {
            return is_shown(one.a) && one.change && one.change->is_defined &&
                   one.change->basis == pmc::Change::Basis::too_few;
        });
    });
}

std::string footer(const ComparisonReport& report) {
    std::string text;
    if (const std::string estimate = estimate_text(report); !estimate.empty())
        text += "  * " + estimate + '\n';
    if (has_too_few_runs(report))
        text += "  - too few runs for an interval of 95 %; more runs (--repeat) may tell\n";
    text += model_line(report.sides.front().result);
    for (const std::string& note : report.notes)
        text += "  note: " + printable(note) + '\n';
    return text;
}

} // namespace

std::string compare_text(const ComparisonReport& report) {
    std::string text = fmt::format("pmcstat compare: {}\n", printable(method_text(report)));
    for (std::size_t i = 0; i < report.sides.size(); ++i)
        text += fmt::format("  {}: {}\n", side_name(i), printable(report.sides[i].label));
    for (std::size_t i = 1; i < report.sides.size(); ++i)
        text += (i > 1 ? "\n" : "") + table(report, i);
    return text + footer(report);
}

} // namespace cli
