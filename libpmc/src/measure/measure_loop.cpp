#include <pmc/measure.hpp>

#include "kernel/client_request.hpp"
#include "measure/declared_value.hpp"
#include "measure/measurement_access.hpp"
#include "measure/moment.hpp"
#include "measure/series.hpp"
#include "measure/thread_counters.hpp"
#include "metric/metric_set_state.hpp"
#include "metric/user_mode.hpp"

#include <pmc/error.hpp>
#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace pmc {
namespace {

// Empty bodies: the first ones find caches cold and functions unresolved, an odd number of the others has a median, and
// disturbed ones are tried again for a while.
constexpr unsigned calibration_warmup = 5;
constexpr std::size_t calibration_runs = 31;
constexpr unsigned most_calibration_runs = 150;

Error misuse(std::string message, std::string hint) {
    return {ErrorKind::misuse, Stage::parse, std::move(message), std::move(hint)};
}

void require_meaning(const MeasureOptions& options) {
    constexpr double fewest = 1e-9;
    constexpr double most = 1e18;
    if (!(options.operations >= fewest && options.operations <= most))
        throw misuse("measure(): one run of the body can't be " + std::to_string(options.operations) + " operations",
                     "let operations be more than 0, and a number that a body can do");
    if (options.max_runs == 0)
        throw misuse("measure(): no run at all can't be measured", "let max_runs be 1 or more");
    if (!(options.budget_s >= 0) || !(options.tightness >= 0))
        throw misuse("measure(): budget_s and tightness can't be negative", "let both be 0 or more");
}

/// A value, and the last pass that counted it.
struct Slot {
    Series series;
    std::size_t pass = 0;
};

void add(RunCounts& sum, const RunCounts& more) noexcept {
    sum.kept += more.kept;
    sum.migrated += more.migrated;
    sum.switched_out += more.switched_out;
    sum.not_fully_counted += more.not_fully_counted;
}

} // namespace

class MeasureLoop::State {
public:
    State(MetricSet set, MeasureOptions options)
        : options_(std::move(options)),
          whole_(std::move(set)),
          passes_(whole_.passes()),
          is_model_(whole_.state().machine.is_model()) {
        evaluate(whole_.state(), {}, 0, document_);
        for (const EventCount& event : document_.events)
            slots_.push_back({Series{declare(event)}});
        for (const MetricValue& metric : document_.metrics)
            slots_.push_back({Series{declare(metric)}});
        slots_.push_back({Series{declare_seconds(is_model_)}});
    }

    bool next_pass() {
        if (pass_ == passes_.size())
            return false;
        start_ns_ = monotonic_ns();
        counters_.reset(); // two passes at once would take turns
        counters_.emplace(passes_[pass_].state());
        ++pass_;
        pass_runs_.emplace_back();
        calibration_.assign(counters_->size(), {});
        tried_ = 0;
        overheads_.clear();
        overhead_ns_ = 0;
        empty_ns_.clear();
        warmed_up_ = 0;
        is_warm_ = false;
        attempts_ = 0;
        spans_.clear();
        times_ns_.clear();
        next_look_ = options_.min_runs;
        has_run_ = false;
        evaluate_run({}, 0); // what can't be counted says why, though there may be no run to be kept
        return true;
    }

    bool calibrates() {
        if (std::exchange(has_run_, false) && tried_ > calibration_warmup)
            take_calibration();
        if (tried_ < most_calibration_runs && empty_ns_.size() < calibration_runs) {
            ++tried_;
            return true;
        }
        finish_calibration();
        return false;
    }

    bool goes_on() {
        const bool has_run = std::exchange(has_run_, false);
        if (is_warm_ && has_run)
            take_run();
        const double spent_s = static_cast<double>(monotonic_ns() - start_ns_) * 1e-9;
        const double budget_s = is_model_ ? std::numeric_limits<double>::infinity()
                                          : options_.budget_s / static_cast<double>(passes_.size());
        if (!is_warm_) {
            is_warm_ = warmed_up_ >= options_.warmup || spent_s > budget_s / 2;
            ++warmed_up_;
        }
        if (!is_warm_ || attempts_ == 0) {
            attempts_ += is_warm_ ? 1 : 0;
            return true;
        }
        if (const std::optional<MeasureEnd> end = why_end(spent_s > budget_s)) {
            if (*end != MeasureEnd::tight)
                end_ = *end;
            return false;
        }
        ++attempts_;
        return true;
    }

