#include "report_repeats.hpp"

#include "aligned_lines.hpp"
#include "cells.hpp"
#include "figure.hpp"
#include "number.hpp"
#include "report_header.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <vector>

namespace cli {
namespace {

using pmc::Result;
using pmc::ValueSeries;
using Align = AlignedLines::Align;

std::string counted(std::size_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

/// "run 3", "runs 1, 4".
std::string run_list(const std::vector<int>& runs) {
    return fmt::format("run{} {}", runs.size() == 1 ? "" : "s", fmt::join(runs, ", "));
}

/// "all exit 0"; else how many ended how, the most frequent first.
std::string statuses_text(const std::vector<Result::Run>& runs) {
    std::map<int, std::size_t> times;
    for (const Result::Run& run : runs)
        ++times[run.status];
    if (times.empty())
        return {};
    if (times.size() == 1)
        return ", all exit " + std::to_string(times.begin()->first);
    std::vector<std::pair<int, std::size_t>> frequent(times.begin(), times.end());
    std::ranges::stable_sort(frequent, std::ranges::greater{}, &std::pair<int, std::size_t>::second);
    constexpr std::size_t most = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(most, frequent.size()); ++i)
        text += fmt::format(", {} exit {}", frequent[i].second, frequent[i].first);
    return frequent.size() > most ? text + ", others otherwise" : text;
}

/// What is to be known of a value beside its numbers.
std::string note_on(const ValueSeries& series) {
    std::string note;
    if (series.coverage < full_coverage)
        note = fmt::format("counted {} of the time", pmc::record::percent_text(series.coverage));
    if (!series.outliers.empty())
        note += fmt::format("{}{} ({})", note.empty() ? "" : ", ", counted(series.outliers.size(), "outlier"),
                            run_list(series.outliers));
    return note;
}

std::string table(const Result& result, const std::vector<const ValueSeries*>& rows) {
    AlignedLines lines({Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
    lines.add({"metric", "median", "95 % CI", "min .. max", "n", ""});
    const ValueSeries* previous = nullptr;
    for (const ValueSeries* const series : rows) {
        const bool is_same_row = previous == nullptr ? series->scope.empty()
                                                     : previous->scope == series->scope && previous->id == series->id;
        if (!is_same_row)
            lines.add_title(row_name(series->scope, series->id));
        previous = series;
        const std::string name = with_core(series->name, series->core);
        if (!series->has_value()) {
            lines.add({name, missing_text(*series), why_not(result, series->reason)});
            continue;
        }
        const Figure figure = figure_of(*series);
        const pmc::Summary& summary = series->summary;
        const std::string spread = spread_text(summary);
        lines.add({name, figure.text(summary.median), spread == "-" ? spread : "+-" + spread,
                   figure.range(summary.min, summary.max), std::to_string(summary.samples), note_on(*series)});
    }
    return lines.text();
}

/// What people see: metrics, then the events that they named, then the time, of each row.
std::vector<const ValueSeries*> shown(std::span<const ValueSeries> series) {
    std::vector<const ValueSeries*> rows;
    for (auto begin = series.begin(); begin != series.end();) {
        const auto end = std::find_if(begin, series.end(), [&](const ValueSeries& one) {
            return one.scope != begin->scope || one.id != begin->id;
        });
        for (const auto kind : {ValueSeries::Kind::metric, ValueSeries::Kind::event, ValueSeries::Kind::time})
            for (auto one = begin; one != end; ++one)
                if (one->kind == kind && is_shown(*one))
                    rows.push_back(&*one);
        begin = end;
    }
    return rows;
}

/// Whether it is the run that ended all: another line tells of that.
bool is_end(const Result& result, std::size_t run) {
    return !result.repeats->ended.empty() && run + 1 == result.runs.size() && result.runs[run].status != 0;
}

/// Disturbed runs and an early end: what is not in the numbers.
std::string run_lines(const Result& result) {
    std::string text;
    std::vector<std::string> disturbed;
    for (std::size_t i = 0; i < result.runs.size(); ++i)
        if (!result.runs[i].disturbed.empty() && !is_end(result, i))
            disturbed.push_back(fmt::format("run {} {}", i, result.runs[i].disturbed));
    constexpr std::size_t most = 3;
    if (!disturbed.empty()) {
        const std::size_t told = std::min(most, disturbed.size());
        text += fmt::format("  {} disturbed, not counted: {}{}\n", counted(disturbed.size(), "run"),
                            pmc::record::printable(fmt::format(
                                "{}", fmt::join(disturbed.begin(), disturbed.begin() + static_cast<long>(told), "; "))),
                            told < disturbed.size() ? "; ..." : "");
    }
    if (!result.repeats->ended.empty())
        text += fmt::format("  ended early: {}\n", pmc::record::printable(result.repeats->ended));
    return text;
}

/// What would make the numbers better.
std::string advice(const Result& result, const std::vector<const ValueSeries*>& rows) {
    std::string text;
    const auto is_time = [](const ValueSeries* series) { return series->kind == ValueSeries::Kind::time; };
    const bool is_of_time = std::ranges::all_of(rows, is_time); // else it is there beside what was asked for
    const bool has_few = std::ranges::any_of(rows, [&](const ValueSeries* series) {
        const bool matters = series->has_value() && (is_of_time || !is_time(series)) && !pmc::repeats(series->summary);
        return matters && series->summary.interval.confidence < pmc::standard_confidence;
    });
    if (has_few)
        text += fmt::format("  - too few runs for an interval of 95 %: it takes {}\n", pmc::fewest_samples);
    const bool has_slow_start =
        result.repeats->warmup == 0 && std::ranges::any_of(rows, [](const auto* series) {
            return series->kind == ValueSeries::Kind::time && !series->runs.empty() &&
                   std::ranges::find(series->outliers, series->runs.front()) != series->outliers.end();
        });
    if (has_slow_start)
        text += "  hint: the first run is far from the others: --warmup 1 leaves it out\n";
    return text;
}

std::string note_lines(const Result& result) {
    std::string text;
    for (const std::string& note : result.notes)
        text += fmt::format("  note: {}\n", pmc::record::printable(note));
    return text;
}

std::string verbose_lines(const Result& result) {
    std::string text = machine_lines(result);
    for (std::size_t i = 0; i < result.runs.size(); ++i) {
        const Result::Run& run = result.runs[i];
        text += fmt::format("  run {}: pid {}, status {}, elapsed {}", i, run.pid, run.status,
                            pmc::record::duration_text(run.elapsed_s));
        if (run.involuntary_switches != 0)
            text += fmt::format(", switched out {} times", run.involuntary_switches);
        if (run.migrations >= 0)
            text += fmt::format(", {}", counted(static_cast<std::size_t>(run.migrations), "migration"));
        if (run.warmup)
            text += ", warm-up";
        if (!run.disturbed.empty())
            text += ", not counted: " + pmc::record::printable(run.disturbed);
        text += '\n';
    }
    return text;
}

} // namespace

std::string runs_text(const Result& result) {
    const Result::Repeats& repeats = *result.repeats;
    std::string text = counted(repeats.runs, "run");
    if (repeats.warmup > 0)
        text += fmt::format(" + {} warm-up", repeats.warmup);
    return text + statuses_text(result.runs);
}

std::string quiet_text(const Result::Run& run) {
    std::string text;
    if (run.cpu)
        text += fmt::format(", CPU {}", *run.cpu);
    if (run.fixed_addresses)
        text += ", fixed addresses";
    if (run.fixed_environment)
        text += ", fixed environment";
    return text;
}

std::string repeats_report(const Result& result, std::span<const ValueSeries> series, bool verbose) {
    const std::vector<const ValueSeries*> rows = shown(series);
    return header_line(result, result.samples) + run_lines(result) + table(result, rows) + model_line(result) +
           advice(result, rows) + hint_lines(result, result.samples) + note_lines(result) +
           (verbose ? verbose_lines(result) : "");
}

} // namespace cli
