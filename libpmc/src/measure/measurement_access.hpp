#pragma once

#include <pmc/measurement.hpp>
#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>

#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace pmc {

/// The way into a Measurement, for what makes one.
struct MeasurementAccess {
    static Measurement make(std::vector<MeasuredValue> values, RunCounts runs, MeasureEnd end,
                            std::shared_ptr<const Result> result) {
        Measurement made;
        made.values_ = std::move(values);
        made.runs_ = runs;
        made.end_ = end;
        made.result_ = std::move(result);
        return made;
    }
    /// The medians of `values` (the sample's events, its metrics and the time) in the sample of one of the runs.
    static std::shared_ptr<const Result> document(const MetricSet& set, Sample sample,
                                                  std::span<const MeasuredValue> values, double operations);
};

} // namespace pmc
