#include "region/scope.hpp"

#include "region/measuring.hpp"
#include "region/thread_record.hpp"

#include <algorithm>
#include <pthread.h>

namespace pmc {
namespace {

/// Threads that have no record have one of these, where nothing can begin.
constinit ThreadRecord unattached{};
constinit ThreadRecord ended{}; ///< it is over, or there was no memory

/// One word of a thread's own, which is had without a call (initial-exec), also where libpmc was loaded late.
[[gnu::tls_model("initial-exec")]] constinit thread_local ThreadRecord* current = &unattached;
[[gnu::tls_model("initial-exec")]] constinit thread_local bool busy = false;

/// Its end is the thread's.
struct ThreadEnd {
    ThreadEnd() noexcept = default;
    ThreadEnd(const ThreadEnd&) = delete;
    ThreadEnd& operator=(const ThreadEnd&) = delete;
    ~ThreadEnd() {
        const BusyMark mark;
        ThreadRecord* record = current;
        current = &ended;
        if (record != &unattached && record != &ended)
            end_thread(*record);
    }
    void touch() const noexcept {}
};

constinit Region empty{""};

/// Tries a scope with nothing in it until the least that it counts is known.
void find_cost(ThreadRecord& record) noexcept {
    constexpr int tries = 20;
    if (record.missing != 0 || ledger().has_cost.exchange(true, std::memory_order_relaxed))
        return;
    RegionAccess::id(empty).store(empty_region, std::memory_order_relaxed);
    RegionSums& sums = record.sums_of(empty_region);
    RegionSums& cost = ledger().cost();
    std::uint64_t* before = cost.nested(record.words); // a place that is free: nothing is nested in it
    for (int i = 0; i < tries; ++i) {
        std::copy_n(sums.total(), record.words, before);
        detail::end_scope(detail::begin_scope(empty), empty);
        for (std::size_t word = 0; word < record.words; ++word) {
            const std::uint64_t counted = sums.total()[word] - before[word];
            cost.total()[word] = i == 0 ? counted : std::min(cost.total()[word], counted);
        }
    }
    if (sums.uncounted == 0)
        SharedWord{cost.sequence}.store(2, std::memory_order_release);
}

ThreadRecord* attach() noexcept {
    static thread_local const ThreadEnd end;
    end.touch();
    ThreadRecord* record = make_thread();
    current = record == nullptr ? &ended : record;
    if (record != nullptr)
        find_cost(*record);
    return record;
}

/// The calling thread's record, made if need be; null: it can't have one.
ThreadRecord* find_or_attach(bool& opened) noexcept {
    settle_fork();
    ThreadRecord* record = current;
    opened = false;
    // In a fork's child the thread's record is its parent's, and wiped: it stays where it is, as every thread of the
    // child may still point to one.
    if (record->limit != 0)
        return record;
    if (record == &ended)
        return nullptr;
    opened = true;
    return attach();
}

[[gnu::noinline, gnu::cold]] std::uint64_t begin_slowly(Region& region) noexcept {
    if (busy) {
        drop(region);
        return 0;
    }
    const BusyMark mark;
    settle_by_environment();
    if (detail::measuring.load(std::memory_order_acquire) == 0)
        return 0;
    bool opened = false;
    const std::uint32_t id = intern(region);
    ThreadRecord* record = find_or_attach(opened);
    if (record == nullptr || id == 0) {
        drop(region);
        return 0;
    }
    pop_orphans(*record);
    if (record->next >= record->limit) {
        drop(region);
        return 0;
    }
    const std::uint64_t token = detail::begin_scope(region);
    if (opened)
        RegionFrame::of(token)->special |= RegionFrame::opened;
    return token;
}

[[gnu::noinline, gnu::cold]] void end_slowly(std::uint64_t token, Region& region) noexcept {
    if (busy)
        return drop(region);
    const BusyMark mark;
    ThreadRecord& record = *current;
    if (end_within(record, token))
        return;
    // A fork's child may end what its parent has begun.
    if (ledger().alive.load(std::memory_order_relaxed) != 0 && orphan(token))
        drop(region);
}

} // namespace

BusyMark::BusyMark() noexcept : was_busy_(busy) {
    busy = true;
    // What measuring does must not make cancellation points of functions that had none.
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state_);
}

BusyMark::~BusyMark() {
    pthread_setcancelstate(cancel_state_, nullptr);
    busy = was_busy_;
}

namespace detail {

constinit std::atomic<std::uint64_t> measuring{1};

std::uint64_t begin_scope(Region& region) noexcept {
    ThreadRecord& record = *current;
    const std::uint64_t id = RegionAccess::id(region).load(std::memory_order_relaxed);
    const std::uint64_t token = record.next;
    if (token >= record.limit || id == 0) [[unlikely]]
        return begin_slowly(region);
    // First the frame is taken, then filled: a signal handler's scope takes the next one.
    record.next = token + record.frame_size;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    RegionFrame& frame = *RegionFrame::of(token);
    SharedWord{frame.token}.store(token, std::memory_order_relaxed);
    frame.sums = &record.sums_of(id);
    return record.take(token, record, frame);
}

void end_scope(std::uint64_t token, Region& region) noexcept {
    ThreadRecord& record = *current;
    if (record.next - record.frame_size != token) [[unlikely]]
        return end_slowly(token, region);
    record.finish(token, record);
}

} // namespace detail

void attach_thread() noexcept {
    if (busy)
        return;
    const BusyMark mark;
    settle_by_environment();
    if (detail::measuring.load(std::memory_order_acquire) == 0)
        return;
    bool opened = false;
    find_or_attach(opened);
}

} // namespace pmc
