#include "measure/measurement_access.hpp"

#include "counter/constraint.hpp"
#include "metric/metric_set_state.hpp"
#include "record/describe.hpp"

#include <pmc/error.hpp>
#include <pmc/version.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace pmc {

const Summary& MeasuredValue::known() const {
    if (!has_value())
        throw Error(Stage::read, name, reason);
    return summary;
}

const MeasuredValue* Measurement::find(std::string_view name) const noexcept {
    const MeasuredValue* found = nullptr;
    for (const MeasuredValue& value : values_) {
        if (value.name == name && (found == nullptr || (value.has_value() && !found->has_value())))
            found = &value;
    }
    return found;
}

const MeasuredValue& Measurement::operator[](std::string_view name) const {
    if (const MeasuredValue* found = find(name))
        return *found;
    std::string names;
    for (const MeasuredValue& value : values_)
        names += (names.empty() ? "" : ", ") + value.name;
    throw Error{ErrorKind::unknown_name, Stage::resolve, "this measurement has no '" + std::string{name} + "'",
                "it has " + names}
        .with_subject(std::string{name});
}

Result Measurement::result() const {
    return *result_;
}

namespace {

/// What gates look at. They know the time by the name that it has in every document.
std::vector<Statistic> statistics_of_values(std::span<const MeasuredValue> values, bool is_model) {
    std::vector<Statistic> statistics;
    for (const MeasuredValue& value : values) {
        if (!value.has_value())
            continue;
        Statistic& statistic = statistics.emplace_back();
        statistic.name = &value == &values.back() ? "time" : value.name;
        statistic.core = value.core;
        statistic.unit = value.unit;
        if (is_model)
            statistic.source = "model";
        statistic.summary = value.summary;
    }
    return statistics;
}

} // namespace

/// Counts are those of a whole run, as integers are; its `scale` makes them those of an iteration.
std::shared_ptr<const Result> MeasurementAccess::document(const MetricSet& set, Sample sample,
                                                          std::span<const MeasuredValue> values, double operations) {
    auto result = std::make_shared<Result>();
    result->tool = std::string("libpmc ") + version();
    result->plan = set.plan();
    result->run.mode = to_string(set.mode());
    result->run.inherit = false;
    describe_machine(set.state(), *result);

    const MeasuredValue& seconds = values.back();
    sample.scope = "measure";
    sample.end_s = seconds.has_value() ? seconds.summary.median * operations : 0;
    result->run.elapsed_s = sample.end_s;
    bool counted_hardware = false;
    for (std::size_t i = 0; i < sample.events.size(); ++i) {
        EventCount& event = sample.events[i];
        const MeasuredValue& value = values[i];
        event.reason = value.reason;
        event.others.clear();
        if (!value.has_value()) {
            event.count = Count{0, 0, 0, value.state};
            continue;
        }
        const auto raw = static_cast<std::uint64_t>(std::llround(value.summary.median * operations / event.scale));
        event.count = Count{raw, event.count.enabled_ns(), event.count.running_ns(), State::counted};
        event.scale /= operations;
        counted_hardware = counted_hardware || takes_counter(set.events()[i]);
    }
    for (std::size_t i = 0; i < sample.metrics.size(); ++i) {
        MetricValue& metric = sample.metrics[i];
        const MeasuredValue& value = values[sample.events.size() + i];
        metric.state = value.state;
        metric.reason = value.reason;
        metric.number = value.has_value() ? value.summary.median : 0;
        // They would be those of one run.
        metric.operands.clear();
        metric.also.clear();
    }
    if (!counted_hardware && !set.state().machine.is_model()) {
        result->run.backend = "software";
        result->no_pmu = set.why_no_hardware();
    }
    result->samples.push_back(std::move(sample));
    result->statistics = statistics_of_values(values, set.state().machine.is_model());
    return result;
}

} // namespace pmc
