#include "report_perf.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::MetricValue;
using pmc::Result;
using pmc::Sample;
using pmc::State;

/// A line of perf's: an event's count, with at most one metric beside it. Without an event it is one more metric of the
/// event above.
struct Line {
    const EventCount* event = nullptr;
    const MetricValue* metric = nullptr;
};

/// perf tells clocks in ms, and counts as they are.
struct Value {
    double number = 0;
    std::string unit;
};

Value value_of(const EventCount& event) {
    constexpr double ns_per_ms = 1e6;
    if (event.unit == "ns")
        return {event.value() / ns_per_ms, "msec"};
    return {event.value(), event.unit};
}

const char* stand_in(State state) noexcept {
    return state == State::not_available ? "<not supported>" : "<not counted>";
}

double running_percent(const pmc::Count& count) noexcept {
    // perf says 100 of what never ran, too.
    return count.enabled_ns() == 0
               ? 100.0
               : 100.0 * static_cast<double>(count.running_ns()) / static_cast<double>(count.enabled_ns());
}

std::string name_of(const EventCount& event) {
    const bool names_pmu = event.core.empty() || event.name.find('/') != std::string::npos;
    return names_pmu ? event.name : fmt::format("{}/{}/", event.core, event.name);
}

/// Without a modifier, and as roles are written: an event that a metric needs may have been asked for by its own name.
std::string as_role(std::string_view name) {
    std::string role(name.substr(0, name.find(':')));
    std::ranges::replace(role, '-', '_');
    return role;
}

bool is_made_of(const MetricValue& metric, const EventCount& event) {
    if (metric.core != event.core && !event.core.empty())
        return false;
    const std::string role = as_role(event.name);
    return std::ranges::any_of(metric.operands,
                               [&](const pmc::Operand& operand) { return as_role(operand.role) == role; });
}

/// A metric that was asked for appears as its events' rows, its value beside the first. Then what was asked for by
/// itself.
std::vector<Line> lines_of(const Sample& sample) {
    std::vector<Line> lines;
    std::set<const EventCount*> shown;
    for (const MetricValue& metric : sample.metrics) {
        bool is_told = false;
        for (const EventCount& event : sample.events) {
            if (!is_made_of(metric, event) || !shown.insert(&event).second)
                continue;
            lines.push_back({&event, is_told || !metric.has_value() ? nullptr : &metric});
            is_told = true;
        }
        if (is_told)
            continue;
        // All its events stand there already: beside one that has no metric yet, or on a line of its own below.
        const auto is_its = [&](const Line& line) { return line.event != nullptr && is_made_of(metric, *line.event); };
        const auto free =
            std::ranges::find_if(lines, [&](const Line& line) { return is_its(line) && line.metric == nullptr; });
        const auto taken = std::ranges::find_if(lines, is_its);
        if (taken == lines.end())
            lines.push_back({nullptr, &metric});
        else if (metric.has_value() && free != lines.end())
            free->metric = &metric;
        else if (metric.has_value())
            lines.insert(std::next(taken), Line{nullptr, &metric});
    }
    for (const EventCount& event : sample.events)
        if (event.asked && shown.insert(&event).second)
            lines.push_back({&event, nullptr});
    return lines;
}

std::string metric_name(const MetricValue& metric) {
    return metric.core.empty() ? metric.id : fmt::format("{}/{}/", metric.core, metric.id);
}

std::string metric_unit(const MetricValue& metric) {
    return metric.unit.empty() ? metric.id : fmt::format("{} {}", metric.unit, metric.id);
}

std::string csv_line(const Line& line, std::string_view separator) {
    std::vector<std::string> fields;
    if (line.event != nullptr) {
        const EventCount& event = *line.event;
        if (event.has_value()) {
            const Value value = value_of(event);
            fields = {value.unit.empty() ? fmt::format("{:.0f}", value.number) : fmt::format("{:.2f}", value.number),
                      value.unit};
        } else {
            fields = {stand_in(event.count.state()), event.unit == "ns" ? "msec" : event.unit};
        }
        fields.push_back(name_of(event));
        fields.push_back(fmt::format("{}", event.count.running_ns()));
        fields.push_back(fmt::format("{:.2f}", running_percent(event.count)));
    } else if (line.metric->has_value()) {
        fields.assign(5, {}); // one more metric of the event above
    } else {
        fields = {stand_in(line.metric->state), {}, metric_name(*line.metric), "0", "100.00"};
    }
    const bool has_metric = line.metric != nullptr && line.metric->has_value();
    fields.push_back(has_metric ? fmt::format("{:.3f}", line.metric->number) : std::string());
    fields.push_back(has_metric ? metric_unit(*line.metric) : std::string());
    return fmt::format("{}\n", fmt::join(fields, separator));
}

/// A text as JSON has it; what is no UTF-8 in it is replaced.
std::string json_text(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_line(const Line& line) {
    const bool has_metric = line.metric != nullptr && line.metric->has_value();
    const std::string metric =
        fmt::format("\"metric-value\" : {:.6f}, \"metric-unit\" : {}", has_metric ? line.metric->number : 0.0,
                    json_text(has_metric ? metric_unit(*line.metric) : std::string()));
    if (line.event == nullptr && has_metric)
        return fmt::format("{{{}}}\n", metric);
    std::string value = stand_in(line.event != nullptr ? line.event->count.state() : line.metric->state);
    std::string unit;
    std::uint64_t running_ns = 0;
    double percent = 100;
    if (line.event != nullptr) {
        unit = line.event->unit == "ns" ? "msec" : line.event->unit;
        running_ns = line.event->count.running_ns();
        percent = running_percent(line.event->count);
        if (line.event->has_value())
            value = fmt::format("{:.6f}", value_of(*line.event).number);
    }
    return fmt::format("{{\"counter-value\" : {}, \"unit\" : {}, \"event\" : {}, \"event-runtime\" : {}, "
                       "\"pcnt-running\" : {:.2f}, {}}}\n",
                       json_text(value), json_text(unit),
                       json_text(line.event != nullptr ? name_of(*line.event) : metric_name(*line.metric)), running_ns,
                       percent, metric);
}

/// perf knows no regions.
template <typename Write>
std::string all_lines(const Result& result, const Write& write) {
    std::string text;
    for (const Sample& sample : result.samples) {
        if (sample.region)
            continue;
        for (const Line& line : lines_of(sample))
            text += write(line);
    }
    return text;
}

} // namespace

std::string perf_csv(const Result& result, std::string_view separator) {
    return all_lines(result, [&](const Line& line) { return csv_line(line, separator); });
}

std::string perf_json(const Result& result) {
    return all_lines(result, json_line);
}

} // namespace cli
