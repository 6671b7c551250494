#include "report_table.hpp"

#include "cells.hpp"
#include "number.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <system_error>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::MetricValue;
using pmc::Reason;
using pmc::Sample;
using pmc::record::printable;

constexpr double hardly_multiplexed = 0.95; ///< below it, a value is marked
constexpr std::size_t most_explained = 20;

std::size_t columns_of(std::string_view text) {
    return pmc::record::width(text);
}

/// A unit that says no more than the id does.
std::string unit_of(const MetricValue& metric) {
    return metric.unit == "insn/cycle" ? std::string() : metric.unit;
}

const EventCount* find_event(const Sample& sample, const ReportTable::Column& column) {
    const auto is_it = [&](const EventCount& event) { return event.name == column.id && event.core == column.core; };
    if (column.index < sample.events.size() && is_it(sample.events[column.index]))
        return &sample.events[column.index];
    const auto found = std::ranges::find_if(sample.events, is_it);
    return found == sample.events.end() ? nullptr : &*found;
}

const MetricValue* find_metric(const Sample& sample, const ReportTable::Column& column) {
    const auto is_it = [&](const MetricValue& metric) { return metric.id == column.id && metric.core == column.core; };
    if (column.index < sample.metrics.size() && is_it(sample.metrics[column.index]))
        return &sample.metrics[column.index];
    const auto found = std::ranges::find_if(sample.metrics, is_it);
    return found == sample.metrics.end() ? nullptr : &*found;
}

void put_left(std::string& text, std::string_view cell, std::size_t columns) {
    text += cell;
    text.append(columns - std::min(columns_of(cell), columns) + 2, ' ');
}

void put_right(std::string& text, std::string_view cell, std::size_t columns) {
    text.append(columns - std::min(columns_of(cell), columns), ' ');
    text += cell;
    text += "  ";
}

void end_line(std::string& text) {
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
}

} // namespace

std::string time_text(double seconds) {
    std::array<char, 32> digits{};
    // For each interval again: half the price of a format string.
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), seconds, std::chars_format::fixed, 3);
    std::string text = "+";
    text.append(digits.data(), error == std::errc{} ? end : digits.data());
    return text += 's';
}

std::string ReportTable::row_title(const Sample& sample) {
    std::string title = sample.scope + ' ' + sample.id;
    if (!sample.name.empty())
        title += ' ' + sample.name;
    if (!sample.cgroup.empty())
        title += " of cgroup " + sample.cgroup;
    return printable(std::move(title));
}

ReportTable::ReportTable(const std::vector<Sample>& samples, bool timed) : timed_(timed) {
    const Sample& first = samples.front();
    for (std::size_t i = 0; i < first.metrics.size(); ++i) {
        const MetricValue& metric = first.metrics[i];
        columns_.push_back({printable(with_core(metric.id, metric.core)),
                            printable(unit_of(metric)),
                            {},
                            0,
                            metric.id,
                            metric.core,
                            false,
                            i});
    }
    for (std::size_t i = 0; i < first.events.size(); ++i) {
        const EventCount& event = first.events[i];
        if (event.asked)
            columns_.push_back(
                {printable(with_core(event.name, event.core)), {}, event.unit, 0, event.name, event.core, true, i});
    }
    // Over time, values come that were not there when the table began.
    constexpr std::size_t usual = 7;
    for (Column& column : columns_) {
        column.width = std::max({columns_of(column.title), columns_of(column.unit), timed ? usual : 0});
        for (const Sample& sample : samples)
            column.width = std::max(column.width, columns_of(cell(sample, column)));
    }
    const bool is_one = std::ranges::all_of(
        samples, [&](const Sample& sample) { return sample.id == first.id && sample.scope == first.scope; });
    const bool is_whole = is_one && (first.scope == "process" || first.scope == "system");
    if (!is_whole)
        id_title_ = printable(first.scope);
    for (const Sample& sample : samples) {
        if (timed)
            time_width_ = std::max({time_width_, time_text(sample.end_s).size(), std::size_t{8}});
        cgroup_width_ =
            std::max(cgroup_width_, sample.cgroup.empty() ? 0 : std::max(columns_of(sample.cgroup), std::size_t{6}));
        name_width_ =
            std::max(name_width_, sample.name.empty() ? 0 : std::max(columns_of(sample.name), std::size_t{4}));
        id_width_ = is_whole ? 0 : std::max({id_width_, columns_of(sample.id), columns_of(id_title_)});
    }
    if (is_whole)
        name_width_ = 0;
    missing_.clear(); // of measuring, not of showing
    is_estimate_ = is_model_ = false;
}

