#include "explain.hpp"

#include "aligned_lines.hpp"
#include "cells.hpp"
#include "figure.hpp"
#include "number.hpp"
#include "report_header.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::MetricInfo;
using pmc::MetricValue;
using pmc::Result;
using pmc::Sample;
using pmc::ValueSeries;
using pmc::record::exact_text;
using pmc::record::printable;
using Align = AlignedLines::Align;

constexpr std::size_t most_rows = 16;
constexpr std::size_t most_runs = 200;

/// What is known of one value of a metric on the CPU that it was counted on.
struct Recipe {
    const MetricInfo::OnCore* core = nullptr;
    const MetricInfo::Value* value = nullptr;
};

Recipe recipe_of(const MetricValue& metric, std::span<const MetricInfo> known) {
    const auto info = std::ranges::find(known, metric.metric, &MetricInfo::id);
    if (info == known.end() || info->cores.empty())
        return {};
    const auto named = std::ranges::find(info->cores, metric.core, &MetricInfo::OnCore::pmu);
    const MetricInfo::OnCore& core = named == info->cores.end() ? info->cores.front() : *named;
    const auto value = std::ranges::find(core.values, metric.id, &MetricInfo::Value::id);
    return {&core, value == core.values.end() ? nullptr : &*value};
}

void add_fact(std::string& text, std::string_view what, const std::string& fact) {
    if (!fact.empty())
        text += fmt::format("  {:<10}{}\n", what, printable(fact));
}

std::string reason_text(const pmc::Reason& reason) {
    return reason.remedy.empty() ? reason.evidence : fmt::format("{}; {}", reason.evidence, reason.remedy);
}

/// "exact, per task": how good a number is.
std::string quality_text(std::string_view quality, std::string_view scope, std::string_view source) {
    return fmt::format("{}, per {}, {}", quality, scope, source == "model" ? "modelled by valgrind" : source);
}

/// What a sample says of the event's counter.
void add_event(AlignedLines& lines, const EventCount& event) {
    const std::string name = with_core(event.name, event.core);
    const std::string encoding = event.encoding.empty() ? "no encoding" : event.encoding;
    if (event.count.state() == pmc::State::not_available) {
        lines.add({"  " + name, encoding, fmt::format("{}: {}", missing_text(event), reason_text(event.reason))});
        return;
    }
    const std::string raw = event.has_value() ? exact_text(event.count.raw()) : missing_text(event);
    lines.add({"  " + name, encoding, raw, exact_text(event.count.enabled_ns()), exact_text(event.count.running_ns()),
               pmc::record::percent_text(event.count.coverage()),
               event.group < 0 ? std::string("-") : std::to_string(event.group),
               event.has_value() ? std::string() : reason_text(event.reason)});
}

std::string event_lines(const std::vector<const EventCount*>& events) {
    if (events.empty())
        return {};
    AlignedLines lines(
        {Align::left, Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::left});
    lines.add({"  event", "encoding", "raw count", "enabled ns", "running ns", "counted", "group", ""});
    for (const EventCount* const event : events)
        add_event(lines, *event);
    std::string text = lines.text();
    for (const EventCount* const event : events)
        if (event->scale != 1)
            text += printable(fmt::format("    {}: one count is {}{}{}", event->name, event->scale,
                                          event->unit.empty() ? "" : " ", event->unit)) +
                    '\n';
    return text;
}

/// Those that the metric's value is made of, or would be.
std::vector<const EventCount*> events_of(const Sample& sample, const MetricValue& metric, const Recipe& recipe) {
    const auto is_part = [&](const EventCount& event) {
        const auto has_role = [&](const auto& parts, auto role) {
            return std::ranges::find(parts, event.name, role) != parts.end();
        };
        return event.core == metric.core &&
               (has_role(metric.operands, &pmc::Operand::role) || has_role(metric.also, &pmc::Operand::role) ||
                (recipe.core != nullptr && has_role(recipe.core->roles, &MetricInfo::Role::role)) ||
                (metric.group >= 0 && event.group == metric.group));
    };
    std::vector<const EventCount*> events;
    for (const EventCount& event : sample.events)
        if (is_part(event))
            events.push_back(&event);
    return events;
}

/// One row of the document, over its runs.
struct Row {
    std::string scope, id; ///< as ValueSeries has them
    std::vector<const Sample*> samples;
};

bool is_whole(const Sample& sample) {
    return sample.scope == "process" || sample.scope == "system" || sample.scope == "measure";
}

/// Of what was told in intervals the totals, where there are any.
std::vector<Row> rows_of(const Result& result) {
    const bool has_totals = std::ranges::any_of(result.samples, &Sample::summary);
    std::vector<Row> rows;
    for (const Sample& sample : result.samples) {
        if (has_totals && !sample.summary)
            continue;
        const std::string scope = is_whole(sample) ? "" : sample.scope;
        std::string id = is_whole(sample) ? "" : sample.id;
        if (!scope.empty() && scope != "cgroup" && !sample.cgroup.empty())
            id += " of " + sample.cgroup;
        auto row = std::ranges::find_if(rows, [&](const Row& one) { return one.scope == scope && one.id == id; });
        if (row == rows.end())
            row = rows.insert(rows.end(), Row{scope, id, {}});
        row->samples.push_back(&sample);
    }
    return rows;
}

