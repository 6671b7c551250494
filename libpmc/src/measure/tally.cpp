#include <pmc/tally.hpp>

#include "machine/reason.hpp"
#include "measure/moment.hpp"
#include "measure/thread_counters.hpp"
#include "metric/metric_set_state.hpp"
#include "metric/user_mode.hpp"

#include <pmc/metric_set.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace pmc {
namespace {

Reason does_not_fit() {
    return make_reason(Cause::group_too_large, "it does not fit on the PMU beside what was asked for before it");
}

} // namespace

struct Tally::State {
    explicit State(MetricSet set) : passes(set.passes()), counters(passes.front().state()), totals(counters.size()) {}

    std::vector<MetricSet> passes; ///< only the first is counted
    ThreadCounters counters;
    std::vector<GroupSpan> totals; ///< by open group
    std::uint64_t total_ns = 0;
    std::uint64_t start_ns = 0;
    std::size_t pieces = 0;
    bool is_counting = false;
};

Tally::Tally(std::string_view list) : state_(std::make_unique<State>(parse_for_user_mode(list).value())) {}
Tally::Tally(Tally&&) noexcept = default;
Tally& Tally::operator=(Tally&&) noexcept = default;
Tally::~Tally() = default;

void Tally::resume() noexcept {
    state_->is_counting = true;
    state_->start_ns = monotonic_ns();
    state_->counters.begin();
}

void Tally::pause() noexcept {
    State& state = *state_;
    if (!std::exchange(state.is_counting, false))
        return;
    state.counters.end();
    state.total_ns += monotonic_ns() - state.start_ns;
    for (std::size_t i = 0; i < state.totals.size(); ++i) {
        const GroupSpan span = state.counters.span(i);
        if (state.pieces == 0)
            state.totals[i] = span;
        else
            state.totals[i].add(span);
    }
    ++state.pieces;
}

void Tally::clear() noexcept {
    state_->pieces = 0;
    state_->total_ns = 0;
    std::ranges::fill(state_->totals, GroupSpan{});
    if (state_->is_counting)
        resume(); // what it is in the midst of is forgotten too
}

Sample Tally::sample() const {
    const double seconds = static_cast<double>(state_->total_ns) * 1e-9;
    Sample sample;
    evaluate(state_->passes.front().state(), state_->counters.counts(state_->totals), seconds, sample);
    for (std::size_t i = 1; i < state_->passes.size(); ++i) {
        Sample other;
        evaluate(state_->passes[i].state(), {}, 0, other);
        for (EventCount& event : other.events) {
            const bool is_known = std::ranges::any_of(sample.events, [&](const EventCount& known) {
                return known.name == event.name && known.core == event.core;
            });
            if (is_known)
                continue;
            event.count = Count{0, 0, 0, pmc::State::not_counted};
            event.reason = does_not_fit();
            sample.events.push_back(std::move(event));
        }
        for (MetricValue& metric : other.metrics) {
            if (metric.reason && metric.reason.cause != Cause::part_missing) {
                sample.metrics.push_back(std::move(metric));
                continue;
            }
            metric.state = pmc::State::not_counted;
            metric.reason = does_not_fit();
            sample.metrics.push_back(std::move(metric));
        }
    }
    sample.scope = "measure";
    sample.end_s = seconds;
    return sample;
}

} // namespace pmc