std::size_t ReportTable::width() const noexcept {
    std::size_t all = 0;
    for (const std::size_t one : {time_width_, cgroup_width_, id_width_, name_width_})
        all += one == 0 ? 0 : one + 2;
    for (const Column& column : columns_)
        all += column.width + 2;
    return all;
}

std::string ReportTable::header() const {
    std::string text = "  ";
    std::string units = "  ";
    const auto put_label = [&](std::string_view title, std::size_t columns) {
        if (columns == 0)
            return;
        put_left(text, title, columns);
        put_left(units, "", columns);
    };
    put_label("time", time_width_);
    put_label("cgroup", cgroup_width_);
    put_label(id_title_, id_width_);
    put_label("name", name_width_);
    for (const Column& column : columns_) {
        put_right(text, column.title, column.width);
        put_right(units, column.unit, column.width);
    }
    end_line(text);
    const bool has_units = std::ranges::any_of(columns_, [](const Column& column) { return !column.unit.empty(); });
    if (!has_units)
        return text;
    end_line(units);
    return text + units;
}

void ReportTable::put_labels(const Sample& sample, std::string& text) {
    if (timed_) {
        put_left(text, last_time_ == sample.end_s ? std::string() : time_text(sample.end_s), time_width_);
        last_time_ = sample.end_s;
    }
    if (cgroup_width_ > 0)
        put_left(text, printable(sample.cgroup), cgroup_width_);
    if (id_width_ > 0)
        put_left(text, printable(sample.id), id_width_);
    if (name_width_ > 0)
        put_left(text, printable(sample.name), name_width_);
}

void ReportTable::add_line(const Sample& sample, std::string& text) {
    text += "  ";
    put_labels(sample, text);
    for (const Column& column : columns_)
        put_right(text, cell(sample, column), column.width);
    end_line(text);
}

std::string ReportTable::cell(const Sample& sample, const Column& column) {
    const auto marked = [&](std::string text, double coverage) {
        const bool is_estimate = coverage < hardly_multiplexed;
        is_estimate_ = is_estimate_ || is_estimate;
        return is_estimate ? std::move(text) + '*' : std::move(text);
    };
    if (column.is_event) {
        const EventCount* const event = find_event(sample, column);
        if (event == nullptr)
            return {};
        if (event->has_value())
            return marked(pmc::record::value_text(event->value(), event->unit), event->count.coverage());
        explain(column.title, event->reason);
        return missing_text(*event);
    }
    const MetricValue* const metric = find_metric(sample, column);
    if (metric == nullptr)
        return {};
    is_model_ = is_model_ || (metric->has_value() && metric->source == "model");
    if (metric->has_value())
        return marked(number_text(*metric), metric->coverage);
    if (metric->reason.cause != pmc::Cause::division_by_zero)
        explain(column.title, metric->reason);
    return missing_text(*metric);
}

void ReportTable::explain(const std::string& title, const Reason& reason) {
    if (reason.evidence.empty() || missing_.size() == most_explained)
        return;
    const auto known = std::ranges::find_if(
        missing_, [&](const auto& one) { return one.first == title && one.second.evidence == reason.evidence; });
    if (known == missing_.end())
        missing_.emplace_back(title, reason);
}

std::string ReportTable::footer(const pmc::Result& result) {
    std::string text;
    if (is_estimate_)
        text += "  * counted less than 95 % of the time: an estimate\n";
    if (is_model_)
        text += "  ~ of a model, not measured\n";
    // What is missing for one reason stands in one line.
    std::vector<std::pair<std::string, std::string>> lines; // why, titles
    for (const auto& [title, reason] : missing_) {
        const std::string why = why_not(result, reason);
        const auto known = std::ranges::find(lines, why, &std::pair<std::string, std::string>::first);
        if (known == lines.end())
            lines.emplace_back(why, title);
        else
            known->second += ", " + title;
    }
    for (const auto& [why, titles] : lines)
        text += fmt::format("  {}: {}\n", titles, printable(why));
    is_estimate_ = is_model_ = false;
    missing_.clear();
    return text;
}

std::optional<double> ReportTable::value(const Sample& sample, const Column& column) {
    if (column.is_event) {
        const EventCount* const event = find_event(sample, column);
        return event != nullptr && event->has_value() ? std::optional(event->value()) : std::nullopt;
    }
    const MetricValue* const metric = find_metric(sample, column);
    return metric != nullptr && metric->has_value() ? std::optional(metric->number) : std::nullopt;
}

} // namespace cli
