#include <pmc/replay.hpp>

#include "metric/metric_set_state.hpp"
#include "metric/recording.hpp"
#include "metric/set_builder.hpp"

#include <pmc/value_series.hpp>
#include <pmc/version.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace pmc {
namespace {

/// The table that was used then, where it is one of this CPU; else what is known of the CPU now.
Machine machine_of(const Result& recorded, const Tables& tables) {
    const Result::Cpu& cpu = recorded.cpu;
    // Of several core types' tables the first is that of the main one.
    const std::string table_id = cpu.table.substr(0, cpu.table.find('+'));
    const CpuTable* table = tables.state().find_table(table_id);
    if (table != nullptr && table->match.empty())
        table = nullptr;
    if (table != nullptr && (cpu.id.empty() || table->matches(cpu.id, {})))
        return tables.machine(table_id).value();
    if (!cpu.id.empty()) {
        if (Expected<Machine> machine = tables.machine(cpu.id))
            return *std::move(machine);
    }
    return table != nullptr ? tables.machine(table_id).value() : bare_machine(cpu.id);
}

/// As pmcstat -e would have asked for what the sample has.
std::vector<ListItem> items_of(const Sample& sample) {
    std::map<std::string_view, int> values; // by metric
    for (const MetricValue& metric : sample.metrics)
        ++values[metric.metric];
    std::vector<std::string> names;
    std::vector<ListItem> items;
    const auto add_name = [&](const std::string& name) {
        if (std::ranges::find(names, name) != names.end())
            return;
        names.push_back(name);
        if (const Expected<std::vector<ListItem>> list = parse_event_list(name))
            items.insert(items.end(), list->begin(), list->end());
    };
    for (const MetricValue& metric : sample.metrics) {
        if (!metric.formula.empty())
            items.emplace_back(DefinitionItem{metric.id, metric.formula, 0, 0});
        else
            add_name(values[metric.metric] == 1 && metric.also.empty() ? metric.id : metric.metric);
    }
    return items;
}

bool asks_for_nothing(const Sample& sample) {
    return sample.metrics.empty() && std::ranges::none_of(sample.events, &EventCount::asked);
}

/// What was missing then is missing for the reason of then.
bool knows_better(const MetricValue& recorded, const MetricValue& again) {
    return !recorded.has_value() && !again.has_value() &&
           (again.reason.cause == Cause::not_recorded || again.reason.cause == Cause::not_on_this_cpu);
}

auto find_value(auto& values, std::string_view id, std::string_view core) {
    return std::ranges::find_if(values, [&](const MetricValue& value) { return value.id == id && value.core == core; });
}

/// The core type that a recorded group was counted on, where there were several.
std::string core_of(const Sample& sample, int group) {
    const auto found = std::ranges::find_if(sample.events, [&](const EventCount& event) {
        return !event.core.empty() &&
               (event.group == group ||
                std::ranges::find(event.others, group, &GroupedCount::group) != event.others.end());
    });
    return group < 0 || found == sample.events.end() ? std::string() : found->core;
}

/// In the order of the recording; what can't be asked for again (a metric that no table knows any more) stands.
std::vector<MetricValue> merged(const std::vector<MetricValue>& recorded, std::vector<MetricValue> again) {
    std::vector<MetricValue> all;
    for (const MetricValue& old : recorded) {
        const auto same = find_value(again, old.id, old.core);
        if (same == again.end()) {
            all.push_back(old);
            continue;
        }
        all.push_back(std::move(*same));
        all.back().asked = old.asked;
        again.erase(same);
    }
    for (MetricValue& more : again) {
        if (!more.has_value() || std::ranges::find(recorded, more.id, &MetricValue::id) != recorded.end())
            continue;
        const auto last = std::find_if(all.rbegin(), all.rend(),
                                       [&](const MetricValue& value) { return value.metric == more.metric; });
        all.insert(last == all.rend() ? all.end() : last.base(), std::move(more));
    }
    return all;
}

/// The counts as they were recorded, under the names that they are asked for by.
void restore_events(const MetricSet::State& set, const Recording& recording, Sample& sample) {
    for (std::size_t i = 0; i < set.events.size(); ++i) {
        EventCount& event = sample.events[i];
        if (set.events[i].unavailable || event.count.state() == State::not_available)
            continue;
        const bool asked = event.asked;
        event = recording.recorded(set.events[i]);
        event.scale = set.events[i].scale;
        event.unit = set.events[i].unit;
        event.name = set.events[i].name;
        event.asked = asked;
    }
}

/// The core types that a sample of a hybrid machine has events of; one without a name elsewhere.
std::vector<std::string> cores_of(const Sample& sample) {
    std::vector<std::string> cores;
    for (const EventCount& event : sample.events) {
        if (!event.core.empty() && std::ranges::find(cores, event.core) == cores.end())
            cores.push_back(event.core);
    }
    return cores.empty() ? std::vector<std::string>{""} : cores;
}

/// What was counted on one core type, and what belongs to none.
Sample part_of(const Sample& sample, const std::string& core) {
    Sample part = sample;
    const auto is_of_another = [&](const auto& one) { return !one.core.empty() && one.core != core; };
    std::erase_if(part.events, is_of_another);
    std::erase_if(part.metrics, is_of_another);
    return part;
}

/// The machine with the core type that a part is of.
Machine machine_of(const Result& recorded, const Tables& tables, const std::string& core) {
    if (!core.empty() && !recorded.cpu.id.empty()) {
        const CpuTable& table = tables.state().table_for(recorded.cpu.id, core);
        if (!table.match.empty() && table.core_pmu == core)
            return tables.machine(table.id).value();
    }
    return machine_of(recorded, tables);
}

/// Adds what another core type's part gave; what belongs to no core type is there already.
void add_part(Sample& all, Sample part) {
    for (MetricValue& metric : part.metrics) {
        if (find_value(all.metrics, metric.id, metric.core) == all.metrics.end())
            all.metrics.push_back(std::move(metric));
    }
    for (EventCount& event : part.events) {
        const bool known = std::ranges::any_of(
            all.events, [&](const EventCount& one) { return one.name == event.name && one.core == event.core; });
        if (!known)
            all.events.push_back(std::move(event));
    }
}

/// As Session has it.
CountedOn counted_on(const Sample& sample) {
    constexpr std::array scopes{"system", "cpu", "core", "socket", "node"};
    const bool is_cpus = std::ranges::find(scopes, sample.scope) != scopes.end();
    return is_cpus && sample.cgroup.empty() ? CountedOn::cpu : CountedOn::task;
}

class Replay {
public:
    Replay(const Result& recorded, const Tables& tables) : recorded_(recorded), tables_(tables) {}

