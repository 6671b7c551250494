#pragma once

#include "counter/open_event.hpp"
#include "counter/planner.hpp"
#include "kernel/unique_fd.hpp"

#include <pmc/event.hpp>
#include <pmc/machine.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/types.h>
#include <utility>
#include <vector>

/// One group of a plan, opened at one place.
namespace pmc {

/// Where a copy of the plan's groups is opened.
struct Place {
    pid_t pid = -1;       ///< a thread; -1: whoever runs on the CPU; a cgroup's descriptor
    int cpu = -1;         ///< -1: wherever the thread runs
    bool cgroup = false;  ///< what pid is
    std::size_t row = 0;  ///< of the sums that it is counted in
    std::size_t unit = 0; ///< which of a PMU's units (uncore_imc_0, …), for events that count in one place
};

/// What all groups of a set have in common.
struct OpenSettings {
    Mode mode = Mode::user;
    bool inherit = false;
    bool enable_on_exec = false;
};

/// An event that did not open.
struct Refusal {
    std::size_t member = 0; ///< index into the planned group's events
    int error = 0;
    Reason reason;
};

struct OpenGroup {
    OpenGroup() = default;
    OpenGroup(OpenGroup&&) noexcept = default;
    OpenGroup& operator=(OpenGroup&& other) noexcept;
    ~OpenGroup() { close(); }

    void close() noexcept;

    struct Member {
        kernel::UniqueFd fd;
        std::uint32_t index = 0; ///< into the planned group's events
    };
    std::vector<Member> members; ///< leader first: the order of the group's read
    std::size_t planned = 0;     ///< index into the plan's groups
    Place place;
    std::uint64_t enabled_ns = 0; ///< when it was last read
    std::uint64_t checked_ns = 0; ///< when its CPU was last looked after
    std::uint64_t opened_ns = 0;  ///< of a cgroup's: when
    bool broken = false;          ///< the kernel took it apart: its CPU went offline
};

/// Whether an event can be counted at a place at all: on machines with several core types, only on CPUs of its own.
bool belongs_to(const Event& event, const Place& place, const Machine& machine);

/// Opens what can be opened of a planned group, stopped; the leader's switch is that of all. An explicit group is all
/// or nothing. What does not open is added to `refusals`.
OpenGroup open_group(const std::vector<Event>& events, const PlannedGroup& planned, const Place& place,
                     const OpenSettings& settings, const Machine& machine, std::vector<Refusal>& refusals);

/// The kernel's group read: nr, enabled, running, then a value for each member.
struct GroupRead {
    int error = 0;      ///< errno
    bool ended = false; ///< end of file: a pinned group that gets no counters
    bool whole = false; ///< else: the kernel lost members
    std::uint64_t enabled_ns = 0;
    std::uint64_t running_ns = 0;
    std::span<const std::uint64_t> values; ///< within `words`
};
/// `words` has room for the header and all members.
GroupRead read_group(int leader_fd, std::size_t members, std::span<std::uint64_t> words) noexcept;

} // namespace pmc
