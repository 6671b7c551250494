#pragma once

#include "counter/counter_set.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

/// What tests of CounterSet have in common.
namespace pmc::test {

inline Plan plan_of(std::vector<PlannedGroup> groups) {
    Plan plan;
    plan.groups = std::move(groups);
    return plan;
}

inline Counts counts_of(const CounterSet& set, std::size_t row = 0,
                        CounterSet::Since since = CounterSet::Since::start) {
    Counts counts;
    set.counts(row, since, counts);
    return counts;
}

/// A way in which a read fails, for fake::Kernel::on_read, and the cause that is told.
struct ReadFailure {
    const char* name;
    std::function<int(std::vector<std::uint64_t>&)> make;
    Cause cause;
};

inline const std::vector<ReadFailure>& read_failures() {
    using Words = std::vector<std::uint64_t>;
    static const std::vector<ReadFailure> all{
        {"nothing comes",
         [](Words& words) {
             words.clear();
             return 0;
         },
         Cause::counters_busy},
        {"it is short",
         [](Words& words) {
             words.pop_back();
             return 0;
         },
         Cause::rejected},
        {"it has lost members",
         [](Words& words) {
             words[0] = words.size();
             return 0;
         },
         Cause::rejected},
        {"an error", [](Words&) { return -ENOMEM; }, Cause::out_of_memory},
    };
    return all;
}

} // namespace pmc::test