    std::string table() const {
        const Machine machine = machine_of(recorded_, tables_);
        return std::string(tables_.state().table_for(machine.core_types().front()).id);
    }

    /// What the sample has, evaluated again.
    Sample again(const Sample& old) const {
        // What is not understood any more stands as it was recorded.
        Sample sample = *by_core(old, [](SetBuilder& builder, const Sample& part) -> std::optional<Error> {
            for (const ListItem& item : items_of(part))
                (void)builder.add(item);
            return std::nullopt;
        });
        for (MetricValue& metric : sample.metrics)
            take_reason(old, metric);
        sample.events = old.events;
        sample.metrics = merged(old.metrics, std::move(sample.metrics));
        return sample;
    }

    /// All that can be made of a sample in which nothing is asked for.
    Sample all_of(const Sample& old) const {
        Sample sample = *by_core(old, [&](SetBuilder& builder, const Sample&) -> std::optional<Error> {
            for (const MetricDef& metric : tables_.state().metrics) {
                const std::string id(metric.id);
                if (metric.standard)
                    (void)builder.add(NameItem{id, {}, id, 0});
            }
            return std::nullopt;
        });
        std::erase_if(sample.metrics, [](const MetricValue& metric) { return !metric.has_value(); });
        sample.events = old.events;
        for (EventCount& event : sample.events)
            event.asked = true;
        return sample;
    }

