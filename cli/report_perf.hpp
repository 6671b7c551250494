#pragma once

#include <pmc/result.hpp>

#include <span>
#include <string>
#include <string_view>

namespace cli {

/// What lines have in front beside what their samples say by themselves (a CPU, a core, a cgroup, …).
struct PerfShape {
    bool interval = false;   ///< -I: the time; "summary" in its place for what --summary adds
    bool per_thread = false; ///< --per-thread: rows of threads are named ("nginx-4121")
};

/// The shape of a document as it was most likely printed: intervals where a row stands more than once in a run, or as
/// the total of intervals; threads by name.
PerfShape perf_shape_of(std::span<const pmc::Sample> samples);

/// The lines of `perf stat -x SEP`, field by field as perf 6.1 writes them:
///
///     [time,][aggr-id,[n-aggregated,]]value,unit,event,[cgroup,]running ns,running %,metric value,metric unit
///
/// Nothing is quoted, as there: choose a separator that no event's name has. Of one interval's samples or of many.
std::string perf_csv_lines(std::span<const pmc::Sample> samples, std::string_view separator, const PerfShape& shape);

/// The lines of `perf stat -j`: an object a line, its keys in perf's order.
std::string perf_json_lines(std::span<const pmc::Sample> samples, const PerfShape& shape);

} // namespace cli
