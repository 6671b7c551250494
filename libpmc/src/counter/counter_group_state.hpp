#pragma once

#include <pmc/counter_group.hpp>
#include <pmc/machine.hpp>

#include "counter/model_reader.hpp"
#include "counter/reading_access.hpp"
#include "kernel/thread_mark.hpp"
#include "kernel/unique_fd.hpp"
#include "kernel/user_page.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace pmc {

struct alignas(64) CounterGroup::State : Reader {
    State(std::vector<Event> wanted, ReadPolicy policy, const Machine& machine);
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { close(); }

    /// Opens the events, starts them and settles how they are read.
    std::optional<Error> open(const Machine& machine);
    void close() noexcept;

    // What a user read needs comes first, so that it is together.
    ReadingAccess::Head head; ///< of a user read
    kernel::ThreadMark mark;
    std::array<kernel::UserCounter, Reading::capacity> counters; ///< in the order of the events; empty: not mapped

    std::vector<Event> events;
    std::vector<std::size_t> order;           ///< the kernel's: leader first
    std::vector<kernel::UniqueFd> fds;        ///< in that order
    Reason path_reason;                       ///< why there is no user read
    std::unique_ptr<const ModelReader> model; ///< it counts, and no kernel
    /// A thread's that may be on cores of several types while it is measured, and that gives its readings to nobody.
    bool for_regions = false;

private:
    std::optional<Error> open_on_model();
    std::optional<Error> open_and_start(const Machine& machine);
    std::optional<Error> open_events(const Machine& machine);
    std::optional<Error> start(const Machine& machine);
    void map(const Machine& machine);
    void unmap() noexcept;
    void settle_reader();

    /// False: it must be a system call.
    template <class Size>
    bool read_registers(std::uint64_t* counts, kernel::PageTimes& times, Size size) const noexcept;
    void fill_by_system_call(Reading& reading) const noexcept;
    static Reading read_by_system_call(const Reader& reader) noexcept;
    static Reading read_of_model(const Reader& reader) noexcept;
    template <std::size_t N>
    static Reading read_few_by_user(const Reader& reader) noexcept;
    template <std::size_t N>
    static Reading read_by_user(const Reader& reader) noexcept;
    static Reading read_many_by_user(const Reader& reader) noexcept;
    static Reading read_by_user_without_clock(const Reader& reader) noexcept;

    bool asked_for_access_ = false;
};

/// The way into a group, for who reads its pages by himself.
struct CounterGroupAccess {
    using State = CounterGroup::State;
    static const State& state(const CounterGroup& group) noexcept { return *group.state(); }
    /// As CounterGroup::open, for a thread that may be on cores of several types while it is measured. Its readings
    /// must not be subtracted by operator-.
    static Expected<CounterGroup> open_for_regions(std::vector<Event> events);
};

} // namespace pmc
