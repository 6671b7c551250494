#include "report_perf.hpp"

#include "perf_rows.hpp"
#include "terminal.hpp"

#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::MetricValue;
using pmc::Sample;
using pmc::State;

/// How perf names a place, and whether it says how many CPUs are in it.
struct Place {
    std::string_view key{}; ///< of JSON; empty: it is not named
    std::string id{};
    bool is_aggregate = false;
};

Place place_of(const Sample& sample, const PerfShape& shape) {
    for (const std::string_view key : {"core", "socket", "node"})
        if (sample.scope == key)
            return {key, sample.id, true};
    if (sample.scope == "cpu")
        return {"cpu", sample.id};
    if (sample.scope == "thread" && shape.per_thread)
        return {"thread", fmt::format("{}-{}", sample.name, sample.id)};
    return {};
}

/// perf stops adding up at the first CPU that has no count.
unsigned aggregated(const PerfRow& row) {
    return row.event != nullptr && row.event->has_value() ? row.sample->cpus : 1;
}

/// What stands for one event in a line, in either form.
struct Cells {
    double number = 0;
    const char* stand_in = nullptr; ///< instead of a number
    bool is_whole = true;
    std::string unit{}, name{};
    std::uint64_t running_ns = 0;
    double running_percent = 100; ///< perf says 100 of what never ran, too
};

const char* stand_in_for(State state) noexcept {
    return state == State::not_available ? "<not supported>" : "<not counted>";
}

std::string on_core(const std::string& name, const std::string& core) {
    const bool names_pmu = core.empty() || name.find('/') != std::string::npos;
    return names_pmu ? name : fmt::format("{}/{}/", core, name);
}

Cells cells_of(const EventCount& event) {
    constexpr double ns_per_ms = 1e6;
    const bool is_clock = event.unit == "ns"; // perf tells clocks in ms, and counts as they are
    Cells cells;
    cells.unit = is_clock ? "msec" : event.unit;
    cells.name = on_core(event.name, event.core);
    cells.running_ns = event.count.running_ns();
    if (event.count.enabled_ns() != 0)
        cells.running_percent =
            100.0 * static_cast<double>(event.count.running_ns()) / static_cast<double>(event.count.enabled_ns());
    // perf's word for what did not run, though nothing is known to have happened then.
    if (event.has_value() && event.count.enabled_ns() == 0)
        cells.stand_in = stand_in_for(State::not_counted);
    else if (event.has_value())
        cells.number = is_clock ? event.value() / ns_per_ms : event.value();
    else
        cells.stand_in = stand_in_for(event.count.state());
    cells.is_whole = !is_clock && std::floor(event.scale) == event.scale;
    return cells;
}

Cells cells_of(const MetricValue& metric) {
    Cells cells;
    cells.stand_in = stand_in_for(metric.state);
    cells.name = on_core(metric.id, metric.core);
    return cells;
}

Cells cells_of(const PerfRow& row) {
    return row.event != nullptr ? cells_of(*row.event) : cells_of(*row.metrics.front());
}

std::string unit_of(const MetricValue& metric) {
    return metric.unit.empty() ? metric.id : fmt::format("{} {}", metric.unit, metric.id);
}

class CsvLines {
public:
    CsvLines(std::string_view separator, const PerfShape& shape) : separator_(separator), shape_(shape) {}

    void add(const PerfRow& row) {
        const std::string place = place_fields(row);
        const std::string& cgroup = perf_cgroup(*row.sample);
        const Cells cells = cells_of(row);
        text_ += place;
        if (cells.stand_in != nullptr)
            field(cells.stand_in);
        else
            field(cells.is_whole ? fmt::format("{:.0f}", cells.number) : fmt::format("{:.2f}", cells.number));
        field(cells.unit);
        field(cells.name);
        if (!cgroup.empty())
            field(cgroup);
        field(fmt::format("{}", cells.running_ns));
        field(fmt::format("{:.2f}", cells.running_percent));
        if (row.event == nullptr || row.metrics.empty()) {
            field({});
            text_ += '\n';
            return;
        }
        add_metric(*row.metrics.front());
        for (std::size_t i = 1; i < row.metrics.size(); ++i) {
            text_ += place;
            for (std::size_t empty = cgroup.empty() ? 5 : 6; empty > 0; --empty)
                field({});
            add_metric(*row.metrics[i]);
        }
    }

    std::string take() { return std::move(text_); }

private:
    /// A thread's name, and what a document says, are other people's texts.
    void field(std::string text) { text_.append(pmc::record::printable(std::move(text))).append(separator_); }

