#include "metric/metric_set_state.hpp"
#include "metric/on_core.hpp"
#include "table/ladder.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <linux/perf_event.h>
#include <optional>
#include <set>
#include <string_view>

namespace pmc {

namespace {

Reason not_counted_reason(std::string_view what) {
    return {Cause::part_missing, 0, std::string(what) + " was not counted", {}};
}

/// By event and group: the planner may count an event in several groups.
const GroupCount* find_count(const Counts& counts, std::size_t event, std::size_t group) {
    const auto found = std::find_if(counts.begin(), counts.end(), [&](const GroupCount& count) {
        return count.event == event && count.group >= 0 && static_cast<std::size_t>(count.group) == group;
    });
    return found == counts.end() ? nullptr : &*found;
}

bool is_better(const Count& count, const Count& than) noexcept {
    if (count.state() != than.state())
        return count.state() < than.state(); // counted, not counted, not available
    return count.coverage() > than.coverage();
}

EventCount event_count(const MetricSet::State& set, const Counts& counts, std::size_t index) {
    const Event& event = set.events[index];
    EventCount result;
    result.name = event.name;
    result.encoding = event.encoding;
    result.scale = event.scale;
    result.unit = event.unit;
    result.asked = set.asked[index];
    result.core = event.core;
    if (set.machine.is_model())
        result.source = "model";

    const GroupCount* best = nullptr;
    for (const GroupCount& count : counts) {
        if (count.event == index && (best == nullptr || is_better(count.count, best->count)))
            best = &count;
    }
    if (best != nullptr) {
        result.count = best->count;
        result.group = best->count.state() == State::not_available ? -1 : best->group;
        result.reason = best->reason;
    } else {
        result.count = Count(0, 0, 0, State::not_available);
        result.reason = event.unavailable ? event.unavailable : set.lost[index];
    }
    if (!result.has_value() && !result.reason)
        result.reason = not_counted_reason(event.name);
    for (const GroupCount& count : counts) {
        if (count.event == index && &count != best && count.count.state() != State::not_available)
            result.others.push_back({count.group, count.count, count.reason});
    }
    return result;
}

/// One metric over the counts of one sample.
class Evaluation {
public:
    Evaluation(const MetricSet::State& set, const PlannedMetric& metric, const Counts& counts, double seconds,
               CountedOn on)
        : set_(set), metric_(metric), counts_(counts), seconds_(seconds), on_(on) {}

    MetricValue value(const PlannedValue& planned) {
        MetricValue result;
        result.id = planned.id;
        result.metric = metric_.id;
        result.label = planned.label;
        result.unit = planned.unit;
        result.core = metric_.core;
        if (set_.machine.is_model())
            result.source = "model";
        result.better = planned.better;
        result.asked = metric_.asked;
        if (metric_.defined)
            result.formula = planned.formula.text();
        if (metric_.unavailable) {
            result.reason = metric_.unavailable;
            return result;
        }
        used_ = used_bindings(planned.formula);
        describe(result);
        if (on_ == CountedOn::cpu && measures_time(planned.formula))
            describe_idling(result);
        if (!all_counted(result))
            return result;
        compute(planned.formula, result);
        return result;
    }

    std::vector<Operand> also() const {
        std::vector<Operand> operands;
        for (const Binding& binding : metric_.also) {
            if (const GroupCount* count = count_of(binding); count != nullptr && count->count.has_value())
                operands.push_back(operand_of(binding));
        }
        return operands;
    }

private:
    const GroupCount* count_of(const Binding& binding) const {
        const std::size_t group = set_.plan.group_of_bundle[binding.bundle];
        return group == Plan::none ? nullptr : find_count(counts_, binding.event, group);
    }

    double value_of(const Binding& binding) const {
        const GroupCount* count = count_of(binding);
        return count == nullptr ? 0 : count->count.value_or(0) * set_.events[binding.event].scale;
    }

    /// The last let of this name among the first `visible`.
    std::size_t find_let(std::string_view name, std::size_t visible) const {
        while (visible > 0 && metric_.lets[visible - 1].name != name)
            --visible;
        return visible == 0 ? Plan::none : visible - 1;
    }

    const Binding* find_binding(std::string_view name) const {
        const auto found = std::find_if(metric_.bindings.begin(), metric_.bindings.end(),
                                        [&](const Binding& binding) { return binding.name == name; });
        return found == metric_.bindings.end() ? nullptr : &*found;
    }

