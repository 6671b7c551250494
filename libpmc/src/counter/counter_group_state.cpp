#include "counter/counter_group_state.hpp"

#include "counter/open_event.hpp"
#include "counter/planner.hpp"
#include "counter/reasons.hpp"
#include "counter/user_access.hpp"
#include "kernel/counter_register.hpp"
#include "kernel/page_size.hpp"
#include "kernel/system_call.hpp"
#include "machine/core_type.hpp"
#include "machine/reason.hpp"

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <span>
#include <utility>

namespace pmc {
namespace {

/// The page's clock, if it has one.
kernel::UserClock clock_of(const perf_event_mmap_page* page) noexcept {
    if (page == nullptr || !page->cap_user_time)
        return {};
    return {.mult = page->time_mult, .shift = page->time_shift};
}

/// A read is tried so often while something that takes but a moment may be in its way.
constexpr int patience = 100;
/// Groups that don't fit together take turns of perf_event_mux_interval_ms (4 by default, or a tick of the clock): so
/// long a new one may wait for its first, and so often it looks.
constexpr std::uint64_t longest_wait_ns = 30'000'000;
constexpr int longest_patience = 100'000;

} // namespace

CounterGroup::State::State(std::vector<Event> wanted, ReadPolicy policy, const Machine& machine)
    : Reader{read_by_system_call},
      head{},
      counters{},
      events(std::move(wanted)),
      path_reason(why_no_user_read(events, policy, machine)) {
    if (!path_reason && !mark)
        path_reason = no_user_read("a fork could not be told: there is no memory, or the kernel is older than 4.14");
}

std::optional<Error> CounterGroup::State::open(const Machine& machine) {
    if (std::ranges::any_of(events, is_modelled))
        return open_on_model();
    std::optional<Error> error = open_and_start(machine);
    if (!error || !asked_for_access_)
        return error;
    // User access narrows the choice of counters (on arm64, 64 bits for cycles are in the cycle counter alone), and the
    // kernel may find that out only when the group is to run.
    close();
    path_reason = no_user_read("these events fit on the counters only without user access");
    return open_and_start(machine);
}

std::optional<Error> CounterGroup::State::open_on_model() {
    for (const Event& event : events)
        if (!is_modelled(event))
            return Error{Stage::open, event.name, under_valgrind()};
    if (!mark)
        return Error{Stage::open, events.front().name, no_wiped_memory()};
    Expected<ModelReader> opened = ModelReader::open(events);
    if (!opened)
        return std::move(opened.error());
    model = std::make_unique<const ModelReader>(*std::move(opened));
    path_reason = no_user_read("callgrind counts here, and is asked at each reading");
    head = {.layout = for_regions ? shared_layout(events.size(), {}) : make_layout(events.size()),
            .size = static_cast<std::uint32_t>(events.size()),
            .state = pmc::State::counted,
            .ticking = false};
    read = read_of_model;
    return std::nullopt;
}

std::optional<Error> CounterGroup::State::open_and_start(const Machine& machine) {
    if (auto error = open_events(machine))
        return error;
    if (!path_reason)
        map(machine);
    if (auto error = start(machine))
        return error;
    settle_reader();
    return std::nullopt;
}

/// The pages first: a mapped event lives on, and keeps its counter. The leader last: without it, the siblings would
/// become leaders and count on.
void CounterGroup::State::close() noexcept {
    unmap();
    while (!fds.empty())
        fds.pop_back();
}

std::optional<Error> CounterGroup::State::open_events(const Machine& machine) {
    order.resize(events.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    put_leader_first(events, order);
    fds.reserve(events.size());
    for (const std::size_t i : order) {
        // Group times are the leader's, so all must start at once: built disabled, and enabled by one switch.
        OpenRequest request{.mode = Mode::user, .disabled = fds.empty(), .user_access = !path_reason};
        request.group_fd = fds.empty() ? -1 : fds.front().get();
        request.members = fds.size();
        Opened opened = open_event(events[i], request, machine);
        asked_for_access_ = asked_for_access_ || opened.user_access;
        if (!opened.fd)
            return Error{Stage::open, events[i].name, std::move(opened.reason)}.with_tried(std::move(opened.tried));
        fds.push_back(std::move(opened.fd));
    }
    return std::nullopt;
}

std::optional<Error> CounterGroup::State::start(const Machine& machine) {
    const Event& leader = events[order.front()];
    if (kernel::perf_ioctl(fds.front().get(), PERF_EVENT_IOC_ENABLE, 0) != 0) {
        const int error = errno;
        return Error{Stage::enable, leader.name, machine.why(error, leader.name, leader.pmu, false)};
    }

    head = {.layout = for_regions ? shared_layout(events.size(), clock_of(counters[0].page))
                                  : make_layout(events.size(), clock_of(counters[0].page)),
            .size = static_cast<std::uint32_t>(events.size()),
            .state = pmc::State::counted,
            .ticking = true};
    // That it opened proves nothing: arm64 (6.1) takes groups that never fit, and x86 knows nothing of other users. The
    // events of a running thread get their counters within the ENABLE, and a try waits but for the clock to move,
    // unless other groups have the counters.
    for (int i = 0; i < longest_patience; ++i) {
        const Reading reading = read_by_system_call(*this);
        if (reading.state() == pmc::State::counted)
            return std::nullopt;
        if (i >= patience && (reading.enabled_ns() == 0 || reading.enabled_ns() > longest_wait_ns))
            break;
    }

    const std::string core = core_apart(machine, leader.pmu);
    if (!core.empty() && for_regions)
        return std::nullopt;
    Reason reason = core.empty() ? counters_busy(events.size(), machine) : never_ran_on(core);
    // The probe enables its leader, so that the kernel counts it when it checks whether the group fits.
    close();
    if (const Reason refused = probe(events, Mode::user, machine))
        reason = refused;
    return Error{Stage::verify, leader.name, std::move(reason)};
}

void CounterGroup::State::map(const Machine& machine) {
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Event& event = events[order[i]];
        const void* mapped = kernel::perf_mmap(fds[i].get(), kernel::page_size());
        if (mapped == nullptr) {
            const int error = errno;
            path_reason = no_user_read("the page of " + event.name + " could not be mapped",
                                       "raise the limit of locked memory (ulimit -l), or: sudo sysctl "
                                       "kernel.perf_event_mlock_kb=NUMBER",
                                       error);
            return unmap();
        }
        const auto* page = static_cast<const perf_event_mmap_page*>(mapped);
        counters[order[i]] = {.page = page, .shift = std::uint64_t{64} - page->pmc_width};
        if (Reason reason = why_not_readable(*page, event, machine)) {
            path_reason = std::move(reason);
            return unmap();
        }
    }
}

void CounterGroup::State::unmap() noexcept {
    for (kernel::UserCounter& counter : counters) {
        const auto* page = std::exchange(counter, {}).page;
        // A fork's child has no such mapping, and may have another one at the same address.
        if (page != nullptr && !mark.is_wiped())
            kernel::perf_munmap(const_cast<perf_event_mmap_page*>(page), kernel::page_size());
    }
}

void CounterGroup::State::settle_reader() {
    if (path_reason)
        return;
    bool readable = false;
    for (int i = 0; i < patience && !readable; ++i) {
        std::array<std::uint64_t, Reading::capacity> counts;
        kernel::PageTimes times;
        readable = read_registers(counts.data(), times, events.size());
    }
    // A group that waits for its turn at this moment may be read later; one that runs without an index never.
    if (!readable && counters[0].page->time_enabled == counters[0].page->time_running) {
        path_reason = no_user_read("the kernel tells no counter's number for " + events[order.front()].name);
        return unmap();
    }
    static constexpr decltype(Reader::read) readers[] = {read_many_by_user,   read_few_by_user<1>, read_few_by_user<2>,
                                                         read_few_by_user<3>, read_by_user<4>,     read_by_user<5>,
                                                         read_by_user<6>};
    read = events.size() < std::size(readers) ? readers[events.size()] : readers[0];
    if (head.layout->clock.mult == 0)
        read = read_by_user_without_clock;
}

/// Only where the reader is the thread that made the group: another one's registers count something else.
template <class Size>
[[gnu::always_inline]] inline bool CounterGroup::State::read_registers(std::uint64_t* counts, kernel::PageTimes& times,
                                                                       Size size) const noexcept {
    return mark.is_mine() && kernel::read_group(counters.data(), size, counts, times, kernel::Processor{});
}

[[gnu::noinline]] void CounterGroup::State::fill_by_system_call(Reading& reading) const noexcept {
    std::array<std::uint64_t, group_header + Reading::capacity> words; // filled by the read: no need to clear it
    const std::size_t size = (group_header + order.size()) * sizeof(std::uint64_t);
    std::array<std::uint64_t, Reading::capacity> raw{};
    const std::span counts{raw.data(), order.size()};
    // A fork's child would get its parent's counts. Nothing at all is a group in error; another number is a group that
    // lost members.
    if (mark.is_wiped() ||
        kernel::perf_read_whole(fds.front().get(), words.data(), size) != static_cast<ssize_t>(size) ||
        words[0] != order.size())
        return ReadingAccess::fill(reading, head.layout, counts, 0, 0, pmc::State::not_counted);
    const std::uint64_t enabled = words[1];
    const std::uint64_t running = words[2];
    for (std::size_t i = 0; i < order.size(); ++i)
        raw[order[i]] = words[group_header + i];
    ReadingAccess::fill(reading, head.layout, counts, enabled, running,
                        running > 0 ? pmc::State::counted : pmc::State::not_counted);
}

Reading CounterGroup::State::read_by_system_call(const Reader& reader) noexcept {
    Reading reading = ReadingAccess::unfilled();
    static_cast<const State&>(reader).fill_by_system_call(reading);
    return reading;
}

/// There are no times: a model counts always, and its clock is not this machine's. Of other threads nothing is said, as
/// valgrind may have given an ended one's number to the next.
Reading CounterGroup::State::read_of_model(const Reader& reader) noexcept {
    const auto& state = static_cast<const State&>(reader);
    std::array<std::uint64_t, Reading::capacity> raw{};
    const std::span counts{raw.data(), state.events.size()};
    const bool is_read = state.mark.is_mine() && state.model->read(counts);
    return ReadingAccess::make(state.head.layout, counts, 0, 0,
                               is_read ? pmc::State::counted : pmc::State::not_counted);
}

/// So few that they stay in registers to the end: the system call then needs no frame of this function's.
template <std::size_t N>
Reading CounterGroup::State::read_few_by_user(const Reader& reader) noexcept {
    const auto& state = static_cast<const State&>(reader);
    std::array<std::uint64_t, N> counts;
    kernel::PageTimes times;
    if (!state.read_registers(counts.data(), times, std::make_index_sequence<N>{})) [[unlikely]]
        return read_by_system_call(reader);
    return ReadingAccess::make(state.head, times, counts.data(), N);
}

/// So many that they go straight to the place of the result, which the compiler finds in a function of this shape only.
template <std::size_t N>
Reading CounterGroup::State::read_by_user(const Reader& reader) noexcept {
    const auto& state = static_cast<const State&>(reader);
    Reading reading = ReadingAccess::unfilled();
    kernel::PageTimes times;
    if (state.read_registers(ReadingAccess::counts(reading), times, std::make_index_sequence<N>{})) [[likely]]
        ReadingAccess::finish(reading, state.head, times);
    else
        state.fill_by_system_call(reading);
    return reading;
}

Reading CounterGroup::State::read_many_by_user(const Reader& reader) noexcept {
    const auto& state = static_cast<const State&>(reader);
    std::array<std::uint64_t, Reading::capacity> counts;
    kernel::PageTimes times;
    if (!state.read_registers(counts.data(), times, state.events.size())) [[unlikely]]
        return read_by_system_call(reader);
    return ReadingAccess::make(state.head, times, counts.data(), state.events.size());
}

/// The page's times stand still, which does no harm as long as nothing was lost: from then on the kernel must tell
/// them.
Reading CounterGroup::State::read_by_user_without_clock(const Reader& reader) noexcept {
    const auto& state = static_cast<const State&>(reader);
    std::array<std::uint64_t, Reading::capacity> counts;
    kernel::PageTimes times;
    if (!state.read_registers(counts.data(), times, state.events.size()) || times.enabled_ns != times.running_ns)
        return read_by_system_call(reader);
    return ReadingAccess::make(state.head, times, counts.data(), state.events.size());
}

} // namespace pmc
