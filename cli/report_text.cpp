#include "report_text.hpp"

#include "number.hpp"
#include "terminal.hpp"

#include <pmc/region.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fmt/format.h>
#include <set>
#include <string_view>
#include <vector>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::MetricValue;
using pmc::Operand;
using pmc::Reason;
using pmc::Result;
using pmc::Sample;
using pmc::State;
using pmc::record::bytes_text;
using pmc::record::duration_text;
using pmc::record::exact_text;
using pmc::record::percent_text;
using pmc::record::printable;
using pmc::record::ratio_text;
using pmc::record::value_text;

constexpr double full_coverage = 0.9995; ///< below it, the coverage is shown

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

std::string command_text(const std::vector<std::string>& argv) {
    constexpr std::size_t most = 40;
    std::string text = printable(fmt::format("{}", fmt::join(argv, " ")));
    return text.size() <= most ? text : text.substr(0, most - 3) + "...";
}

std::string status_text(int status) {
    if (status == 0)
        return {};
    const char* const name = status > 128 ? sigabbrev_np(status - 128) : nullptr;
    return name != nullptr ? fmt::format(", status {} (SIG{})", status, name) : fmt::format(", status {}", status);
}

/// The least coverage of what was counted on a PMU, and how many groups that took.
struct Counted {
    std::set<int> groups;
    double coverage = 1.0;
};

Counted counted_on_pmu(const Sample& sample) {
    Counted counted;
    for (const EventCount& event : sample.events) {
        if (!event.has_value() || event.encoding.starts_with("software/"))
            continue;
        counted.groups.insert(event.group);
        counted.coverage = std::min(counted.coverage, event.count.coverage());
    }
    return counted;
}

/// A document written by hand need not say what ran.
std::string who(const Result::Run& run) {
    if (run.argv.empty())
        return "a recording without a command" + status_text(run.status);
    return fmt::format("{}   pid {}{}", command_text(run.argv), run.pid, status_text(run.status));
}

std::string header(const Result& result, const Sample& sample) {
    std::string text = "pmcstat: " + who(result.run);
    if (result.no_pmu)
        return text + fmt::format("   NO HARDWARE COUNTERS: {}\n", printable(result.no_pmu.evidence));
    text += ", " + printable(result.run.mode);
    if (!result.run.inherit)
        text += ", first thread only";
    const Counted counted = counted_on_pmu(sample);
    if (!counted.groups.empty())
        text += fmt::format(", {} group{}, counted {} of the time", counted.groups.size(),
                            counted.groups.size() == 1 ? "" : "s", percent_text(counted.coverage));
    return text + '\n';
}

