#include "counter/counter_group_state.hpp"
#include "kernel/counter_register.hpp"
#include "region/thread_record.hpp"

#include <algorithm>
#include <utility>

/// The measured path: what is done between a scope's begin and its end.
namespace pmc {
namespace {

using kernel::Processor;

/// As take_any, if all that there is to read are N counters that instructions read.
template <std::size_t N>
struct ByUser {
    static constexpr std::size_t words = 3 + N;

    [[gnu::always_inline]] static bool read(const ThreadRecord& record, std::uint64_t* snapshot) noexcept {
        kernel::PageTimes times;
        if (!kernel::read_group(record.counters.data(), std::make_index_sequence<N>{}, snapshot + 3, times,
                                Processor{})) [[unlikely]]
            return false;
        snapshot[0] = times.ticks;
        snapshot[1] = times.enabled_ns + times.offset;
        snapshot[2] = times.running_ns + times.offset;
        return true;
    }
    static std::uint64_t take(ThreadRecord& record, RegionFrame& frame, std::uint64_t token) noexcept;
    static void finish(ThreadRecord& record, std::uint64_t token) noexcept;
};

/// One group's words, but for the clock's part in its times.
bool read_words(const CounterGroup& group, std::uint64_t* words) noexcept {
    const Reading reading = group.read();
    if (reading.state() != State::counted)
        return false;
    words[0] = reading.enabled_ns();
    words[1] = reading.running_ns();
    for (std::uint32_t i = 0; i < reading.size(); ++i)
        words[2 + i] = reading[CounterId{i}].raw();
    return true;
}

/// Reads all groups that are open; the flags of those that can't be read.
std::uint64_t read_groups(const ThreadRecord& record, std::uint64_t* snapshot) noexcept {
    const ThreadOwner& owner = *record.owner;
    std::uint64_t failed = record.missing;
    for (std::size_t i = 0; i < owner.groups.size(); ++i)
        if (owner.groups[i] && !read_words(*owner.groups[i], snapshot + owner.layout->groups[i].first))
            failed |= std::uint64_t{RegionFrame::first_group} << i;
    return failed;
}

void take_clock_off(const ThreadRecord& record, std::uint64_t* snapshot) noexcept {
    const std::uint64_t elapsed = record.clock.since_update(0, snapshot[0]);
    for (const RegionLayout::Group& group : record.owner->layout->groups) {
        snapshot[group.first] -= elapsed;
        snapshot[group.first + 1] -= elapsed;
    }
}

std::uint64_t take_any(ThreadRecord& record, RegionFrame& frame, std::uint64_t token) noexcept {
    std::uint64_t* snapshot = frame.snapshot();
    frame.flags = read_groups(record, snapshot);
    snapshot[0] = Processor::ticks();
    take_clock_off(record, snapshot);
    return token;
}

/// The sum of calls within a call of the same region is to be known apart: inclusive counts have them already.
bool is_inner(const ThreadRecord& record, RegionFrame* frame) noexcept {
    for (RegionFrame* above = record.parent_of(frame); above != nullptr; above = record.parent_of(above))
        if (above->sums == frame->sums && SharedWord{above->token}.load(std::memory_order_relaxed) != 0)
            return true;
    return false;
}

void add_words(std::uint64_t* sum, const std::uint64_t* more, std::size_t words) noexcept {
    for (std::size_t i = 0; i < words; ++i)
        add_to(sum[i], more[i]);
}

/// What was nested belongs to the parent's frame until that ends: it may be dropped.
void add_to_parent(const ThreadRecord& record, RegionFrame& parent, const std::uint64_t* difference) noexcept {
    std::uint64_t* nested = parent.nested(record.words);
    if ((parent.flags & RegionFrame::has_nested) == 0)
        std::copy_n(difference, record.words, nested);
    else
        for (std::size_t i = 0; i < record.words; ++i)
            nested[i] += difference[i];
    parent.flags |= RegionFrame::has_nested;
}

/// Adds the difference, which stands in the frame's place for the snapshot.
void add_difference(ThreadRecord& record, RegionFrame& frame) noexcept {
    std::uint64_t* difference = frame.snapshot();
    const std::size_t words = record.words;
    RegionSums& sums = *frame.sums;
    add_to(sums.calls, 1);
    add_words(sums.total(), difference, words);
    if ((frame.flags & RegionFrame::has_nested) != 0)
        add_words(sums.nested(words), frame.nested(words), words);
    if (is_inner(record, &frame))
        add_words(sums.inner(words), difference, words);
    if ((frame.flags & RegionFrame::opened) != 0)
        add_to(sums.openings, 1);
    const std::uint64_t failed = frame.flags / RegionFrame::first_group;
    if (failed != 0) {
        add_to(sums.uncounted, 1);
        const std::size_t groups = record.owner->layout->groups.size();
        for (std::size_t i = 0; i < groups; ++i)
            add_to(sums.uncounted_by_group(words)[i], failed >> i & 1);
    }
}

/// The frame's snapshot becomes the difference to `now`.
void subtract_from(const std::uint64_t* now, std::uint64_t* snapshot, std::size_t words) noexcept {
    for (std::size_t i = 0; i < words; ++i)
        snapshot[i] = now[i] - snapshot[i];
}

/// A scope that is nested, or has something nested in it, or was not fully counted; its difference stands in its frame.
[[gnu::noinline]] void settle(ThreadRecord& record, std::uint64_t token) noexcept {
    RegionFrame& frame = *RegionFrame::of(token);
    const std::uint64_t sequence = record.sequence.load(std::memory_order_relaxed);
    if ((sequence & 1) != 0) {
        // A signal handler's scope, while the thread itself is within this function: its sums must not be touched.
        SharedWord{frame.sums->dropped}.fetch_add(1, std::memory_order_relaxed);
        record.next = token;
        return;
    }
    record.sequence.store(sequence + 1, std::memory_order_relaxed);
    kernel::order_stores();
    add_difference(record, frame);
    if (RegionFrame* parent = record.parent_of(&frame))
        add_to_parent(record, *parent, frame.snapshot());
    record.sequence.store(sequence + 2, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    record.next = token;
    pop_orphans(record);
}

void finish_any(ThreadRecord& record, std::uint64_t token) noexcept {
    RegionFrame& frame = *RegionFrame::of(token);
    std::uint64_t* now = frame.end(record.words);
    now[0] = Processor::ticks();
    const std::uint64_t failed = read_groups(record, now);
    take_clock_off(record, now);
    frame.flags |= failed;
    subtract_from(now, frame.snapshot(), record.words);
    const std::vector<RegionLayout::Group>& groups = record.owner->layout->groups;
    for (std::size_t i = 0; i < groups.size(); ++i)
        if ((frame.flags & std::uint64_t{RegionFrame::first_group} << i) != 0)
            clear_group(frame.snapshot(), groups[i], record.clock);
    settle(record, token);
}

template <std::size_t N>
std::uint64_t ByUser<N>::take(ThreadRecord& record, RegionFrame& frame, std::uint64_t token) noexcept {
    if (!read(record, frame.snapshot())) [[unlikely]]
        return take_any(record, frame, token);
    return token;
}

template <std::size_t N>
void ByUser<N>::finish(ThreadRecord& record, std::uint64_t token) noexcept {
    std::uint64_t now[words];
    if (!read(record, now)) [[unlikely]]
        return finish_any(record, token);
    RegionFrame& frame = *RegionFrame::of(token);
    std::uint64_t* snapshot = frame.snapshot();
    const std::uint64_t sequence = record.sequence.load(std::memory_order_relaxed);
    if ((frame.flags | (sequence & 1)) != 0 || reinterpret_cast<std::uint64_t>(&frame) != record.base) [[unlikely]] {
        subtract_from(now, snapshot, words);
        if ((frame.flags / RegionFrame::first_group & 1) != 0)
            clear_group(snapshot, record.owner->layout->groups[0], record.clock);
        return settle(record, token);
    }
    record.sequence.store(sequence + 1, std::memory_order_relaxed);
    kernel::order_stores();
    add_to(frame.sums->calls, 1);
    std::uint64_t* total = frame.sums->total();
    for (std::size_t i = 0; i < words; ++i)
        add_to(total[i], now[i] - snapshot[i]);
    record.sequence.store(sequence + 2, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    record.next = token;
}

template <std::size_t... N>
bool choose_by_user(ThreadRecord& record, std::size_t size, std::index_sequence<N...>) noexcept {
    static constexpr ThreadRecord::Take takes[] = {ByUser<N + 1>::take...};
    static constexpr ThreadRecord::Finish finishes[] = {ByUser<N + 1>::finish...};
    if (size == 0 || size > sizeof...(N))
        return false;
    record.take = takes[size - 1];
    record.finish = finishes[size - 1];
    return true;
}

} // namespace

void choose_readers(ThreadRecord& record, const ThreadOwner& owner) noexcept {
    record.take = take_any;
    record.finish = finish_any;
    if (owner.groups.size() != 1 || !owner.groups[0] || owner.groups[0]->read_path() != ReadPath::user_read)
        return;
    const CounterGroupAccess::State& group = CounterGroupAccess::state(*owner.groups[0]);
    const kernel::UserClock clock = group.head.layout->clock;
    // Without a clock in its page a group needs a closer look at each reading.
    if (clock.mult == 0 || clock.mult != record.clock.mult || clock.shift != record.clock.shift)
        return;
    const std::size_t size = owner.groups[0]->size();
    if (choose_by_user(record, size, std::make_index_sequence<std::tuple_size_v<decltype(record.counters)>>{}))
        std::copy_n(group.counters.begin(), size, record.counters.begin());
}

} // namespace pmc
