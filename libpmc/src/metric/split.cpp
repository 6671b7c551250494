#include "machine/reason.hpp"
#include "metric/metric_set_state.hpp"

#include <algorithm>
#include <string_view>

namespace pmc {
namespace {

using State = MetricSet::State;
using Groups = std::vector<std::size_t>; ///< numbers of groups of the plan

bool contains(const Groups& groups, std::size_t group) {
    return std::ranges::find(groups, group) != groups.end();
}

/// The leader of a group that waits for its turn takes a counter.
bool is_on_pmu(const State& set, std::size_t group) {
    return group < set.plan.groups.size() && !set.plan.groups[group].events.empty() &&
           takes_counter(set.events[set.plan.groups[group].events.front()]);
}

std::string_view pmu_of(const State& set, std::size_t group) {
    return set.events[set.plan.groups[group].events.front()].pmu;
}

/// The groups that take turns of which the metric is made.
Groups groups_of(const State& set, const PlannedMetric& metric) {
    Groups groups;
    for (const Binding& binding : metric.bindings) {
        const std::size_t group = set.plan.group_of_bundle[binding.bundle];
        if (is_on_pmu(set, group) && !contains(groups, group))
            groups.push_back(group);
    }
    return groups;
}

/// Whether these groups may all be counted at once: there is one of each PMU.
bool are_one_pass(const State& set, const Groups& groups) {
    for (auto group = groups.begin(); group != groups.end(); ++group) {
        if (std::any_of(groups.begin(), group, [&](std::size_t other) {
                return other != *group && pmu_of(set, other) == pmu_of(set, *group);
            }))
            return false;
    }
    return true;
}

/// Adds the groups to the first pass that has room for them.
void add(const State& set, const Groups& wanted, std::vector<Groups>& passes) {
    for (Groups& pass : passes) {
        Groups both = pass;
        std::ranges::copy_if(wanted, std::back_inserter(both),
                             [&](std::size_t group) { return !contains(pass, group); });
        if (are_one_pass(set, both)) {
            pass = std::move(both);
            return;
        }
    }
    passes.push_back(wanted);
}

/// By pass: the groups of PMUs that it counts. A metric of several PMUs has its groups in one pass, which may count
/// some group a second time.
std::vector<Groups> distribute(const State& set) {
    std::vector<Groups> passes;
    for (const PlannedMetric& metric : set.metrics) {
        if (const Groups groups = groups_of(set, metric); !groups.empty() && are_one_pass(set, groups))
            add(set, groups, passes);
    }
    for (std::size_t group = 0; group < set.plan.groups.size(); ++group) {
        const bool counted = std::ranges::any_of(passes, [&](const Groups& pass) { return contains(pass, group); });
        if (is_on_pmu(set, group) && !counted)
            add(set, {group}, passes);
    }
    return passes;
}

/// The first pass that counts all these groups; the first of all for none.
std::size_t home_of(const Groups& groups, const std::vector<Groups>& passes) {
    const auto home = std::ranges::find_if(passes, [&](const Groups& pass) {
        return std::ranges::all_of(groups, [&](std::size_t group) { return contains(pass, group); });
    });
    return home == passes.end() ? 0 : static_cast<std::size_t>(home - passes.begin());
}

/// One pass of a set. Groups and bundles keep their numbers.
class Part {
public:
    Part(const State& whole, const std::vector<Groups>& passes, std::size_t number)
        : whole_(whole), passes_(passes), number_(number) {}

    std::unique_ptr<State> make() {
        // What is counted is for everybody, what the user named is reported once.
        part_ = std::make_unique<State>(whole_);
        part_->events.clear();
        part_->asked.clear();
        part_->lost.clear();
        part_->metrics.clear();
        for (std::size_t group = 0; group < whole_.plan.groups.size(); ++group) {
            if (!counts_group(number_, group))
                part_->plan.groups[group].events.clear();
        }
        place_.assign(whole_.events.size(), Plan::none);
        for (std::size_t event = 0; event < whole_.events.size(); ++event)
            add_event(event);
        for (PlannedGroup& group : part_->plan.groups)
            renumber(group.events);
        for (Bundle& bundle : part_->bundles)
            renumber(bundle.events);
        for (const PlannedMetric& metric : whole_.metrics)
            add_metric(metric);
        return std::move(part_);
    }

private:
    [[nodiscard]] bool counts_group(std::size_t pass, std::size_t group) const {
        return !is_on_pmu(whole_, group) || contains(passes_[pass], group);
    }

    [[nodiscard]] bool counts_event(std::size_t pass, std::size_t event) const {
        for (std::size_t group = 0; group < whole_.plan.groups.size(); ++group) {
            if (contains(whole_.plan.groups[group].events, event) && counts_group(pass, group))
                return true;
        }
        return false;
    }

    void add_event(std::size_t event) {
        std::size_t first = 0;
        while (first < passes_.size() && !counts_event(first, event))
            ++first;
        const bool reported_here = (first == passes_.size() ? 0 : first) == number_;
        if (!reported_here && !counts_event(number_, event))
            return;
        place_[event] = part_->events.size();
        part_->events.push_back(whole_.events[event]);
        part_->asked.push_back(whole_.asked[event] && reported_here);
        part_->lost.push_back(whole_.lost[event]);
    }

    void renumber(std::vector<std::size_t>& events) const {
        std::erase_if(events, [&](std::size_t event) { return place_[event] == Plan::none; });
        for (std::size_t& event : events)
            event = place_[event];
    }

    void renumber(std::vector<Binding>& bindings) const {
        std::erase_if(bindings, [&](const Binding& binding) {
            const std::size_t group = whole_.plan.group_of_bundle[binding.bundle];
            return group == Plan::none || !counts_group(number_, group);
        });
        for (Binding& binding : bindings)
            binding.event = place_[binding.event];
    }

    void add_metric(const PlannedMetric& metric) {
        const Groups groups = groups_of(whole_, metric);
        const bool in_one_run = are_one_pass(whole_, groups);
        if ((in_one_run ? home_of(groups, passes_) : 0) != number_)
            return;
        part_->metrics.push_back(metric);
        PlannedMetric& own = part_->metrics.back();
        renumber(own.also);
        if (in_one_run) {
            renumber(own.bindings);
            return;
        }
        own.bindings.clear();
        own.unavailable = make_reason(Cause::group_too_large,
                                      "its events are of several groups, and no single run counts all of them");
    }

    const State& whole_;
    const std::vector<Groups>& passes_;
    std::size_t number_;
    std::unique_ptr<State> part_;
    std::vector<std::size_t> place_; ///< by event of the whole: its index in the part
};

} // namespace

std::vector<MetricSet> MetricSet::passes() const {
    std::vector<MetricSet> parts;
    const std::vector<Groups> passes = distribute(*state_);
    if (passes.size() < 2)
        parts.push_back(MetricSet(std::make_unique<State>(*state_)));
    else
        for (std::size_t number = 0; number < passes.size(); ++number)
            parts.push_back(MetricSet(Part(*state_, passes, number).make()));
    return parts;
}

} // namespace pmc
