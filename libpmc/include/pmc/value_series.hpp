#pragma once

#include <pmc/count.hpp>
#include <pmc/reason.hpp>
#include <pmc/result.hpp>
#include <pmc/statistics.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace pmc {

/// One event, metric or time of a Result, over its runs: what gates and comparisons look at.
struct ValueSeries {
    enum class Kind : std::uint8_t { event, metric, time };
    enum class Better : std::uint8_t { unknown, lower, higher };

    std::string name;                ///< "instructions:u", "llc.mpki", "time" (elapsed)
    std::string label;               ///< for people: "llc miss"
    std::string unit;                ///< empty for a plain count
    std::string scope, id;           ///< the row; both empty: the command, or all that was counted as one
    std::string core;                ///< as EventCount::core
    std::string encoding;            ///< of an event
    std::string source = "measured"; ///< or "model"
    Kind kind = Kind::metric;
    Better better = Better::unknown; ///< of events and times lower, as they are costs
    bool is_asked = true;            ///< named by the user; otherwise something that a metric needed
    State state = State::not_available;
    Reason reason;            ///< why there is no value
    double coverage = 1;      ///< the least of all runs: below 1 the values are estimates
    bool is_repeated = false; ///< the document is of several runs: then one number says nothing of the others

    /// Of the runs that count, in their order, and which runs those are. Of a region the counts of one call. Empty
    /// where the document has the summary alone (of measure()).
    std::vector<double> values;
    std::vector<int> runs;
    Summary summary;
    std::vector<int> outliers; ///< runs far from the others

    [[nodiscard]] bool has_value() const noexcept { return state == State::counted; }
};

/// All values of a document: by row, events first, then metrics, then the time. A value that some runs have and others
/// have not is *not counted*.
PMC_API std::vector<ValueSeries> series_of(const Result& result);

/// As the document's own statistics.
PMC_API std::vector<Statistic> statistics_of(const Result& result);

} // namespace pmc