std::string operand_text(const Operand& operand) {
    return value_text(operand.value, operand.unit) + ' ' + operand.title;
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

std::string coverage_note(double coverage) {
    return coverage < full_coverage ? fmt::format("counted {}: ", percent_text(coverage)) : std::string();
}

/// "  [approx, per package]": what is not exact, and what counts for more than the target.
std::string quality_note(const MetricValue& metric) {
    std::string marks = metric.quality == "exact" ? "" : metric.quality;
    if (metric.scope != "task")
        marks += (marks.empty() ? "per " : ", per ") + metric.scope;
    return marks.empty() ? marks : fmt::format("  [{}]", marks);
}

std::string value_of(const MetricValue& metric) {
    const std::string mark = metric.source == "model" ? "~" : "";
    // Counts per cycle and the like stand alone in their column: the label says what they are.
    const std::string_view unit = metric.unit == "insn/cycle" ? std::string_view() : std::string_view(metric.unit);
    return unit.empty() ? mark + ratio_text(metric.number)
                        : fmt::format("{}{} {}", mark, ratio_text(metric.number), unit);
}

std::string why_not(const Result& result, const Reason& reason) {
    if (result.no_pmu && reason.evidence == result.no_pmu.evidence)
        return "needs hardware counters";
    return reason.evidence;
}

void add_metrics(const Result& result, const Sample& sample, std::vector<Row>& rows) {
    const MetricValue* previous = nullptr;
    for (const MetricValue& metric : sample.metrics) {
        const bool continues = previous != nullptr && previous->metric == metric.metric &&
                               previous->label == metric.label && previous->core == metric.core;
        if (continues && metric.has_value() && previous->has_value()) {
            // A second value of the same label stands at the end of its row: "… 1.00 misses/kinsn".
            const std::string note = quality_note(metric);
            rows.back().details += "   " + value_of(metric) + (note == quality_note(*previous) ? "" : note);
        } else if (metric.has_value()) {
            rows.push_back({metric.label, value_of(metric),
                            coverage_note(metric.coverage) + made_of(metric) + quality_note(metric), metric.core});
        } else if (!continues || previous->has_value()) {
            const char* const value = metric.reason.cause == pmc::Cause::division_by_zero ? "-"
                                      : metric.state == State::not_counted                ? "not counted"
                                                                                          : "n/a";
            rows.push_back({continues ? metric.id : metric.label, value, why_not(result, metric.reason), metric.core});
        }
        previous = &metric;
    }
}

void add_events(const Result& result, const Sample& sample, std::vector<Row>& rows) {
    for (const EventCount& event : sample.events) {
        if (!event.asked)
            continue;
        if (!event.has_value()) {
            const char* const value = event.count.state() == State::not_counted ? "not counted" : "n/a";
            rows.push_back({event.name, value, why_not(result, event.reason), event.core});
            continue;
        }
        std::string details = coverage_note(event.count.coverage());
        if (event.scale == 1.0 && (event.unit.empty() || event.unit == "ns"))
            details += exact_text(event.count.raw()) + (event.unit.empty() ? "" : " ns");
        rows.push_back({event.name, value_text(event.value(), event.unit), details, event.core});
    }
}

Row time_row(const Result::Run& run, const Sample& sample) {
    if (run.argv.empty() && run.elapsed_s == 0)
        return {"time", duration_text(sample.end_s - sample.start_s), {}};
    return {"time", duration_text(run.elapsed_s),
            fmt::format("user {}  sys {}  max rss {}", duration_text(run.user_s), duration_text(run.sys_s),
                        bytes_text(static_cast<double>(run.max_rss_bytes)))};
}

/// What to do, each remedy once, the machine's own first.
std::string hints(const Result& result, const Sample& sample) {
    std::vector<std::string> remedies;
    const auto add = [&](const Reason& reason) {
        if (!reason.remedy.empty() && std::find(remedies.begin(), remedies.end(), reason.remedy) == remedies.end())
            remedies.push_back(reason.remedy);
    };
    add(result.no_pmu);
    for (const MetricValue& metric : sample.metrics)
        add(metric.reason);
    for (const EventCount& event : sample.events)
        if (event.asked)
            add(event.reason);
    std::string text;
    for (const std::string& remedy : remedies)
        text += fmt::format("  hint: {}\n", printable(remedy));
    return text;
}

std::string with_core(const std::string& name, const std::string& core) {
    return core.empty() ? name : fmt::format("{} ({})", name, core);
}

std::string rows(const Result& result, const Sample& sample, const Result::Run& run) {
    std::vector<Row> rows;
    add_metrics(result, sample, rows);
    add_events(result, sample, rows);
    rows.push_back(time_row(run, sample));
    return table(rows) + hints(result, sample);
}

std::string_view or_unknown(const std::string& text) {
    return text.empty() ? std::string_view("unknown") : std::string_view(text);
}

std::string machine_rows(const Result& result) {
    std::string text = '\n' +
                       printable(fmt::format("  cpu {} ({}), table {}, kernel {}", or_unknown(result.cpu.name),
                                             or_unknown(result.cpu.id), or_unknown(result.cpu.table),
                                             or_unknown(result.host.kernel))) +
                       '\n';
    for (const std::string& line : result.plan)
        text += printable("  " + line) + '\n';
    return text;
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
    std::string text = header(result, all);
    const std::size_t ran = result.runs.size();
    text += ran == samples.size()
                ? fmt::format("  the command ran {} times, once per group; the time is of the first\n", ran)
                : fmt::format("  the command ran {} of {} times, then the passes ended; the time is of the first\n",
                              ran, samples.size());
    text += rows(result, all, result.runs.front());
    if (!verbose)
        return text;
    text += machine_rows(result);
    for (const Sample& sample : samples) {
        if (static_cast<std::size_t>(sample.run) < ran)
            text += fmt::format("  pass {}: pid {}, status {}, elapsed {}\n", sample.run, sample.id,
                                result.runs[static_cast<std::size_t>(sample.run)].status,
                                duration_text(sample.end_s - sample.start_s)) +
                    verbose_rows(sample);
    }
    return text;
}

} // namespace

std::string text_report(const Result& result, bool verbose) {
    const std::vector<Sample> samples = without_regions(result.samples);
    std::string text;
    if (!result.runs.empty()) {
        text = passes_report(result, samples, verbose);
    } else {
        for (const Sample& sample : samples) {
            text += header(result, sample);
            text += rows(result, sample, result.run);
            if (verbose)
                text += machine_rows(result) + verbose_rows(sample);
        }
    }
    const std::string regions = pmc::region_text(result);
    if (!text.empty() && !regions.empty())
        text += '\n';
    text += regions;
    if (verbose && samples.empty())
        text += machine_rows(result);
    return text;
}

} // namespace cli
