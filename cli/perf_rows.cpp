#include "perf_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::MetricValue;
using pmc::Sample;

using Samples = std::vector<const Sample*>;

/// Which events are shown, and which metrics beside each: the same for all rows whose events and metrics are the same,
/// whatever could be counted in each.
struct Block {
    std::optional<std::size_t> event{}; ///< an index into Sample::events
    std::vector<std::size_t> metrics{}; ///< into Sample::metrics
};
using Layout = std::vector<Block>;

/// Without a modifier, and as roles are written: an event that a metric needs may have been asked for by its own name.
std::string as_role(std::string_view name) {
    std::string role(name.substr(0, name.find(':')));
    std::ranges::replace(role, '-', '_');
    return role;
}

bool same_layout(const Sample& a, const Sample& b) {
    const auto same_event = [](const EventCount& one, const EventCount& other) {
        return one.asked == other.asked && one.name == other.name && one.core == other.core;
    };
    const auto same_metric = [](const MetricValue& one, const MetricValue& other) {
        return one.id == other.id && one.core == other.core;
    };
    return std::ranges::equal(a.events, b.events, same_event) && std::ranges::equal(a.metrics, b.metrics, same_metric);
}

/// Makes the layout of rows that have the same events and metrics.
class LayoutMaker {
public:
    explicit LayoutMaker(const Samples& rows) : rows_(rows), shown_(first().events.size()) {
        for (const EventCount& event : first().events)
            roles_.push_back(as_role(event.name));
    }

    Layout make() {
        for (std::size_t metric = 0; metric < first().metrics.size(); ++metric)
            add_metric(metric);
        for (std::size_t event = 0; event < shown_.size(); ++event) {
            if (first().events[event].asked)
                (void)show(event);
        }
        return std::move(layout_);
    }

private:
    [[nodiscard]] const Sample& first() const { return *rows_.front(); }

    /// What a metric is made of is told only where it has a value: in any of the rows.
    [[nodiscard]] std::vector<std::string> roles_of(std::size_t metric) const {
        std::vector<std::string> roles;
        for (const Sample* row : rows_) {
            for (const pmc::Operand& operand : row->metrics[metric].operands)
                roles.push_back(as_role(operand.role));
            if (!roles.empty())
                break;
        }
        return roles;
    }

    [[nodiscard]] bool is_made_of(std::size_t metric, const std::vector<std::string>& roles, std::size_t event) const {
        const std::string& core = first().events[event].core;
        if (!core.empty() && core != first().metrics[metric].core)
            return false;
        return std::ranges::find(roles, roles_[event]) != roles.end();
    }

    /// Whether it was opened with its events, and only has no value here and now: these stand in the sample.
    [[nodiscard]] bool has_events(std::size_t metric) const {
        return std::ranges::any_of(rows_, [&](const Sample* row) {
            const MetricValue& value = row->metrics[metric];
            return value.state == pmc::State::not_counted || value.reason.cause == pmc::Cause::division_by_zero;
        });
    }

    bool show(std::size_t event) {
        if (shown_[event])
            return false;
        shown_[event] = true;
        layout_.push_back({event, {}});
        return true;
    }

    void add_metric(std::size_t metric) {
        const std::vector<std::string> roles = roles_of(metric);
        if (roles.empty()) {
            if (!has_events(metric) || !show_unclaimed())
                layout_.push_back({std::nullopt, {metric}});
            return;
        }
        bool is_told = false;
        for (std::size_t event = 0; event < shown_.size(); ++event) {
            if (!is_made_of(metric, roles, event) || !show(event) || is_told)
                continue;
            layout_.back().metrics.push_back(metric);
            is_told = true;
        }
        if (is_told)
            return;
        // All its events stand there already: beside one that has no metric yet, or one more beside another.
        const auto is_its = [&](const Block& block) { return block.event && is_made_of(metric, roles, *block.event); };
        const auto taken = std::ranges::find_if(layout_, is_its);
        const auto free = std::find_if(taken, layout_.end(),
                                       [&](const Block& block) { return is_its(block) && block.metrics.empty(); });
        if (free != layout_.end())
            free->metrics.push_back(metric);
        else if (taken != layout_.end())
            taken->metrics.push_back(metric);
        else
            layout_.push_back({std::nullopt, {metric}});
    }

