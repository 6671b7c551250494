#include <pmc/reading.hpp>

#include "counter/reading_access.hpp"

namespace pmc {

namespace {

constinit std::atomic<const ReadingLayout*> all_layouts{nullptr};

const ReadingLayout* add_layout(std::size_t size, kernel::UserClock clock, bool shared) {
    auto* layout = new ReadingLayout{size, clock, shared, all_layouts.load(std::memory_order_relaxed)};
    while (!all_layouts.compare_exchange_weak(layout->next, layout, std::memory_order_release,
                                              std::memory_order_relaxed)) {
    }
    return layout;
}

} // namespace

const ReadingLayout* make_layout(std::size_t size, kernel::UserClock clock) {
    return add_layout(size, clock, false);
}

const ReadingLayout* shared_layout(std::size_t size, kernel::UserClock clock) {
    const ReadingLayout* known = all_layouts.load(std::memory_order_acquire);
    for (; known != nullptr; known = known->next)
        if (known->shared && known->size == size && known->clock.mult == clock.mult &&
            known->clock.shift == clock.shift)
            return known;
    return add_layout(size, clock, true);
}

std::uint64_t Reading::since_update() const noexcept {
    return head_.layout->clock.since_update(clock_offset_, clock_ticks_);
}

Reading operator-(const Reading& later, const Reading& earlier) noexcept {
    Reading difference;
    if (later.head_.layout == nullptr || later.head_.layout != earlier.head_.layout)
        return difference;
    difference.head_.layout = later.head_.layout;
    difference.head_.size = later.head_.size;

    // A snapshot that failed holds zeros: subtracting it would give all that was counted since the group was opened.
    if (later.head_.state != State::counted || earlier.head_.state != State::counted)
        return difference;
    const std::uint64_t enabled = later.enabled_ns();
    const std::uint64_t running = later.running_ns();
    if (enabled < earlier.enabled_ns() || running < earlier.running_ns())
        return difference;
    difference.enabled_ns_ = enabled - earlier.enabled_ns();
    difference.running_ns_ = running - earlier.running_ns();
    if (difference.running_ns_ == 0 && difference.enabled_ns_ > 0)
        return difference;
    // No time at all passed: with system calls that can't be, as each brings the times up to now. A user read without
    // cap_user_time (KVM guests on x86, arm64 before 5.18) has the times of the last schedule-in, which stand still for
    // as long as the group keeps its counters. Nothing was lost then, so the raw counts may be trusted.

    for (std::size_t i = 0; i < later.head_.size; ++i) {
        if (later.raw_[i] < earlier.raw_[i]) {
            difference.raw_ = {};
            return difference;
        }
        difference.raw_[i] = later.raw_[i] - earlier.raw_[i];
    }
    difference.head_.state = State::counted;
    return difference;
}

} // namespace pmc
