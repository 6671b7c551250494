#pragma once

#include "counter/counter_set.hpp"
#include "metric/metric_set_state.hpp"

#include <pmc/counter_group.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// The groups of a MetricSet, opened on the calling thread, and the Counts of what was read between two moments.
namespace pmc {

/// What one group counted.
struct GroupSpan {
    std::array<std::uint64_t, Reading::capacity> raw{};
    std::uint64_t enabled_ns = 0;
    std::uint64_t running_ns = 0;
    State state = State::not_counted;

    GroupSpan() = default;
    explicit GroupSpan(const Reading& difference) noexcept;
    /// On the PMU all the time.
    [[nodiscard]] bool is_full() const noexcept { return state == State::counted && running_ns >= enabled_ns; }
    /// One that was never begun holds what was added, and is counted if all of that is.
    void add(const GroupSpan& more) noexcept;
    /// Less what it took to begin and end it, but never less than nothing.
    void subtract(const GroupSpan& overhead) noexcept;
    /// Of every counter and time its median.
    static GroupSpan median(std::span<const GroupSpan> spans);
};

class ThreadCounters {
public:
    /// Opens all that the set counts; a group that does not open leaves its Reason.
    explicit ThreadCounters(const MetricSet::State& set);

    /// How many groups were opened.
    [[nodiscard]] std::size_t size() const noexcept { return open_.size(); }

    // Around what is measured: no allocation, and no system call where the user read works. The last group to begin is
    // the first to end.
    void begin() noexcept {
        for (std::size_t i = 0; i < open_.size(); ++i)
            before_[i] = open_[i].counters.read();
    }
    void end() noexcept {
        for (std::size_t i = open_.size(); i-- > 0;)
            after_[i] = open_[i].counters.read();
    }
    /// What an open group counted between the last begin and end.
    [[nodiscard]] GroupSpan span(std::size_t open) const noexcept { return GroupSpan{after_[open] - before_[open]}; }

    /// As evaluate() wants them; `spans` by open group, or nothing: then none has counted.
    [[nodiscard]] Counts counts(std::span<const GroupSpan> spans) const;
    /// What `span` has of an event of the set, in a group of its plan; 0 if it is not in it.
    [[nodiscard]] std::uint64_t raw(std::span<const GroupSpan> spans, std::size_t event, int group) const noexcept;

private:
    struct OpenGroup {
        std::size_t number; ///< in the plan
        CounterGroup counters;
    };
    struct LostGroup {
        std::size_t number;
        State state;
        Reason reason;
    };
    const MetricSet::State& set_;
    std::vector<OpenGroup> open_;
    std::vector<LostGroup> lost_;
    std::vector<Reading> before_, after_; ///< by open group
};

} // namespace pmc