    Measurement finish() {
        counters_.reset();
        std::vector<MeasuredValue> values;
        values.reserve(slots_.size());
        RunCounts all;
        for (const RunCounts& runs : pass_runs_)
            add(all, runs);
        for (Slot& slot : slots_) {
            const bool is_time = &slot == &slots_.back();
            static constexpr RunCounts none;
            RunCounts runs = is_time ? all : slot.pass == 0 ? none : pass_runs_[slot.pass - 1];
            if (is_time)
                runs.not_fully_counted = 0; // the clock always counts
            values.push_back(std::move(slot.series).finish(runs));
        }
        auto result = MeasurementAccess::document(whole_, std::move(document_), values, options_.operations);
        return MeasurementAccess::make(std::move(values), all, end_, std::move(result));
    }

    void begin() noexcept {
        before_ = Whereabouts::now();
        before_ns_ = monotonic_ns();
        counters_->begin();
    }

    void end() noexcept {
        counters_->end();
        after_ns_ = monotonic_ns();
        after_ = Whereabouts::now();
        has_run_ = true;
    }

private:
    /// A model counts the same on whichever CPU valgrind is, and however often that is put aside.
    [[nodiscard]] Disturbance disturbance_of_run() const noexcept {
        return is_model_ ? Disturbance::none : disturbance(before_, after_);
    }

    void take_calibration() {
        if (disturbance_of_run() != Disturbance::none)
            return;
        empty_ns_.push_back(after_ns_ - before_ns_);
        for (std::size_t i = 0; i < counters_->size(); ++i) {
            if (const GroupSpan span = counters_->span(i); span.is_full())
                calibration_[i].push_back(span);
        }
    }

    void finish_calibration() {
        for (const std::vector<GroupSpan>& spans : calibration_)
            overheads_.push_back(GroupSpan::median(spans));
        if (!empty_ns_.empty()) {
            const auto middle = empty_ns_.begin() + static_cast<std::ptrdiff_t>(empty_ns_.size() / 2);
            std::nth_element(empty_ns_.begin(), middle, empty_ns_.end());
            overhead_ns_ = *middle;
        }
        if (pass_ == 1 && !is_model_)
            seconds().set_overhead(static_cast<double>(overhead_ns_) * 1e-9);
    }

    void take_run() {
        switch (disturbance_of_run()) {
        case Disturbance::migrated:
            ++runs().migrated;
            return;
        case Disturbance::switched_out:
            ++runs().switched_out;
            return;
        case Disturbance::none:
            break;
        }
        ++runs().kept;
        const std::uint64_t took_ns = after_ns_ - before_ns_;
        times_ns_.push_back(took_ns - std::min(took_ns, overhead_ns_));
        bool is_full = true;
        for (std::size_t i = 0; i < counters_->size(); ++i) {
            GroupSpan span = counters_->span(i);
            // What its empty body counts must be known, or the overhead would be counted as the body's.
            if (!span.is_full() || overheads_[i].state != pmc::State::counted) {
                span = {};
                is_full = false;
            }
            span.subtract(overheads_[i]);
            spans_.push_back(span);
        }
        if (!is_full)
            ++runs().not_fully_counted;
    }

    std::optional<MeasureEnd> why_end(bool is_spent) {
        // A model's counts repeat: what the first runs leave open, such as a state of the body's own, more of them
        // won't settle, and how many there are must not depend on the time.
        const bool is_last =
            is_spent || attempts_ >= options_.max_runs || (is_model_ && attempts_ >= options_.min_runs);
        if (runs().kept < next_look_ && !is_last)
            return std::nullopt;
        next_look_ = runs().kept + std::max<std::size_t>(options_.min_runs / 2, runs().kept / 4) + 1;
        evaluate_runs();
        if (runs().kept >= options_.min_runs && is_tight())
            return MeasureEnd::tight;
        if (!is_last)
            return std::nullopt;
        return is_spent ? MeasureEnd::budget : MeasureEnd::max_runs;
    }

    /// Those that are new. Not after each run: that would leave its traces in the caches of the next.
    void evaluate_runs() {
        const std::size_t groups = counters_->size();
        for (std::size_t i = 0; i < times_ns_.size(); ++i) {
            const double took_s = static_cast<double>(times_ns_[i]) * 1e-9;
            evaluate_run(std::span{spans_}.subspan(i * groups, groups), took_s);
            if (!is_model_)
                seconds().add(took_s / options_.operations);
        }
        spans_.clear();
        times_ns_.clear();
    }