    /// The bindings that a formula uses, itself or by its lets.
    std::vector<const Binding*> used_bindings(const Formula& formula) const {
        std::set<std::size_t> lets;
        std::vector<const Binding*> used;
        const auto visit = [&](const Formula& of, std::size_t visible) {
            for (const Formula::Name& name : of.names()) {
                if (const std::size_t let = find_let(name.text, visible); let != Plan::none) {
                    lets.insert(let);
                } else if (const Binding* binding = find_binding(name.text);
                           binding != nullptr && std::find(used.begin(), used.end(), binding) == used.end()) {
                    used.push_back(binding);
                }
            }
        };
        visit(formula, metric_.lets.size());
        // A let sees only those before it: from the last to the first, each is met once.
        for (std::size_t let = metric_.lets.size(); let-- > 0;) {
            if (lets.contains(let))
                visit(metric_.lets[let].formula, let);
        }
        return used;
    }

    /// A clock of the kernel, or the time of the group: while a CPU idles they go on, and the PMU's cycles stop.
    bool measures_time(const Formula& formula) const {
        const auto is_clock = [&](const Binding* binding) {
            const Event& event = set_.events[binding->event];
            return event.is_software() &&
                   (event.config == PERF_COUNT_SW_CPU_CLOCK || event.config == PERF_COUNT_SW_TASK_CLOCK);
        };
        return std::ranges::any_of(used_, is_clock) ||
               std::ranges::any_of(formula.names(),
                                   [](const Formula::Name& name) { return name.text == "group_seconds"; });
    }

    static void describe_idling(MetricValue& result) {
        keep_worse(qualities, result.quality, std::string_view("proxy"));
        result.note += (result.note.empty() ? "" : "; ") + std::string("the time that a CPU idles is in it");
    }

    void describe(MetricValue& result) const {
        for (const Binding* binding : used_) {
            if (binding->role == nullptr)
                continue;
            const RoleEvent& role = *binding->role;
            keep_worse(qualities, result.quality, role.quality);
            keep_worse(scopes, result.scope, role.scope);
            if (role.quality == "exact" || role.counts.empty())
                continue;
            if (!result.note.empty())
                result.note += "; ";
            result.note += binding->name + ": " + std::string(role.counts);
        }
    }

    /// Sets coverage, or the state and the reason when an event has no count.
    bool all_counted(MetricValue& result) const {
        double coverage = 1;
        const std::string* pmu = nullptr;
        bool several_pmus = false;
        result.state = State::counted;
        for (const Binding* binding : used_) {
            const Event& event = set_.events[binding->event];
            const GroupCount* count = count_of(*binding);
            const State state = count == nullptr ? State::not_available : count->count.state();
            if (state != State::counted && state > result.state) {
                result.state = state;
                result.reason = count == nullptr ? set_.lost[binding->event] : count->reason;
                if (!result.reason)
                    result.reason = not_counted_reason(binding->name);
            }
            coverage = std::min(coverage, count == nullptr ? 0 : count->count.coverage());
            if (!takes_counter(event))
                continue;
            several_pmus = several_pmus || (pmu != nullptr && *pmu != event.pmu);
            pmu = &event.pmu;
        }
        if (result.state != State::counted)
            return false;
        result.coverage = coverage;
        // Two PMUs multiplex each on its own: their estimates are of different times.
        if (several_pmus && coverage < 1) {
            result.state = State::not_counted;
            result.reason = {Cause::part_missing, 0, "events of several PMUs, not all counted all the time", {}};
            return false;
        }
        return true;
    }

    void compute(const Formula& formula, MetricValue& result) {
        lets_.clear();
        for (std::size_t i = 0; i < metric_.lets.size(); ++i)
            lets_.push_back(metric_.lets[i].formula.evaluate(names(i)));
        const Formula::Outcome outcome = formula.evaluate(names(metric_.lets.size()));
        if (outcome.value) {
            result.number = *outcome.value;
            result.state = State::counted;
            result.group = group();
            add_operands(formula, result);
            return;
        }
        result.state = State::not_available;
        const bool zero =
            outcome.divided_by_zero || (!outcome.missing.empty() && divided_by_zero(outcome.missing, lets_.size()));
        if (!outcome.missing.empty() && !zero)
            result.reason = {Cause::part_missing, 0, outcome.missing + " has no value", {}};
        else
            result.reason = {
                Cause::division_by_zero, 0, zero ? zero_evidence(formula) : "the value is out of range", {}};
    }

    bool divided_by_zero(std::string_view name, std::size_t visible) const {
        const std::size_t let = find_let(name, visible);
        if (let == Plan::none)
            return false;
        const Formula::Outcome& outcome = lets_[let];
        return outcome.divided_by_zero || (!outcome.missing.empty() && divided_by_zero(outcome.missing, let));
    }

