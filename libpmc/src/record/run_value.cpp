#include "record/run_value.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace pmc::record {
namespace {

RunValue missing(State state, Reason reason) {
    return {state, std::move(reason), 0, 0};
}

const EventCount* find(const Sample& sample, const EventCount& like) {
    const auto found = std::ranges::find_if(
        sample.events, [&](const EventCount& one) { return one.name == like.name && one.core == like.core; });
    return found == sample.events.end() ? nullptr : &*found;
}

const MetricValue* find(const Sample& sample, const MetricValue& like) {
    const auto found = std::ranges::find_if(
        sample.metrics, [&](const MetricValue& one) { return one.id == like.id && one.core == like.core; });
    return found == sample.metrics.end() ? nullptr : &*found;
}

/// What was counted until the kernel ended the counters tells nothing of the whole run.
bool is_in_part(const Reason& reason) noexcept {
    return reason.cause == Cause::counters_ended;
}

RunValue value_of(const EventCount& event) {
    if (event.has_value() && is_in_part(event.reason))
        return missing(State::not_counted, event.reason);
    if (!event.has_value())
        return missing(event.count.state(), event.reason);
    return {State::counted, {}, event.value(), event.count.coverage()};
}

RunValue value_of(const MetricValue& metric) {
    if (metric.has_value() && is_in_part(metric.reason))
        return missing(State::not_counted, metric.reason);
    if (!metric.has_value())
        return missing(metric.state, metric.reason);
    return {State::counted, {}, metric.number, metric.coverage};
}

template <class Value>
std::optional<RunValue> found_in(const Sample& sample, const Value& like) {
    const auto* value = find(sample, like);
    return value == nullptr ? std::nullopt : std::optional{value_of(*value)};
}

template <class Value>
RunValue sum_per_call(const RunSamples& run, const Value& like) {
    RunValue total;
    std::uint64_t calls = 0;
    for (const Sample* sample : run.samples) {
        const std::optional<RunValue> value = value_in(*sample, like);
        if (!value)
            return not_counted(Cause::not_recorded, "not counted in every process that has the region");
        if (value->state != State::counted)
            return *value;
        total.value += value->value;
        total.coverage = std::min(total.coverage, value->coverage);
        calls +=
            sample->region ? sample->region->calls - std::min(sample->region->calls, sample->region->uncounted) : 0;
    }
    if (calls == 0)
        return no_call();
    total.value /= static_cast<double>(calls);
    return total;
}

} // namespace

RunValue not_counted(Cause cause, std::string evidence) {
    return missing(State::not_counted, {cause, 0, std::move(evidence), {}});
}

std::optional<RunValue> value_in(const Sample& sample, const EventCount& like) {
    return found_in(sample, like);
}

std::optional<RunValue> value_in(const Sample& sample, const MetricValue& like) {
    return found_in(sample, like);
}

std::optional<RunValue> value_in(const Sample& sample, const OverCores& like) {
    RunValue total;
    std::optional<RunValue> never_ran;
    bool ran = false;
    for (const EventCount* core : like.each) {
        std::optional<RunValue> part = value_in(sample, *core);
        if (!part)
            return std::nullopt;
        if (part->state == State::counted) {
            ran = true;
            total.value += part->value;
            total.coverage = std::min(total.coverage, part->coverage);
        } else if (part->reason.cause == Cause::never_ran) {
            never_ran = std::move(part);
        } else {
            return part;
        }
    }
    return ran ? total : never_ran;
}

RunValue no_call() {
    return not_counted(Cause::never_ran, "no call of the region has ended");
}

RunValue per_call(const RunSamples& run, const EventCount& like) {
    return sum_per_call(run, like);
}

RunValue per_call(const RunSamples& run, const OverCores& like) {
    return sum_per_call(run, like);
}

RunValue per_call(const RunSamples& run, const MetricValue& like) {
    if (run.samples.size() > 1)
        return not_counted(Cause::part_missing, "the region is that of " + std::to_string(run.samples.size()) +
                                                    " processes, whose ratios make no ratio of all");
    const MetricValue* metric = find(*run.samples.front(), like);
    return metric == nullptr ? not_counted(Cause::not_recorded, "not in every run") : value_of(*metric);
}

RunValue time_per_call(const RunSamples& run) {
    RunValue total;
    std::uint64_t calls = 0;
    for (const Sample* sample : run.samples) {
        total.value += sample->region ? sample->region->time_s : 0;
        calls += sample->region ? sample->region->calls : 0;
    }
    if (calls == 0)
        return no_call();
    total.value /= static_cast<double>(calls);
    return total;
}

} // namespace pmc::record