    void add_metric(const MetricValue& metric) {
        fmt::format_to(std::back_inserter(text_), "{:.3f}{}{}\n", metric.number, separator_,
                       pmc::record::printable(unit_of(metric)));
    }

    /// When and where. Lines that tell one more metric of an event have it too.
    [[nodiscard]] std::string place_fields(const PerfRow& row) const {
        std::string text;
        const auto out = std::back_inserter(text);
        if (shape_.interval && row.sample->summary)
            fmt::format_to(out, "{:>16}{}", "summary", separator_);
        else if (shape_.interval)
            fmt::format_to(out, "{:16.9f}{}", row.sample->end_s, separator_);
        const Place place = place_of(*row.sample, shape_);
        if (place.key.empty())
            return text;
        fmt::format_to(out, "{}{}{}", place.key == "cpu" ? "CPU" : "", pmc::record::printable(place.id), separator_);
        if (place.is_aggregate)
            fmt::format_to(out, "{}{}", aggregated(row), separator_);
        return text;
    }

    std::string_view separator_;
    PerfShape shape_;
    std::string text_;
};

/// A text as JSON has it; what is no UTF-8 in it is replaced.
std::string json_text(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void add_json_metric(std::string& to, const MetricValue* metric) {
    fmt::format_to(std::back_inserter(to), "\"metric-value\" : {:.6f}, \"metric-unit\" : {}}}\n",
                   metric != nullptr ? metric->number : 0.0,
                   metric != nullptr ? json_text(unit_of(*metric)) : std::string("\"\""));
}

std::string json_place(const PerfRow& row, const PerfShape& shape) {
    std::string text = "{";
    const auto out = std::back_inserter(text);
    if (shape.interval && !row.sample->summary)
        fmt::format_to(out, "\"interval\" : {:.9f}, ", row.sample->end_s);
    const Place place = place_of(*row.sample, shape);
    if (!place.key.empty())
        fmt::format_to(out, "\"{}\" : {}, ", place.key, json_text(place.id));
    if (place.is_aggregate)
        fmt::format_to(out, "\"aggregate-number\" : {}, ", aggregated(row));
    return text;
}

void add_json(std::string& to, const PerfRow& row, const PerfShape& shape) {
    const auto out = std::back_inserter(to);
    const std::string place = json_place(row, shape);
    const Cells cells = cells_of(row);
    to += place;
    if (cells.stand_in != nullptr)
        fmt::format_to(out, "\"counter-value\" : \"{}\", ", cells.stand_in);
    else
        fmt::format_to(out, "\"counter-value\" : \"{:.6f}\", ", cells.number);
    fmt::format_to(out, "\"unit\" : {}, \"event\" : {}, ", json_text(cells.unit), json_text(cells.name));
    if (const std::string& cgroup = perf_cgroup(*row.sample); !cgroup.empty())
        fmt::format_to(out, "\"cgroup\" : {}, ", json_text(cgroup));
    fmt::format_to(out, "\"event-runtime\" : {}, \"pcnt-running\" : {:.2f}, ", cells.running_ns, cells.running_percent);
    if (row.event == nullptr || row.metrics.empty()) {
        add_json_metric(to, nullptr);
        return;
    }
    add_json_metric(to, row.metrics.front());
    for (std::size_t i = 1; i < row.metrics.size(); ++i) {
        to += place;
        add_json_metric(to, row.metrics[i]);
    }
}

} // namespace

PerfShape perf_shape_of(std::span<const Sample> samples) {
    PerfShape shape;
    std::set<std::tuple<int, std::string_view, std::string_view, std::string_view>> seen;
    for (const Sample& sample : samples) {
        if (sample.region)
            continue;
        const bool is_new = seen.insert({sample.run, sample.scope, sample.id, sample.cgroup}).second;
        shape.interval = shape.interval || sample.summary || !is_new;
        // Threads that were counted as one have no name.
        shape.per_thread = shape.per_thread || (sample.scope == "thread" && !sample.name.empty());
    }
    return shape;
}

std::string perf_csv_lines(std::span<const Sample> samples, std::string_view separator, const PerfShape& shape) {
    CsvLines lines(separator, shape);
    for (const PerfRow& row : perf_rows(samples))
        lines.add(row);
    return lines.take();
}

std::string perf_json_lines(std::span<const Sample> samples, const PerfShape& shape) {
    std::string text;
    for (const PerfRow& row : perf_rows(samples))
        add_json(text, row, shape);
    return text;
}

} // namespace cli