    Expected<Sample> asked(const Sample& old, const std::vector<ListItem>& items) const {
        Expected<Sample> sample = by_core(old, [&](SetBuilder& builder, const Sample&) -> std::optional<Error> {
            for (const ListItem& item : items) {
                if (std::optional<Error> error = builder.add(item))
                    return error;
            }
            return std::nullopt;
        });
        if (sample) {
            for (MetricValue& metric : sample->metrics)
                take_reason(old, metric);
        }
        return sample;
    }

private:
    /// What `add` asks for, of each core type that the sample has events of.
    template <typename Add>
    Expected<Sample> by_core(const Sample& old, const Add& add) const {
        const std::vector<std::string> cores = cores_of(old);
        Sample all = old;
        all.metrics.clear();
        all.events.clear();
        for (const std::string& core : cores) {
            const Machine machine = machine_of(recorded_, tables_, core);
            const Sample part = part_of(old, core);
            const Recording recording(recorded_, part, machine, tables_);
            SetBuilder builder(machine, tables_, &recording);
            if (std::optional<Error> error = add(builder, part))
                return std::move(*error);
            Sample sample = evaluated(builder, recording, part);
            for (MetricValue& metric : sample.metrics) {
                if (!metric.has_value() && cores.size() > 1)
                    metric.core = core;
            }
            add_part(all, std::move(sample));
        }
        return all;
    }

    static Sample evaluated(SetBuilder& builder, const Recording& recording, const Sample& old) {
        const std::unique_ptr<MetricSet::State> set = builder.finish();
        Sample sample = old;
        evaluate(*set, recording.counts(*set), old.end_s - old.start_s - old.paused_s, sample, counted_on(old));
        restore_events(*set, recording, sample);
        for (MetricValue& metric : sample.metrics) {
            if (metric.group < 0)
                continue;
            metric.group = recording.group_of(*set, static_cast<std::size_t>(metric.group)).value_or(-1);
            metric.core = core_of(old, metric.group);
        }
        return sample;
    }

    static void take_reason(const Sample& old, MetricValue& metric) {
        const auto same = find_value(old.metrics, metric.id, metric.core);
        if (same != old.metrics.end() && knows_better(*same, metric))
            metric = *same;
    }

    const Result& recorded_;
    const Tables& tables_;
};

/// For a document that has no plan: "group 0: cycles, instructions".
std::vector<std::string> plan_of(const Sample& sample) {
    std::map<int, std::string> groups;
    for (const EventCount& event : sample.events) {
        if (event.group < 0)
            continue;
        std::string& names = groups[event.group];
        names += (names.empty() ? "" : ", ") + event.name;
    }
    std::vector<std::string> plan;
    plan.reserve(groups.size());
    for (const auto& [group, names] : groups)
        plan.push_back("group " + std::to_string(group) + "  " + names);
    return plan;
}

} // namespace

Expected<Result> replay(const Result& recorded, std::string_view list, const Tables& tables) {
    std::vector<ListItem> items;
    if (!list.empty()) {
        Expected<std::vector<ListItem>> parsed = parse_event_list(list);
        if (!parsed)
            return std::move(parsed.error());
        items = std::move(*parsed);
    }
    const Replay replay(recorded, tables);
    Result result = recorded;
    for (Sample& sample : result.samples) {
        if (!items.empty()) {
            Expected<Sample> asked = replay.asked(sample, items);
            if (!asked)
                return std::move(asked.error());
            sample = *std::move(asked);
        } else {
            sample = asks_for_nothing(sample) ? replay.all_of(sample) : replay.again(sample);
        }
    }
    // Those of measure() stand: their runs are not in the document.
    if (result.repeats)
        result.statistics = statistics_of(result);
    if (result.plan.empty() && !recorded.samples.empty())
        result.plan = plan_of(recorded.samples.front());
    if (result.cpu.table.empty())
        result.cpu.table = replay.table();
    if (result.tool.empty())
        result.tool = std::string("libpmc ") + version();
    return result;
}

} // namespace pmc
