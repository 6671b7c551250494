#pragma once

#include "counter/planner.hpp"
#include "kernel/unique_fd.hpp"

#include <pmc/count.hpp>
#include <pmc/event.hpp>
#include <pmc/machine.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/types.h>
#include <utility>
#include <vector>

/// A plan opened over a target: for now, a command that has not yet exec'd, with all threads and children to come.
namespace pmc {

/// One event of one group, read.
struct GroupCount {
    std::size_t event; ///< index into the event list
    int group;         ///< index into the plan's groups
    Count count;
    Reason reason; ///< why it was not counted
};
using Counts = std::vector<GroupCount>;

class CounterSet {
public:
    /// Nothing is counted.
    CounterSet() = default;
    /// Opens every group of the plan on `pid`, disabled, enabled by its exec, and inherited by its threads and children
    /// unless `inherit` is false. A group that does not open
    /// leaves its Reason; the others are not touched. A non-explicit group of which a sibling does not open is opened
    /// without it.
    static CounterSet open_on_exec(std::vector<Event> events, const Plan& plan, pid_t pid, Mode mode,
                                   const Machine& machine, bool inherit = true);

    /// Reads every group (before any is closed: closing a leader lets its siblings count alone).
    [[nodiscard]] Counts read() const;

private:
    CounterSet(std::vector<Event> events, const Machine& machine) : events_(std::move(events)), machine_(machine) {}

    struct Group {
        Group() = default;
        Group(Group&&) noexcept = default;
        Group& operator=(Group&&) = delete;
        ~Group() { close(); }
        void close() noexcept;
        /// An explicit group is all or nothing: the first failure is everybody's.
        void lose_all(const PlannedGroup& planned, const std::vector<Event>& events);

        std::vector<kernel::UniqueFd> fds;                  ///< leader first; one per member
        std::vector<std::size_t> members;                   ///< events that are open, in the order of the group's read
        std::vector<std::pair<std::size_t, Reason>> failed; ///< events that are not
    };
    std::vector<Event> events_;
    std::vector<Group> groups_;
    Machine machine_ = Machine::host();
};

/// The kernel's group read (nr, enabled, running, value…) as Counts of the members in order. `words` is what read()
/// gave: an empty read is a pinned group in error, a different nr is a group that lost members: both are *not counted*.
std::vector<Count> decode_group_read(std::span<const std::uint64_t> words, std::size_t members);

} // namespace pmc
