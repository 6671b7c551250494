#include <pmc/reading.hpp>

#include "counter/reading_access.hpp"

namespace pmc {

const ReadingLayout* make_layout(std::size_t size) {
    static constinit std::atomic<const ReadingLayout*> all{nullptr};
    auto* layout = new ReadingLayout{size, all.load(std::memory_order_relaxed)};
    while (!all.compare_exchange_weak(layout->next, layout, std::memory_order_release, std::memory_order_relaxed)) {
    }
    return layout;
}

Reading operator-(const Reading& later, const Reading& earlier) noexcept {
    Reading difference;
    if (later.layout_ == nullptr || later.layout_ != earlier.layout_)
        return difference;
    difference.layout_ = later.layout_;
    difference.size_ = later.size_;

    // A snapshot that failed holds zeros: subtracting it would give all that was counted since the group was opened.
    if (later.state_ != State::counted || earlier.state_ != State::counted)
        return difference;
    if (later.enabled_ns_ < earlier.enabled_ns_ || later.running_ns_ < earlier.running_ns_)
        return difference;
    difference.enabled_ns_ = later.enabled_ns_ - earlier.enabled_ns_;
    difference.running_ns_ = later.running_ns_ - earlier.running_ns_;
    if (difference.running_ns_ == 0 && difference.enabled_ns_ > 0)
        return difference;
    // No time at all passed: with system calls that can't be, as each brings the times up to now. A user read without
    // cap_user_time (KVM guests, arm64 before 5.18) has the times of the last schedule-in, which stand still for as
    // long as the group keeps its counters. Nothing was lost then, so the raw counts may be trusted.

    for (std::size_t i = 0; i < later.size_; ++i) {
        if (later.raw_[i] < earlier.raw_[i]) {
            difference.raw_ = {};
            return difference;
        }
        difference.raw_[i] = later.raw_[i] - earlier.raw_[i];
    }
    difference.state_ = State::counted;
    return difference;
}

} // namespace pmc
