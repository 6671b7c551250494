#include "report_text.hpp"

#include "cells.hpp"
#include "number.hpp"
#include "report_header.hpp"
#include "report_repeats.hpp"
#include "report_table.hpp"
#include "terminal.hpp"

#include <pmc/region.hpp>
#include <pmc/value_series.hpp>

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <string_view>
#include <vector>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::MetricValue;
using pmc::Operand;
using pmc::Result;
using pmc::Sample;
using pmc::State;
using pmc::record::bytes_text;
using pmc::record::duration_text;
using pmc::record::exact_text;
using pmc::record::printable;

/// A label, a value and what it is made of. On machines with several core types, the one that it is about.
struct Row {
    std::string label, value, details, core{};
};

/// The rows in columns as wide as they need; a very long label only moves its own row.
std::string table(std::vector<Row> rows) {
    for (Row& row : rows) { // a recording's texts may be anybody's
        row.label = printable(std::move(row.label));
        row.value = printable(std::move(row.value));
        row.details = printable(std::move(row.details));
        row.core = printable(std::move(row.core));
    }
    std::size_t label_width = 14;
    std::size_t value_width = 13;
    std::size_t core_width = 0; // no column where no row has one
    for (const Row& row : rows) {
        label_width = std::max(label_width, std::min<std::size_t>(row.label.size(), 26));
        value_width = std::max(value_width, std::min<std::size_t>(row.value.size(), 18));
        if (!row.core.empty())
            core_width = std::max(core_width, row.core.size() + 2);
    }
    std::string text;
    for (const Row& row : rows) {
        std::string line = fmt::format("  {:<{}} {:<{}}{:<{}}  {}", row.label, label_width, row.core, core_width,
                                       row.value, value_width, row.details);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

std::string operand_text(const Operand& operand) {
    return pmc::record::value_text(operand.value, operand.unit) + ' ' + operand.title;
}

/// "9.843 G instructions / 6.112 G cycles, 212 context switches".
std::string made_of(const MetricValue& metric) {
    std::string text;
    for (const Operand& operand : metric.operands) {
        if (operand.role == "seconds") // The row "time" has it.
            continue;
        text += (text.empty() ? "" : " / ") + operand_text(operand);
    }
    for (const Operand& operand : metric.also)
        text += (text.empty() ? "" : ", ") + operand_text(operand);
    return text;
}

/// "  [approx, per package]": what is not exact, and what counts for more than the target.
std::string quality_note(const MetricValue& metric) {
    std::string marks = metric.quality == "exact" ? "" : metric.quality;
    if (metric.scope != "task")
        marks += (marks.empty() ? "per " : ", per ") + metric.scope;
    return marks.empty() ? marks : fmt::format("  [{}]", marks);
}

void add_metrics(const Result& result, const Sample& sample, std::vector<Row>& rows) {
    const MetricValue* previous = nullptr;
    for (const MetricValue& metric : sample.metrics) {
        const bool continues = previous != nullptr && previous->metric == metric.metric &&
                               previous->label == metric.label && previous->core == metric.core;
        if (continues && metric.has_value() && previous->has_value()) {
            // A second value of the same label stands at the end of its row: "… 1.00 misses/kinsn".
            const std::string note = quality_note(metric);
            rows.back().details += "   " + cli::value_text(metric) + (note == quality_note(*previous) ? "" : note);
        } else if (metric.has_value()) {
            rows.push_back({metric.label, cli::value_text(metric),
                            coverage_note(metric.coverage) + made_of(metric) + quality_note(metric), metric.core});
        } else if (!continues || previous->has_value()) {
            rows.push_back({continues ? metric.id : metric.label, missing_text(metric), why_not(result, metric.reason),
                            metric.core});
        }
        previous = &metric;
    }
}

void add_events(const Result& result, const Sample& sample, std::vector<Row>& rows) {
    for (const EventCount& event : sample.events) {
        if (!event.asked)
            continue;
        if (!event.has_value()) {
            rows.push_back({event.name, missing_text(event), why_not(result, event.reason), event.core});
            continue;
        }
        std::string details = coverage_note(event.count.coverage());
        if (event.scale == 1.0 && (event.unit.empty() || event.unit == "ns"))
            details += exact_text(event.count.raw()) + (event.unit.empty() ? "" : " ns");
        rows.push_back({event.name, model_mark(event.source) + pmc::record::value_text(event.value(), event.unit),
                        details, event.core});
    }
}

/// The command's own times, where it is what was counted.
Row time_row(const Result::Run& run, const Sample& sample) {
    const bool is_target = run.argv.empty() || !run.target.empty();
    const double length_s = is_target ? sample.end_s - sample.start_s : run.elapsed_s;
    const double counted_s = sample.end_s - sample.start_s - sample.paused_s;
    constexpr double nearly = 0.99;
    std::string details =
        counted_s < nearly * length_s ? fmt::format("counted {} of it", duration_text(counted_s)) : "";
    if (!is_target)
        details += fmt::format("{}user {}  sys {}  max rss {}", details.empty() ? "" : "  ", duration_text(run.user_s),
                               duration_text(run.sys_s), bytes_text(static_cast<double>(run.max_rss_bytes)));
    return {"time", duration_text(length_s), details};
}

std::string rows(const Result& result, const Sample& sample, const Result::Run& run) {
    std::vector<Row> rows;
    add_metrics(result, sample, rows);
    add_events(result, sample, rows);
    rows.push_back(time_row(run, sample));
    return table(rows);
}

std::string verbose_rows(const Sample& sample) {
    std::string text;
    for (const EventCount& event : sample.events) {
        const std::string what =
            printable(fmt::format("  event {}: {}", with_core(event.name, event.core), or_unknown(event.encoding)));
        if (event.count.state() == State::not_available)
            text += fmt::format("{}  {}\n", what, printable(event.reason.evidence));
        else
            text += fmt::format("{}  group {}  raw {}  enabled {} ns  running {} ns\n", what, event.group,
                                exact_text(event.count.raw()), exact_text(event.count.enabled_ns()),
                                exact_text(event.count.running_ns()));
    }
    for (const MetricValue& metric : sample.metrics)
        if (!metric.note.empty())
            text += printable(
                        fmt::format("  {} [{}]: {}", with_core(metric.id, metric.core), metric.quality, metric.note)) +
                    '\n';
    return text;
}

/// The one that has a value.
template <typename Value>
void take_better(Value& known, const Value& other) {
    if (!known.has_value() && other.has_value())
        known = other;
}

/// The samples as one. Every metric and event that was asked for is in one of them, or (of a replay) in each.
Sample joined(const std::vector<Sample>& samples) {
    Sample all;
    for (const Sample& sample : samples) {
        for (const MetricValue& metric : sample.metrics) {
            const auto known = std::ranges::find_if(
                all.metrics, [&](const MetricValue& one) { return one.id == metric.id && one.core == metric.core; });
            if (known == all.metrics.end())
                all.metrics.push_back(metric);
            else
                take_better(*known, metric);
        }
        for (const EventCount& event : sample.events) {
            const auto known = std::ranges::find_if(all.events, [&](const EventCount& one) {
                return one.asked && event.asked && one.name == event.name && one.core == event.core;
            });
            if (known == all.events.end())
                all.events.push_back(event);
            else
                take_better(*known, event);
        }
    }
    return all;
}

/// Those of the command. What its regions came to has a table of its own.
std::vector<Sample> without_regions(std::vector<Sample> samples) {
    std::erase_if(samples, [](const Sample& sample) { return sample.region.has_value(); });
    return samples;
}

/// The passes as if they were one run.
std::string passes_report(const Result& result, const std::vector<Sample>& samples, bool verbose) {
    const Sample all = joined(samples);
    std::string text = header_line(result, {all});
    const std::size_t ran = result.runs.size();
    text += ran == samples.size()
                ? fmt::format("  the command ran {} times, once per group; the time is of the first\n", ran)
                : fmt::format("  the command ran {} of {} times, then the passes ended; the time is of the first\n",
                              ran, samples.size());
    text += rows(result, all, result.runs.front()) + hint_lines(result, {all});
    if (!verbose)
        return text;
    text += machine_lines(result);
    for (const Sample& sample : samples) {
        if (static_cast<std::size_t>(sample.run) < ran)
            text += fmt::format("  pass {}: pid {}, status {}, elapsed {}\n", sample.run, sample.id,
                                result.runs[static_cast<std::size_t>(sample.run)].status,
                                duration_text(sample.end_s - sample.start_s)) +
                    verbose_rows(sample);
    }
    return text;
}

/// Whether each of them is a row among others, rather than all that was counted.
bool are_rows(const std::vector<Sample>& samples) {
    const std::string& scope = samples.front().scope;
    return samples.size() > 1 || (scope != "process" && scope != "system" && scope != "cgroup");
}

bool are_intervals(const std::vector<Sample>& samples) {
    return std::ranges::any_of(samples,
                               [&](const Sample& sample) { return sample.start_s != samples.front().start_s; });
}

/// What was counted in several rows: a line for each, or a block where that would be too wide.
std::string rows_report(const Result& result, const std::vector<Sample>& samples, int columns) {
    const bool timed = are_intervals(samples);
    ReportTable table(samples, timed);
    std::string text = header_line(result, samples);
    if (table.width() <= static_cast<std::size_t>(columns)) {
        text += table.header();
        for (const Sample& sample : samples)
            table.add_line(sample, text);
        text += table.footer(result);
        if (!timed)
            text += cli::table({time_row(result.run, samples.front())});
    } else {
        for (const Sample& sample : samples)
            text += block_text(result, sample, timed);
    }
    return text + hint_lines(result, samples);
}

std::string report_on(const Result& result, const std::vector<Sample>& samples, bool verbose, int columns) {
    if (samples.empty())
        return {};
    const bool has_rows = are_rows(samples);
    std::string text = has_rows ? rows_report(result, samples, columns)
                                : header_line(result, samples) + rows(result, samples.front(), result.run) +
                                      hint_lines(result, samples);
    if (!verbose)
        return text;
    text += machine_lines(result);
    for (const Sample& sample : samples)
        text += (has_rows ? "  " + ReportTable::row_title(sample) + '\n' : std::string()) + verbose_rows(sample);
    return text;
}

} // namespace

std::string block_text(const Result& result, const Sample& sample, bool timed) {
    std::string title = ReportTable::row_title(sample);
    if (timed)
        title.insert(0, time_text(sample.end_s) + "  ");
    std::vector<Row> rows;
    add_metrics(result, sample, rows);
    add_events(result, sample, rows);
    return "  " + title + '\n' + table(std::move(rows));
}

std::string text_report(const Result& result, bool verbose, int columns) {
    if (result.repeats)
        return repeats_report(result, pmc::series_of(result), verbose);
    std::vector<Sample> samples = without_regions(result.samples);
    std::string text;
    if (!result.runs.empty()) {
        text = passes_report(result, samples, verbose);
    } else {
        const auto totals =
            std::stable_partition(samples.begin(), samples.end(), [](const Sample& one) { return !one.summary; });
        const std::vector<Sample> summary(totals, samples.end());
        samples.erase(totals, samples.end());
        text = report_on(result, samples, verbose, columns);
        if (!text.empty() && !summary.empty())
            text += '\n';
        text += report_on(result, summary, verbose, columns);
    }
    const std::string regions = pmc::region_text(result);
    if (!text.empty() && !regions.empty() && result.samples.size() > samples.size())
        text += '\n';
    text += regions + model_line(result);
    if (verbose && result.samples.empty())
        text += machine_lines(result);
    return text;
}

} // namespace cli
