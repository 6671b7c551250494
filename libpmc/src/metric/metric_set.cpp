#include <pmc/metric_set.hpp>

#include "machine/reason.hpp"
#include "metric/set_builder.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace pmc {
namespace {

std::string with_core(const std::string& name, const std::string& core) {
    return core.empty() ? name : name + " (" + core + ")";
}

} // namespace

MetricSet::MetricSet(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
MetricSet::MetricSet(const MetricSet&) noexcept = default;
MetricSet::MetricSet(MetricSet&&) noexcept = default;
MetricSet& MetricSet::operator=(const MetricSet&) noexcept = default;
MetricSet& MetricSet::operator=(MetricSet&&) noexcept = default;
MetricSet::~MetricSet() = default;

Expected<MetricSet> MetricSet::parse(std::string_view list, const Machine& machine) {
    const Expected<Tables> tables = Tables::from_environment();
    return tables ? parse(list, machine, *tables) : Expected<MetricSet>(tables.error());
}

Expected<MetricSet> MetricSet::parse(std::string_view list, const Machine& machine, const Tables& tables, Mode most) {
    const Expected<std::vector<ListItem>> items = parse_event_list(list);
    if (!items)
        return items.error();
    SetBuilder builder(machine, tables, nullptr, most);
    for (const ListItem& item : *items) {
        if (std::optional<Error> error = builder.add(item))
            return std::move(*error);
    }
    return MetricSet(builder.finish());
}

MetricSet MetricSet::standard(const Machine& machine, const Tables& tables) {
    SetBuilder builder(machine, tables);
    for (const MetricDef& metric : tables.state().metrics) {
        if (!metric.standard)
            continue;
        const std::string id(metric.id);
        // The name of a metric is never an error: what can't be counted is *not available*.
        builder.add(NameItem{id, {}, id, 0});
    }
    std::unique_ptr<State> state = builder.finish();
    // Of a model it is known beforehand what it will never tell.
    if (machine.is_model())
        std::erase_if(state->metrics, [](const PlannedMetric& metric) { return bool(metric.unavailable); });
    for (PlannedMetric& metric : state->metrics)
        metric.asked = false;
    return MetricSet(std::move(state));
}

const std::vector<Event>& MetricSet::events() const noexcept {
    return state_->events;
}

Mode MetricSet::mode() const noexcept {
    return state_->mode;
}

const std::string& MetricSet::table() const noexcept {
    return state_->table;
}

Reason MetricSet::why_no_hardware() const {
    const bool counts_hardware = std::any_of(state_->bundles.begin(), state_->bundles.end(), [&](const Bundle& bundle) {
        return std::any_of(bundle.events.begin(), bundle.events.end(),
                           [&](std::size_t event) { return takes_counter(state_->events[event]); });
    });
    if (counts_hardware)
        return {};
    for (const PlannedMetric& metric : state_->metrics)
        if (concerns_all_counters(metric.unavailable.cause))
            return metric.unavailable;
    for (const Event& event : state_->events)
        if (concerns_all_counters(event.unavailable.cause))
            return event.unavailable;
    return {};
}

std::vector<std::string> MetricSet::plan() const {
    std::vector<std::string> lines;
    const std::vector<Event>& events = state_->events;
    const std::vector<PlannedGroup>& groups = state_->plan.groups;
    std::size_t width = 0;
    for (const PlannedGroup& group : groups)
        width = std::max(width, group.events.empty() ? 0 : events[group.events.front()].pmu.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (groups[i].events.empty())
            continue;
        std::string pmu = events[groups[i].events.front()].pmu;
        pmu.resize(width, ' ');
        std::string line = "group " + std::to_string(i) + "  " + pmu + "  ";
        for (const std::size_t event : groups[i].events)
            line += (line.back() == ' ' ? "" : ", ") + events[event].name;
        lines.push_back(groups[i].explicit_group ? line + "  {as asked}" : line);
    }
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (const Reason& reason = events[i].unavailable ? events[i].unavailable : state_->lost[i])
            lines.push_back("not available  " + with_core(events[i].name, events[i].core) + ": " + reason.evidence);
    }
    for (const PlannedMetric& metric : state_->metrics) {
        if (metric.unavailable)
            lines.push_back("not available  " + with_core(metric.id, metric.core) + ": " + metric.unavailable.evidence);
    }
    return lines;
}

} // namespace pmc