class Explanation {
public:
    Explanation(const Result& result, std::string_view name, std::span<const MetricInfo> known)
        : result_(result), name_(name), known_(known), series_(pmc::series_of(result)) {}

    std::string text() {
        std::size_t left_out = 0;
        for (const Row& row : rows_of(result_)) {
            std::string part = row_text(row);
            if (part.empty())
                continue;
            if (++rows_ > most_rows) {
                ++left_out;
                continue;
            }
            if (!row.scope.empty())
                part.insert(0, row_name(row.scope, row.id) + '\n');
            text_ += (text_.empty() ? "" : "\n") + part;
        }
        if (left_out > 0)
            text_ += fmt::format("\n... and {} more rows\n", left_out);
        return text_.empty() ? text_ : text_ + model_line(result_);
    }

private:
    [[nodiscard]] std::string row_text(const Row& row) const {
        const Sample* shown = row.samples.front();
        for (const Sample* const sample : row.samples)
            if (worth(*sample) >= worth(*shown))
                shown = sample;
        std::string text;
        for (const MetricValue& metric : shown->metrics)
            if (metric.id == name_ || metric.metric == name_)
                text += metric_text(row, *shown, metric);
        for (const EventCount& event : shown->events)
            if (event.name == name_ && (event.asked || text.empty()))
                text += fmt::format("{}: an event\n", printable(with_core(event.name, event.core))) +
                        value_line(*shown, event) + event_lines({&event}) + runs_text(row, event.name, event.core);
        return name_ == "time" ? text + time_text(row, *shown) : text;
    }

    [[nodiscard]] std::string time_text(const Row& row, const Sample& sample) const {
        if (sample.region)
            return "time: elapsed within it, a call\n" + runs_text(row, name_, "");
        if (!row.scope.empty())
            return {};
        std::string text = "time: from start to end, elapsed\n";
        const Result::Run& run = result_.repeats ? result_.runs.at(static_cast<std::size_t>(sample.run)) : result_.run;
        add_fact(text, "value", pmc::record::duration_text(run.elapsed_s) + of_run(sample));
        if (run.user_s + run.sys_s > 0)
            add_fact(text, "CPU time",
                     fmt::format("user {}, sys {}", pmc::record::duration_text(run.user_s),
                                 pmc::record::duration_text(run.sys_s)));
        return text + runs_text(row, name_, "");
    }

    /// "  (run 3)", of which what stands above the runs is.
    [[nodiscard]] std::string of_run(const Sample& sample) const {
        return result_.repeats ? fmt::format("  (run {})", sample.run) : std::string();
    }

    /// Which sample of a row tells the most: one pass has what another has not, and a run that was stopped or does not
    /// count may have less than the others.
    [[nodiscard]] int worth(const Sample& sample) const {
        const auto has_it = [&](const MetricValue& metric) { return metric.id == name_ || metric.metric == name_; };
        const bool has_value =
            std::ranges::any_of(sample.metrics, [&](const auto& one) { return has_it(one) && one.has_value(); }) ||
            std::ranges::any_of(sample.events, [&](const auto& one) { return one.name == name_ && one.has_value(); });
        const bool is_named = has_value || std::ranges::any_of(sample.metrics, has_it) ||
                              std::ranges::find(sample.events, name_, &EventCount::name) != sample.events.end();
        return (is_named ? 4 : 0) + (has_value ? 2 : 0) + (counts(sample) ? 1 : 0);
    }

    [[nodiscard]] bool counts(const Sample& sample) const {
        const auto run = static_cast<std::size_t>(sample.run);
        return run >= result_.runs.size() || (!result_.runs[run].warmup && result_.runs[run].disturbed.empty());
    }

    [[nodiscard]] std::string value_line(const Sample& sample, const EventCount& event) const {
        std::string text;
        if (event.has_value())
            add_fact(text, "value",
                     coverage_note(event.count.coverage()) + model_mark(result_.run.backend) +
                         pmc::record::value_text(event.value(), event.unit) + of_run(sample));
        else
            add_fact(text, "value", fmt::format("{}: {}", missing_text(event), reason_text(event.reason)));
        return text;
    }