    std::string zero_evidence(const Formula& formula) const {
        for (const std::string& name : formula.sides().denominator) {
            if (lookup(name, lets_.size()) != 0.0)
                continue;
            const Binding* binding = find_binding(name);
            return "division by zero: " + (binding == nullptr ? name : title(*binding)) + " is 0";
        }
        return "division by zero in " + formula.text();
    }

    std::function<std::optional<double>(std::string_view)> names(std::size_t visible) const {
        return [this, visible](std::string_view name) { return lookup(name, visible); };
    }

    std::optional<double> lookup(std::string_view name, std::size_t visible) const {
        if (const std::size_t let = find_let(name, visible); let != Plan::none)
            return lets_[let].value;
        if (const Binding* binding = find_binding(name))
            return value_of(*binding);
        for (const auto& [constant, value] : metric_.constants) {
            if (constant == name)
                return value;
        }
        if (name == "seconds")
            return seconds_;
        if (name == "group_seconds")
            return group_seconds();
        return std::nullopt;
    }

    /// The one that all its events which take a counter were in.
    int group() const {
        std::set<int> groups;
        for (const Binding* binding : used_) {
            if (takes_counter(set_.events[binding->event]))
                groups.insert(count_of(*binding)->group);
        }
        return groups.size() == 1 ? *groups.begin() : -1;
    }

    /// How long the group was enabled: of a process, the time that its threads were on a CPU (of the core type).
    double group_seconds() const {
        const auto hardware = std::find_if(used_.begin(), used_.end(), [&](const Binding* binding) {
            return takes_counter(set_.events[binding->event]);
        });
        const auto which = hardware == used_.end() ? used_.begin() : hardware;
        const GroupCount* count = which == used_.end() ? nullptr : count_of(**which);
        return count == nullptr ? 0 : static_cast<double>(count->count.enabled_ns()) / 1e9;
    }

    std::string title(const Binding& binding) const {
        const RoleInfo* info =
            binding.role == nullptr ? nullptr : set_.tables.state().find_role_info(binding.role->role);
        return info == nullptr ? binding.name : std::string(info->title);
    }

    Operand operand_of(const Binding& binding) const {
        Operand operand{binding.name, title(binding), value_of(binding), set_.events[binding.event].unit};
        if (operand.unit.empty() && binding.role != nullptr) {
            if (const RoleInfo* info = set_.tables.state().find_role_info(binding.role->role))
                operand.unit = info->unit;
        }
        return operand;
    }

    void add_operands(const Formula& formula, MetricValue& result) const {
        const Formula::Sides sides = formula.sides();
        for (const std::vector<std::string>* side : {&sides.numerator, &sides.denominator}) {
            for (const std::string& name : *side) {
                if (find_let(name, metric_.lets.size()) != Plan::none)
                    result.operands.push_back({name, name, lookup(name, metric_.lets.size()).value_or(0), {}});
                else if (const Binding* binding = find_binding(name))
                    result.operands.push_back(operand_of(*binding));
                else if (name == "seconds")
                    result.operands.push_back({name, "elapsed", seconds_, "s"});
                else if (name == "group_seconds")
                    result.operands.push_back({name, "on a CPU", group_seconds(), "s"});
            }
        }
    }

    const MetricSet::State& set_;
    const PlannedMetric& metric_;
    const Counts& counts_;
    double seconds_;
    CountedOn on_;
    std::vector<const Binding*> used_; ///< by the value at hand
    std::vector<Formula::Outcome> lets_;
};

} // namespace

void evaluate(const MetricSet::State& set, const Counts& read, double seconds, Sample& sample, CountedOn on) {
    // A CPU is of one core type: its times need no such arithmetic.
    const bool by_core = on == CountedOn::task &&
                         std::ranges::any_of(set.events, [](const Event& event) { return !event.core.empty(); });
    const Counts by_type = by_core ? count_on_core(set, read) : Counts();
    const Counts& counts = by_core ? by_type : read;
    sample.events.clear();
    sample.metrics.clear();
    for (std::size_t i = 0; i < set.events.size(); ++i)
        sample.events.push_back(event_count(set, counts, i));

    for (const PlannedMetric& metric : set.metrics) {
        Evaluation evaluation(set, metric, counts, seconds, on);
        for (const PlannedValue& value : metric.values) {
            sample.metrics.push_back(evaluation.value(value));
            if (&value == &metric.values.front())
                sample.metrics.back().also = evaluation.also();
        }
    }
}

} // namespace pmc
