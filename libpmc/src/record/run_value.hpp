#pragma once

#include <pmc/count.hpp>
#include <pmc/reason.hpp>
#include <pmc/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace pmc::record {

/// What one run has of a value.
struct RunValue {
    State state = State::counted;
    Reason reason{};
    double value = 0;
    double coverage = 1;
};

RunValue not_counted(Cause cause, std::string evidence);
/// Of a region.
RunValue no_call();

/// The samples of a row in one run. There are several of a region that several processes have, and of passes.
struct RunSamples {
    int run = 0;
    std::vector<const Sample*> samples{};
};

/// An event on several core types, taken together.
struct OverCores {
    std::vector<const EventCount*> each;
};

/// Nothing if the sample does not tell of it.
std::optional<RunValue> value_in(const Sample& sample, const EventCount& like);
std::optional<RunValue> value_in(const Sample& sample, const MetricValue& like);
/// Core types that it never ran on counted nothing.
std::optional<RunValue> value_in(const Sample& sample, const OverCores& like);

/// Of a region, all processes taken together.
RunValue per_call(const RunSamples& run, const EventCount& like);
RunValue per_call(const RunSamples& run, const OverCores& like);
/// A ratio is that of one process.
RunValue per_call(const RunSamples& run, const MetricValue& like);
RunValue time_per_call(const RunSamples& run);

} // namespace pmc::record