    [[nodiscard]] std::string metric_text(const Row& row, const Sample& sample, const MetricValue& metric) const {
        const Recipe recipe = recipe_of(metric, known_);
        std::string text = fmt::format("{}: {}\n", printable(with_core(metric.id, metric.core)),
                                       printable(metric.unit.empty() ? "a ratio" : metric.unit));
        add_fact(text, "formula",
                 !metric.formula.empty()   ? metric.formula
                 : recipe.value != nullptr ? recipe.value->formula
                                           : std::string());
        if (recipe.core != nullptr)
            for (const MetricInfo::Let& let : recipe.core->lets)
                add_fact(text, "", fmt::format("where {} = {}", let.name, let.formula));
        if (recipe.core != nullptr)
            add_fact(text, "variant",
                     fmt::format("{} of table {}: the first that can be counted on this CPU", recipe.core->variant,
                                 recipe.core->table));
        if (metric.has_value()) {
            add_fact(text, "value", coverage_note(metric.coverage) + value_text(metric) + of_run(sample));
            add_fact(text, "made of", made_of(metric.operands));
            add_fact(text, "beside", made_of(metric.also));
            add_fact(text, "quality", quality_text(metric.quality, metric.scope, metric.source));
        } else {
            add_fact(text, "value", fmt::format("{}: {}", missing_text(metric), reason_text(metric.reason)));
        }
        add_fact(text, "note", metric.note);
        text += event_lines(events_of(sample, metric, recipe));
        return text + runs_text(row, metric.id, metric.core);
    }

    [[nodiscard]] static std::string made_of(const std::vector<pmc::Operand>& operands) {
        std::vector<std::string> parts;
        parts.reserve(operands.size());
        for (const pmc::Operand& operand : operands)
            parts.push_back(fmt::format("{} {} ({})", pmc::record::value_text(operand.value, operand.unit),
                                        operand.title.empty() ? operand.role : operand.title, operand.role));
        return fmt::format("{}", fmt::join(parts, ", "));
    }

    // ---- of repeated runs ----

    [[nodiscard]] std::string runs_text(const Row& row, std::string_view name, const std::string& core) const {
        const auto series = std::ranges::find_if(series_, [&](const ValueSeries& one) {
            return one.name == name && one.core == core && one.scope == row.scope && one.id == row.id;
        });
        if (series == series_.end() || !series->has_value() || !series->is_repeated)
            return {};
        const Figure figure = figure_of(*series);
        const pmc::Summary& summary = series->summary;
        const std::string spread = spread_text(summary);
        std::string text;
        add_fact(text, "median",
                 fmt::format("{} of {} runs, {}min .. max {}", figure.text(summary.median), summary.samples,
                             spread == "-" ? "" : fmt::format("95 % CI +-{}, ", spread),
                             figure.range(summary.min, summary.max)));
        return series->values.empty() ? text : text + run_lines(*series);
    }

    [[nodiscard]] std::string run_lines(const ValueSeries& series) const {
        const Figure figure = figure_of(series);
        AlignedLines lines({Align::right, Align::right, Align::left});
        lines.add({"  run", "value", ""});
        for (std::size_t i = 0; i < std::min(result_.runs.size(), most_runs); ++i) {
            const int run = static_cast<int>(i);
            const auto at = std::ranges::find(series.runs, run);
            const bool is_outlier = std::ranges::find(series.outliers, run) != series.outliers.end();
            lines.add({std::to_string(i),
                       at == series.runs.end()
                           ? "-"
                           : figure.text(series.values[static_cast<std::size_t>(at - series.runs.begin())]),
                       run_note(result_.runs[i], is_outlier)});
        }
        if (result_.runs.size() > most_runs)
            lines.add_title("  ...");
        return lines.text();
    }

    [[nodiscard]] static std::string run_note(const Result::Run& run, bool is_outlier) {
        if (run.warmup)
            return "warm-up, not counted";
        if (!run.disturbed.empty())
            return "not counted: " + run.disturbed;
        return is_outlier ? "far from the others" : "";
    }

    const Result& result_;
    std::string_view name_;
    std::span<const MetricInfo> known_;
    std::vector<ValueSeries> series_;
    std::string text_;
    std::size_t rows_ = 0;
};

/// What the document has, those first that have something of the name in them.
std::string names_hint(const Result& result, std::string_view name) {
    std::vector<std::string> names;
    const auto add = [&](const std::string& one) {
        if (std::ranges::find(names, one) == names.end())
            names.push_back(one);
    };
    for (const Sample& sample : result.samples) {
        constexpr std::size_t enough = 200;
        if (names.size() > enough)
            break;
        for (const MetricValue& metric : sample.metrics)
            add(metric.id);
        for (const EventCount& event : sample.events)
            if (event.asked)
                add(event.name);
    }
    add("time");
    const std::string_view begin = name.substr(0, std::min<std::size_t>(name.size(), 3));
    std::stable_partition(names.begin(), names.end(), [&](const std::string& one) {
        return one.find(begin) != std::string::npos || name.find(one) != std::string_view::npos;
    });
    constexpr std::size_t most = 12;
    const std::size_t told = std::min(names.size(), most);
    return printable(fmt::format("it has {}{}", fmt::join(names.begin(), names.begin() + static_cast<long>(told), ", "),
                                 told < names.size() ? ", ..." : ""));
}

} // namespace

pmc::Expected<std::string> explain(const Result& result, std::string_view name, std::span<const MetricInfo> known) {
    std::string text = Explanation(result, name, known).text();
    if (!text.empty())
        return text;
    return pmc::Error(pmc::ErrorKind::unknown_name, pmc::Stage::resolve,
                      fmt::format("nothing was measured by the name \"{}\"", printable(std::string(name))),
                      names_hint(result, name));
}

} // namespace cli
