#include "region/measuring.hpp"

#include "counter/counter_group_state.hpp"
#include "counter/reasons.hpp"
#include "kernel/client_request.hpp"
#include "kernel/clock.hpp"
#include "kernel/counter_register.hpp"
#include "metric/metric_set_state.hpp"
#include "metric/user_mode.hpp"
#include "region/exit_report.hpp"
#include "region/scope.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <unistd.h>
#include <utility>

namespace pmc {
namespace {

constexpr const char* default_list = "ipc";

/// One thread at a time settles what is measured. The word has the process's number, as a fork's child may inherit it
/// in use by a thread that the child does not have.
class SettlingLock {
public:
    SettlingLock() noexcept : mine_(static_cast<std::uint32_t>(getpid())) {
        for (std::uint32_t holder = 0; !word_.compare_exchange_weak(holder, mine_, std::memory_order_acquire);)
            if (holder == mine_)
                word_.wait(std::exchange(holder, 0), std::memory_order_relaxed);
    }
    SettlingLock(const SettlingLock&) = delete;
    SettlingLock& operator=(const SettlingLock&) = delete;
    ~SettlingLock() {
        word_.store(0, std::memory_order_release);
        word_.notify_one();
    }

private:
    static constinit std::atomic<std::uint32_t> word_;
    std::uint32_t mine_;
    BusyMark busy_;
};
constinit std::atomic<std::uint32_t> SettlingLock::word_{0};

constinit std::atomic<const Measuring*> settled{nullptr};
constinit Ledger* the_ledger = nullptr; ///< before `settled`
constinit std::uint64_t sums_size = 0;  ///< of the ledger's
constinit ThreadOwner* all_threads = nullptr;
constinit ThreadOwner* parents_threads = nullptr; ///< in a fork's child

/// By group; never destroyed, as threads may outlive main. Null: none.
constinit std::vector<Reason>* group_reasons = nullptr;

constinit std::array<std::atomic<const char*>, region_numbers> names{};
constinit std::atomic<std::uint32_t> names_end{first_region};

std::string environment(const char* name) {
    const char* value = secure_getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

std::string sentence(const Error& error) {
    return error.hint().empty() ? error.message() : error.message() + "; " + error.hint();
}

RegionLayout layout_of(const MetricSet& set) {
    std::vector<std::size_t> sizes;
    for (const PlannedGroup& group : set.state().plan.groups)
        sizes.push_back(group.events.size());
    return RegionLayout{sizes};
}

bool make_ledger(const RegionLayout& layout) noexcept {
    const std::size_t size = (RegionSums::bytes(layout.words, layout.groups.size()) + 63) / 64 * 64;
    void* memory = map_wiped_on_fork(sizeof(Ledger) + region_numbers * size);
    if (memory == nullptr)
        return false;
    the_ledger = new (memory) Ledger{};
    the_ledger->alive.store(1, std::memory_order_relaxed);
    sums_size = size;
    return true;
}

void start_clock(Ledger& ledger) noexcept {
    ledger.start_ns = kernel::clock_ns(CLOCK_MONOTONIC_RAW);
    ledger.start_ticks = kernel::Processor::ticks();
}

/// Where the report goes even if the program changes its folder.
std::string absolute(std::string path) {
    if (path.empty() || path == "-" || path.starts_with('/'))
        return path;
    char* folder = getcwd(nullptr, 0);
    if (folder != nullptr)
        path = std::string(folder) + '/' + path;
    std::free(folder);
    return path;
}

/// Makes measuring ready; under the SettlingLock. An error in what the environment asks for becomes a note.
std::optional<Error> settle(std::string_view list, bool by_program) {
    const kernel::Uncounted uncounted;
    auto measuring = std::make_unique<Measuring>();
    const std::string asked = environment("PMC_EVENTS");
    measuring->from_environment = !asked.empty();
    measuring->list = !asked.empty() ? asked : list.empty() ? default_list : std::string{list};
    measuring->report_path = absolute(environment("PMC_REPORT"));
    measuring->pid = getpid();
    const std::string prefix = measuring->from_environment ? "PMC_EVENTS: " : "";
    Expected<MetricSet> set = parse_for_user_mode(measuring->list);
    if (!set && by_program && !measuring->from_environment)
        return set.error();
    if (!set)
        measuring->notes.push_back(prefix + sentence(set.error()));
    else if (set->state().plan.groups.size() > RegionLayout::max_groups)
        measuring->notes.push_back(prefix + "these events take too many groups to be counted in regions");
    else
        measuring->set.emplace(std::move(*set));
    if (measuring->set)
        measuring->layout = layout_of(*measuring->set);
    if (!make_ledger(measuring->layout))
        return Error{Stage::open, "regions", no_wiped_memory()};
    start_clock(*the_ledger);
    if (!measuring->report_path.empty())
        report_at_exit();
    settled.store(measuring.release(), std::memory_order_release);
    return std::nullopt;
}

void settle_clock(Ledger& ledger, const ThreadOwner& owner) noexcept {
    if (std::exchange(ledger.has_clock, true))
        return;
    for (const std::optional<CounterGroup>& group : owner.groups)
        if (group && group->read_path() == ReadPath::user_read && ledger.clock.mult == 0)
            ledger.clock = CounterGroupAccess::state(*group).head.layout->clock;
}

std::optional<CounterGroup> open_group(const MetricSet::State& set, std::size_t number, Reason& reason) {
    std::vector<Event> events;
    for (const std::size_t event : set.plan.groups[number].events)
        events.push_back(set.events[event]);
    Expected<CounterGroup> group = CounterGroupAccess::open_for_regions(std::move(events));
    if (group)
        return std::move(*group);
    reason = group.error().reason();
    if (!reason)
        reason = {Cause::rejected, 0, group.error().message(), group.error().hint()};
    return std::nullopt;
}

void open_groups(ThreadOwner& owner, const MetricSet::State& set) {
    for (std::size_t i = 0; i < set.plan.groups.size(); ++i) {
        Reason reason;
        owner.groups.push_back(open_group(set, i, reason));
        if (!reason)
            continue;
        const LedgerLock lock;
        if (group_reasons == nullptr)
            group_reasons = new std::vector<Reason>(set.plan.groups.size());
        Reason& known = (*group_reasons)[i];
        if (!known)
            known = std::move(reason);
    }
}

void add_sums(RegionSums& to, RegionSums& from, std::size_t words, std::size_t groups) noexcept {
    if (from.calls() == 0 && from.dropped == 0)
        return;
    to.sequence += from.sequence;
    to.threads += from.calls() > 0 ? 1 : 0;
    to.openings += from.openings;
    to.uncounted += from.uncounted;
    SharedWord{to.dropped}.fetch_add(from.dropped, std::memory_order_relaxed);
    for (std::size_t i = 0; i < 3 * words + groups; ++i)
        to.total()[i] += from.total()[i];
}

std::uint32_t find_name(std::string_view name) noexcept {
    const std::uint32_t end = region_end();
    for (std::uint32_t id = first_region; id < end; ++id)
        if (name == names[id].load(std::memory_order_relaxed))
            return id;
    return 0;
}

const ThreadOwner* find_owner(const ThreadOwner* list, std::uint64_t token) noexcept {
    while (list != nullptr && !list->contains(token))
        list = list->next;
    return list;
}

} // namespace

std::uint32_t intern(Region& region) noexcept {
    std::atomic<std::uint64_t>& known = RegionAccess::id(region);
    if (const std::uint64_t id = known.load(std::memory_order_relaxed); id != 0)
        return static_cast<std::uint32_t>(id);
    const LedgerLock lock;
    const char* name = region.name() == nullptr ? "" : region.name();
    std::uint32_t id = find_name(name);
    if (id == 0) {
        // A copy: the name may lie in a library that is unloaded before the report.
        id = names_end.load(std::memory_order_relaxed);
        const char* copy = id < region_numbers ? strdup(name) : nullptr;
        if (copy == nullptr)
            return 0;
        names[id].store(copy, std::memory_order_relaxed);
        names_end.store(id + 1, std::memory_order_release);
    }
    known.store(id, std::memory_order_relaxed);
    return id;
}

std::uint32_t region_end() noexcept {
    return names_end.load(std::memory_order_acquire);
}

const char* region_name(std::uint32_t id) noexcept {
    return names[id].load(std::memory_order_relaxed);
}

const Measuring* measuring() noexcept {
    return settled.load(std::memory_order_acquire);
}

void settle_by_environment() noexcept {
    if (detail::measuring.load(std::memory_order_acquire) != 1)
        return;
    const SettlingLock lock;
    if (detail::measuring.load(std::memory_order_relaxed) != 1)
        return;
    std::uint64_t on = 0;
    try {
        if (!environment("PMC_EVENTS").empty() || !environment("PMC_REPORT").empty())
            on = settle({}, false) ? 0 : 2;
    } catch (...) {
        on = 0; // no memory: then nothing is measured
    }
    detail::measuring.store(on, std::memory_order_release);
}

void enable(std::string_view events) {
    const SettlingLock lock;
    if (const Measuring* known = measuring()) {
        if (!events.empty() && events != known->list && !known->from_environment)
            throw Error{ErrorKind::misuse, Stage::parse,
                        "regions count '" + known->list + "' already, and can't change to '" + std::string{events} +
                            "'",
                        "one list serves a process for its life: ask for all that is needed at first"};
    } else if (const std::optional<Error> error = settle(events, true)) {
        throw *error;
    }
    detail::measuring.store(2, std::memory_order_release);
}

void disable() noexcept {
    const SettlingLock lock;
    detail::measuring.store(0, std::memory_order_relaxed);
}

bool is_measuring() noexcept {
    settle_by_environment();
    return detail::measuring.load(std::memory_order_relaxed) != 0;
}

RegionSums& Ledger::sums_of(std::uint64_t region) noexcept {
    return *reinterpret_cast<RegionSums*>(reinterpret_cast<char*>(this + 1) + region * sums_size);
}

Ledger& ledger() noexcept {
    return *the_ledger;
}

ThreadOwner* threads() noexcept {
    return all_threads;
}

Reason group_reason(std::size_t group) {
    return group_reasons != nullptr && group < group_reasons->size() ? (*group_reasons)[group] : Reason{};
}

void settle_fork() noexcept {
    if (the_ledger->alive.load(std::memory_order_acquire) != 0)
        return;
    const LedgerLock lock;
    if (the_ledger->alive.load(std::memory_order_relaxed) != 0)
        return;
    // What was the parent's is left as it is. Its files too: the child may have closed all that it did not know, and
    // have others by these numbers now.
    parents_threads = std::exchange(all_threads, nullptr);
    group_reasons = nullptr;
    start_clock(*the_ledger);
    the_ledger->alive.store(1, std::memory_order_release);
}

ThreadRecord* make_thread() noexcept {
    const kernel::Uncounted uncounted;
    try {
        auto owner = std::make_unique<ThreadOwner>();
        const Measuring& measured = *measuring();
        if (measured.set)
            open_groups(*owner, measured.set->state());
        const LedgerLock lock;
        settle_clock(*the_ledger, *owner);
        if (owner->make_record(measured.layout, region_numbers, the_ledger->clock)) {
            owner->next = all_threads;
            all_threads = owner.get();
            return owner.release()->record;
        }
    } catch (...) {
        // No memory for it: the thread is not measured, and the report says so.
    }
    the_ledger->refused.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
}

void end_thread(ThreadRecord& record) noexcept {
    const kernel::Uncounted uncounted;
    if (record.limit == 0) // a fork's child, which did not measure in this thread
        return;
    ThreadOwner* owner = record.owner;
    {
        const LedgerLock lock;
        ThreadOwner** link = &all_threads;
        while (*link != owner)
            link = &(*link)->next;
        *link = owner->next;
        const std::uint32_t end = region_end();
        for (std::uint32_t id = first_region; id < end; ++id)
            add_sums(the_ledger->sums_of(id), record.sums_of(id), record.words, owner->layout->groups.size());
    }
    delete owner;
}

void drop(Region& region) noexcept {
    if (measuring() == nullptr)
        return;
    const std::uint64_t id = RegionAccess::id(region).load(std::memory_order_relaxed);
    if (id == 0)
        the_ledger->unnamed.fetch_add(1, std::memory_order_relaxed);
    else
        SharedWord{the_ledger->sums_of(id).dropped}.fetch_add(1, std::memory_order_relaxed);
}

bool orphan(std::uint64_t token) noexcept {
    const LedgerLock lock;
    if (find_owner(parents_threads, token) != nullptr)
        return false;
    const ThreadOwner* owner = find_owner(all_threads, token);
    if (owner == nullptr || !owner->has_frame(token))
        return true;
    std::uint64_t open = token;
    SharedWord{RegionFrame::of(token)->token}.compare_exchange_strong(open, RegionFrame::orphaned,
                                                                      std::memory_order_relaxed);
    return true;
}

} // namespace pmc