    /// The events that nobody asked for by name and no metric with a value is made of. False if there are none.
    bool show_unclaimed() {
        std::vector<std::string> claimed;
        for (const Sample* row : rows_) {
            for (const MetricValue& metric : row->metrics) {
                for (const auto* operands : {&metric.operands, &metric.also})
                    for (const pmc::Operand& operand : *operands)
                        claimed.push_back(as_role(operand.role));
            }
        }
        std::ranges::sort(claimed);
        bool any = false;
        for (std::size_t event = 0; event < shown_.size(); ++event) {
            if (!first().events[event].asked && !std::ranges::binary_search(claimed, roles_[event]))
                any = show(event) || any;
        }
        return any;
    }

    const Samples& rows_;
    std::vector<std::string> roles_; ///< of the events
    std::vector<bool> shown_;
    Layout layout_;
};

PerfRow row_of(const Sample& sample, const Block& block) {
    PerfRow row{&sample, nullptr};
    if (!block.event) {
        row.metrics.push_back(&sample.metrics[block.metrics.front()]);
        return row;
    }
    row.event = &sample.events[*block.event];
    for (const std::size_t metric : block.metrics) {
        if (sample.metrics[metric].has_value())
            row.metrics.push_back(&sample.metrics[metric]);
    }
    return row;
}

double counted(const Sample& sample, const Block& block) {
    if (!block.event)
        return 0;
    const EventCount& event = sample.events[*block.event];
    return event.has_value() ? event.value() : 0;
}

/// The samples in parts that have the same key, in the order in which the keys come.
template <typename KeyOf>
std::vector<Samples> parts_of(const Samples& samples, const KeyOf& key_of) {
    std::vector<Samples> parts;
    std::map<std::string_view, std::size_t> places;
    for (const Sample* sample : samples) {
        const auto [place, is_new] = places.try_emplace(key_of(*sample), parts.size());
        if (is_new)
            parts.emplace_back();
        parts[place->second].push_back(sample);
    }
    return parts;
}

std::vector<Samples> by_layout(const Samples& samples) {
    std::vector<Samples> parts;
    for (const Sample* sample : samples) {
        const auto like =
            std::ranges::find_if(parts, [&](const Samples& part) { return same_layout(*part.front(), *sample); });
        if (like == parts.end())
            parts.push_back({sample});
        else
            like->push_back(sample);
    }
    return parts;
}

/// Event by event, each with all rows.
void add_columns(std::vector<PerfRow>& rows, const Samples& samples, const Layout& layout) {
    const bool sorted = samples.front()->scope == "thread";
    for (const Block& block : layout) {
        std::vector<std::pair<double, const Sample*>> order;
        order.reserve(samples.size());
        for (const Sample* sample : samples)
            order.emplace_back(sorted ? counted(*sample, block) : 0, sample);
        if (sorted)
            std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first > b.first; });
        for (const auto& [value, sample] : order)
            rows.push_back(row_of(*sample, block));
    }
}

void add_interval(std::vector<PerfRow>& rows, const Samples& samples) {
    const auto cgroup_of = [](const Sample& sample) -> std::string_view { return perf_cgroup(sample); };
    for (const Samples& same : by_layout(samples)) {
        const Layout layout = LayoutMaker(same).make();
        if (const std::string& scope = same.front()->scope; scope == "cpu" || scope == "thread") {
            for (const Samples& cgroup : parts_of(same, cgroup_of))
                add_columns(rows, cgroup, layout);
            continue;
        }
        for (const Samples& place : parts_of(same, [](const Sample& sample) -> std::string_view { return sample.id; }))
            for (const Sample* sample : place)
                for (const Block& block : layout)
                    rows.push_back(row_of(*sample, block));
    }
}

} // namespace

std::vector<PerfRow> perf_rows(std::span<const Sample> samples) {
    const auto time_of = [](const Sample& sample) { return std::tuple(sample.run, sample.summary, sample.end_s); };
    std::vector<PerfRow> rows;
    Samples interval;
    for (const Sample& sample : samples) {
        if (sample.region)
            continue;
        if (!interval.empty() && time_of(*interval.front()) != time_of(sample)) {
            add_interval(rows, interval);
            interval.clear();
        }
        interval.push_back(&sample);
    }
    if (!interval.empty())
        add_interval(rows, interval);
    return rows;
}

const std::string& perf_cgroup(const Sample& sample) noexcept {
    return sample.scope == "cgroup" ? sample.id : sample.cgroup;
}

} // namespace cli
