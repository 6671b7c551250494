#include "measure/series.hpp"

#include "machine/reason.hpp"

#include <cmath>
#include <string>
#include <utility>

namespace pmc {
namespace {

void append(std::string& text, std::size_t number, const char* what) {
    if (number > 0)
        text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + what;
}

/// "of 20 runs 18 switched out, 1 migrated: 1 is left".
Reason too_few(const RunCounts& runs, std::size_t left) {
    std::string kinds;
    append(kinds, runs.migrated, "migrated");
    append(kinds, runs.switched_out, "switched out");
    append(kinds, runs.not_fully_counted, "not fully counted");
    const std::size_t all = runs.kept + runs.disturbed();
    return make_reason(Cause::disturbed,
                       "of " + std::to_string(all) + (all == 1 ? " run " : " runs ") + kinds + ": " +
                           (left == 0 ? "none is" : std::to_string(left) + (left == 1 ? " is" : " are")) + " left");
}

} // namespace

void Series::lose(State state, const Reason& reason) {
    value_.state = state;
    value_.reason = reason;
}

bool Series::is_tight(double tightness) const {
    const Summary summary = summarize(numbers_);
    const double most = tightness * std::abs(summary.median);
    return summary.interval.confidence >= standard_confidence && summary.interval.high - summary.median <= most &&
           summary.median - summary.interval.low <= most;
}

MeasuredValue Series::finish(const RunCounts& runs) && {
    // One of a few runs says nothing of the others, if those were disturbed: they may be few because the undisturbed
    // ones were special.
    // A formula that divided by zero in some of the runs would be judged by the others, which are not like them.
    if (!numbers_.empty() && numbers_.size() + runs.not_fully_counted < runs.kept) {
        value_.state = State::not_counted;
        value_.reason.evidence +=
            " (in " + std::to_string(runs.kept - numbers_.size()) + " of " + std::to_string(runs.kept) + " runs)";
        return std::move(value_);
    }
    const bool some_are_missing = runs.disturbed() + runs.not_fully_counted > 0 || numbers_.size() < runs.kept;
    if (!numbers_.empty() && (numbers_.size() >= fewest_samples || !some_are_missing)) {
        value_.state = State::counted;
        value_.reason = {};
        value_.summary = summarize(std::move(numbers_));
    } else if (value_.state != State::not_available && runs.disturbed() + runs.not_fully_counted > 0) {
        value_.state = State::not_counted;
        value_.reason = too_few(runs, numbers_.size());
    }
    return std::move(value_);
}

} // namespace pmc
