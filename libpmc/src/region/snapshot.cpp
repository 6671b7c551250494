#include "counter/counter_group_state.hpp"
#include "kernel/client_request.hpp"
#include "kernel/counter_register.hpp"
#include "region/thread_record.hpp"

#include <algorithm>
#include <utility>

/// The measured path: what is done between a scope's begin and its end.
namespace pmc {
namespace {

using kernel::Processor;

constexpr std::size_t first_count = 1 + RegionLayout::header; ///< of the first group

/// As take_any and finish_any, if all that there is to read are N counters that instructions read.
template <std::size_t N>
struct ByUser {
    struct Snapshot {
        kernel::PageTimes times;
        std::array<std::uint64_t, N> counts;
    };
    [[gnu::always_inline]] static bool read(const ThreadRecord& record, Snapshot& snapshot) noexcept {
        return kernel::read_group(record.counters.data(), std::make_index_sequence<N>{}, snapshot.counts.data(),
                                  snapshot.times, Processor{});
    }
    static std::uint64_t take(std::uint64_t token, ThreadRecord& record, RegionFrame& frame) noexcept;
    static void finish(std::uint64_t token, ThreadRecord& record) noexcept;
    static void finish_specially(std::uint64_t token, ThreadRecord& record, const Snapshot& now,
                                 std::uint64_t special) noexcept;
    [[gnu::always_inline]] static void write(const Snapshot& from, std::uint64_t* words) noexcept {
        words[0] = from.times.ticks;
        words[1] = from.times.enabled_ns + from.times.offset;
        words[2] = from.times.running_ns + from.times.offset;
        words[3] = 0;
        for (std::size_t i = 0; i < N; ++i)
            words[first_count + i] = from.counts[i];
    }
};

/// One group's words, but for the clock's part in its times.
bool read_words(const CounterGroup& group, const RegionLayout::Group& at, std::uint64_t* words) noexcept {
    const Reading reading = group.read();
    // One that waits for its first turn has counted nothing; one that can't be read has not even a time.
    if (reading.state() != State::counted && reading.enabled_ns() == 0)
        return false;
    words[at.enabled] = reading.enabled_ns();
    words[at.running()] = reading.running_ns();
    words[at.untimed()] = 0;
    for (std::uint32_t i = 0; i < reading.size(); ++i)
        words[at.count(i)] = reading[CounterId{i}].raw();
    return true;
}

/// Reads all groups that are open; a bit for each of those that can't be read.
std::uint64_t read_groups(const ThreadRecord& record, std::uint64_t* snapshot) noexcept {
    const ThreadOwner& owner = *record.owner;
    std::uint64_t failed = record.missing;
    for (std::size_t i = 0; i < owner.groups.size(); ++i)
        if (owner.groups[i] && !read_words(*owner.groups[i], owner.layout->groups[i], snapshot))
            failed |= std::uint64_t{1} << i;
    return failed;
}

void take_clock_off(const ThreadRecord& record, std::uint64_t* snapshot) noexcept {
    const std::uint64_t elapsed = record.clock.since_update(0, snapshot[0]);
    for (const RegionLayout::Group& group : record.owner->layout->groups) {
        snapshot[group.enabled] -= elapsed;
        snapshot[group.running()] -= elapsed;
    }
}

/// Where the frame is: what makes the outermost scope an ordinary one. Written after the snapshot, as a signal
/// handler's scope that came before it must not count as nested.
[[gnu::always_inline]] inline std::uint64_t place_of(const ThreadRecord& record, const RegionFrame& frame) noexcept {
    return reinterpret_cast<std::uint64_t>(&frame) - record.base;
}

[[gnu::noinline]] std::uint64_t take_any(std::uint64_t token, ThreadRecord& record, RegionFrame& frame) noexcept {
    std::uint64_t* snapshot = frame.snapshot();
    frame.failed = read_groups(record, snapshot);
    snapshot[0] = Processor::ticks();
    take_clock_off(record, snapshot);
    frame.special = place_of(record, frame) | (frame.failed != 0 ? std::uint64_t{RegionFrame::uncounted} : 0);
    return token;
}

/// The sum of calls within a call of the same region is to be known apart: inclusive counts have them already.
bool is_inner(const ThreadRecord& record, RegionFrame* frame) noexcept {
    for (RegionFrame* above = record.parent_of(frame); above != nullptr; above = record.parent_of(above))
        if (above->sums == frame->sums && token_of(*above) != RegionFrame::orphaned)
            return true;
    return false;
}

/// Calls step(i) for each word: without a loop where their number is known when this is compiled.
template <class Words, class Step>
[[gnu::always_inline]] inline void for_words(Words words, const Step& step) noexcept {
    kernel::for_all(
        words, [&](std::size_t i) __attribute__((always_inline)) {
            step(i);
            return true;
        });
}

template <class Words>
[[gnu::always_inline]] inline void add_words(std::uint64_t* sum, const std::uint64_t* more, Words words) noexcept {
    for_words(
        words, [&](std::size_t i) __attribute__((always_inline)) { add_to(sum[i], more[i]); });
}

/// What was nested belongs to the parent's frame until that ends: it may be dropped.
template <class Words>
[[gnu::always_inline]] inline void add_to_parent(const ThreadRecord& record, RegionFrame& parent,
                                                 const std::uint64_t* difference, Words words) noexcept {
    std::uint64_t* nested = parent.nested(record.words);
    if (parent.is(RegionFrame::has_nested))
        for_words(
            words, [&](std::size_t i) __attribute__((always_inline)) { nested[i] += difference[i]; });
    else
        for_words(
            words, [&](std::size_t i) __attribute__((always_inline)) { nested[i] = difference[i]; });
    parent.special |= RegionFrame::has_nested;
}

/// For the first call of a thread, and calls that were not fully counted.
[[gnu::noinline]] void add_exceptions(const ThreadRecord& record, RegionFrame& frame, std::uint64_t special) noexcept {
    RegionSums& sums = *frame.sums;
    if ((special & RegionFrame::opened) != 0)
        add_to(sums.openings, 1);
    if ((special & RegionFrame::uncounted) == 0)
        return;
    add_to(sums.uncounted, 1);
    const std::size_t groups = record.owner->layout->groups.size();
    for (std::size_t i = 0; i < groups; ++i)
        add_to(sums.uncounted_by_group(record.words)[i], frame.failed >> i & 1);
}

/// Adds the difference, which stands in the frame's place for the snapshot.
template <class Words>
[[gnu::always_inline]] inline void add_difference(const ThreadRecord& record, RegionFrame& frame, std::uint64_t special,
                                                  Words words) noexcept {
    const std::uint64_t* difference = frame.snapshot();
    RegionSums& sums = *frame.sums;
    add_words(sums.total(), difference, words);
    if ((special & RegionFrame::has_nested) != 0)
        add_words(sums.nested(record.words), frame.nested(record.words), words);
    if (is_inner(record, &frame)) [[unlikely]]
        add_words(sums.inner(record.words), difference, words);
    if ((special & (RegionFrame::opened | RegionFrame::uncounted)) != 0) [[unlikely]]
        add_exceptions(record, frame, special);
}

/// Groups that failed have no part in the frame's difference, and what was nested is no part of them.
[[gnu::noinline]] void clear_failed(const ThreadRecord& record, RegionFrame& frame) noexcept {
    const std::vector<RegionLayout::Group>& groups = record.owner->layout->groups;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if ((frame.failed >> i & 1) == 0)
            continue;
        clear_group(frame.snapshot(), groups[i], record.clock);
        clear_group(frame.nested(record.words), groups[i], record.clock);
    }
}

/// A scope that is nested, or has something nested in it, or was not fully counted. `now`: the snapshot at its end;
/// `special`: the frame's, as it was before that.
template <class Words>
[[gnu::always_inline]] inline void settle(std::uint64_t token, ThreadRecord& record, const std::uint64_t* now,
                                          std::uint64_t special, Words words) noexcept {
    RegionFrame& frame = *RegionFrame::of(token);
    const SharedWord sequence{frame.sums->sequence};
    const std::uint64_t before = sequence.load(std::memory_order_relaxed);
    if ((before & 1) != 0) [[unlikely]] {
        // A signal handler's scope, while its thread itself is changing these sums.
        SharedWord{frame.sums->dropped}.fetch_add(1, std::memory_order_relaxed);
        record.next = token;
        return;
    }
    std::uint64_t* difference = frame.snapshot();
    for_words(
        words, [&](std::size_t i) __attribute__((always_inline)) { difference[i] = now[i] - difference[i]; });
    if ((special & RegionFrame::uncounted) != 0) [[unlikely]]
        clear_failed(record, frame);
    sequence.store(before + 1, std::memory_order_relaxed);
    kernel::order_stores();
    add_difference(record, frame, special, words);
    sequence.store(before + 2, std::memory_order_release);
    RegionFrame* parent = record.parent_of(&frame);
    if (parent != nullptr)
        add_to_parent(record, *parent, difference, words);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    record.next = token;
    if (parent != nullptr && token_of(*parent) == RegionFrame::orphaned) [[unlikely]]
        pop_orphans(record);
}

/// Groups whose times stood still between the two snapshots were counted all the time.
void note_untimed(const ThreadRecord& record, const std::uint64_t* snapshot, std::uint64_t* now) noexcept {
    for (const RegionLayout::Group& group : record.owner->layout->groups)
        if (now[group.enabled] == snapshot[group.enabled])
            now[group.untimed()] = now[0] - snapshot[0];
}

[[gnu::noinline]] void finish_any(std::uint64_t token, ThreadRecord& record) noexcept {
    RegionFrame& frame = *RegionFrame::of(token);
    std::uint64_t special = frame.special;
    std::uint64_t* now = frame.end(record.words);
    now[0] = Processor::ticks();
    const std::uint64_t failed = read_groups(record, now);
    take_clock_off(record, now);
    if (failed != 0) {
        frame.failed = failed | ((special & RegionFrame::uncounted) != 0 ? frame.failed : 0);
        special |= RegionFrame::uncounted;
    }
    if (record.clock.mult == 0)
        note_untimed(record, frame.snapshot(), now);
    settle(token, record, now, special, record.words);
}

// A model is asked: but for the way here, a scope then counts nothing of itself.
std::uint64_t take_of_model(std::uint64_t token, ThreadRecord& record, RegionFrame& frame) noexcept {
    const kernel::Uncounted uncounted;
    return take_any(token, record, frame);
}

void finish_of_model(std::uint64_t token, ThreadRecord& record) noexcept {
    const kernel::Uncounted uncounted;
    finish_any(token, record);
}

template <std::size_t N>
std::uint64_t ByUser<N>::take(std::uint64_t token, ThreadRecord& record, RegionFrame& frame) noexcept {
    Snapshot now;
    if (!read(record, now)) [[unlikely]]
        return take_any(token, record, frame);
    write(now, frame.snapshot());
    frame.special = place_of(record, frame);
    return token;
}

template <std::size_t N>
[[gnu::noinline]] void ByUser<N>::finish_specially(std::uint64_t token, ThreadRecord& record, const Snapshot& now,
                                                   std::uint64_t special) noexcept {
    std::uint64_t words[first_count + N];
    write(now, words);
    settle(token, record, words, special, std::make_index_sequence<first_count + N>{});
}

template <std::size_t N>
void ByUser<N>::finish(std::uint64_t token, ThreadRecord& record) noexcept {
    RegionFrame& frame = *RegionFrame::of(token);
    const std::uint64_t special = frame.special;
    Snapshot now;
    if (!read(record, now)) [[unlikely]]
        return finish_any(token, record);
    if (special != 0) [[unlikely]]
        return finish_specially(token, record, Snapshot(now), special); // a copy, so that this one stays in registers
    // No other scope is open on this thread, so that not even a signal handler's can be in the midst of these sums.
    const std::uint64_t* snapshot = frame.snapshot();
    RegionSums& sums = *frame.sums;
    const SharedWord sequence{sums.sequence};
    const std::uint64_t before = sequence.load(std::memory_order_relaxed);
    sequence.store(before + 1, std::memory_order_relaxed);
    kernel::order_stores();
    std::uint64_t* total = sums.total();
    add_to(total[0], now.times.ticks - snapshot[0]);
    const std::uint64_t enabled = now.times.enabled_ns + now.times.offset - snapshot[1];
    const std::uint64_t running = now.times.running_ns + now.times.offset - snapshot[2];
    // The page's times move only when the group is put on its counters or taken off.
    if ((enabled | running) != 0) [[unlikely]] {
        add_to(total[1], enabled);
        add_to(total[2], running);
    }
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        (add_to(total[first_count + I], now.counts[I] - snapshot[first_count + I]), ...);
    }
    (std::make_index_sequence<N>{});
    sequence.store(before + 2, std::memory_order_release);
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
    const auto is_modelled = [](const std::optional<CounterGroup>& group) {
        return group && group->read_path() == ReadPath::model;
    };
    const bool is_model = std::ranges::any_of(owner.groups, is_modelled);
    record.take = is_model ? take_of_model : take_any;
    record.finish = is_model ? finish_of_model : finish_any;
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