    void evaluate_run(std::span<const GroupSpan> spans, double took_s) {
        Sample sample;
        evaluate(passes_[pass_ - 1].state(), counters_->counts(spans), took_s, sample);
        for (std::size_t i = 0; i < sample.events.size(); ++i) {
            EventCount& event = sample.events[i];
            const auto known = std::ranges::find_if(document_.events, [&](const EventCount& other) {
                return other.name == event.name && other.core == event.core;
            });
            if (known == document_.events.end())
                continue;
            Slot& slot = slots_[static_cast<std::size_t>(known - document_.events.begin())];
            if (!take_over(slot))
                continue;
            if (event.has_value()) {
                slot.series.add(event.value() / options_.operations);
                slot.series.set_overhead(static_cast<double>(counters_->raw(overheads_, i, event.group)) * event.scale);
                *known = std::move(event);
            } else {
                slot.series.lose(event.count.state(), event.reason);
            }
        }
        for (MetricValue& metric : sample.metrics) {
            const auto known = std::ranges::find_if(document_.metrics, [&](const MetricValue& other) {
                return other.id == metric.id && other.core == metric.core;
            });
            if (known == document_.metrics.end())
                continue;
            Slot& slot = slots_[document_.events.size() + static_cast<std::size_t>(known - document_.metrics.begin())];
            if (!take_over(slot))
                continue;
            if (metric.has_value()) {
                slot.series.add(metric.number);
                *known = std::move(metric);
            } else {
                slot.series.lose(metric.state, metric.reason);
            }
        }
    }

    /// Whether a value is this pass's: of what several passes count, the first that could keeps it.
    bool take_over(Slot& slot) const noexcept {
        if (slot.pass != pass_ && slot.series.size() > 0)
            return false;
        slot.pass = pass_;
        return true;
    }

    [[nodiscard]] bool is_tight() const {
        bool has_count = false;
        for (std::size_t i = 0; i + 1 < slots_.size(); ++i) {
            const Slot& slot = slots_[i];
            if (slot.pass != pass_ || slot.series.size() == 0 || !slot.series.declared().is_asked)
                continue;
            has_count = true;
            if (!slot.series.is_tight(options_.tightness))
                return false;
        }
        return has_count || slots_.back().series.is_tight(options_.tightness);
    }

    Series& seconds() noexcept { return slots_.back().series; }
    RunCounts& runs() noexcept { return pass_runs_.back(); }

    MeasureOptions options_;
    MetricSet whole_;
    std::vector<MetricSet> passes_;
    bool is_model_;           ///< callgrind counts
    Sample document_;         ///< all values, with the last run of each
    std::vector<Slot> slots_; ///< its events, its metrics, the time
    MeasureEnd end_ = MeasureEnd::tight;

    // The pass.
    std::size_t pass_ = 0; ///< from 1
    std::vector<RunCounts> pass_runs_;
    std::optional<ThreadCounters> counters_;
    std::vector<std::vector<GroupSpan>> calibration_; ///< by open group: those that were counted in full
    std::vector<std::uint64_t> empty_ns_;
    unsigned tried_ = 0;
    std::vector<GroupSpan> overheads_; ///< by open group
    std::uint64_t overhead_ns_ = 0;
    unsigned warmed_up_ = 0;
    bool is_warm_ = false;
    std::size_t attempts_ = 0; ///< warm-up apart
    std::size_t next_look_ = 0;
    std::uint64_t start_ns_ = 0;
    std::vector<GroupSpan> spans_;        ///< of runs not yet evaluated: for each, those of the open groups
    std::vector<std::uint64_t> times_ns_; ///< of the same runs

    // The run.
    Whereabouts before_, after_;
    std::uint64_t before_ns_ = 0;
    std::uint64_t after_ns_ = 0;
    bool has_run_ = false; ///< that was not yet taken
};

MeasureLoop::MeasureLoop(const MeasureOptions& options) {
    const kernel::Uncounted uncounted;
    require_meaning(options);
    state_ = std::make_unique<State>(parse_for_user_mode(options.events).value(), options);
}

MeasureLoop::MeasureLoop(MetricSet set, const MeasureOptions& options) {
    const kernel::Uncounted uncounted;
    require_meaning(options);
    state_ = std::make_unique<State>(std::move(set), options);
}

MeasureLoop::~MeasureLoop() = default;

bool MeasureLoop::next_pass() {
    const kernel::Uncounted uncounted;
    return state_->next_pass();
}

bool MeasureLoop::calibrates() {
    const kernel::Uncounted uncounted;
    return state_->calibrates();
}

bool MeasureLoop::goes_on() {
    const kernel::Uncounted uncounted;
    return state_->goes_on();
}

Measurement MeasureLoop::finish() {
    const kernel::Uncounted uncounted;
    return state_->finish();
}

void MeasureLoop::begin() noexcept {
    state_->begin();
}

void MeasureLoop::end() noexcept {
    state_->end();
}

} // namespace pmc
