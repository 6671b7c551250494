#include "waiter.hpp"

#include <algorithm>
#include <cstddef>
#include <ctime>

namespace cli {
namespace {

constexpr std::int64_t second = 1'000'000'000;

} // namespace

std::int64_t now_ns() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * second + now.tv_nsec;
}

Waiter::Waiter() noexcept {
    fds_.fill({-1, POLLIN, 0});
}

bool Waiter::take(Alarm alarm) noexcept {
    const bool is_due = alarms_[alarm] && *alarms_[alarm] <= now_ns();
    if (is_due)
        alarms_[alarm].reset();
    return is_due;
}

Waiter::Woken Waiter::wait() noexcept {
    std::optional<std::int64_t> nearest;
    for (const std::optional<std::int64_t>& at : alarms_)
        if (at)
            nearest = std::min(nearest.value_or(*at), *at);
    timespec left{};
    if (nearest) {
        const std::int64_t left_ns = std::max<std::int64_t>(*nearest - now_ns(), 0);
        left = {left_ns / second, left_ns % second};
    }
    Woken woken;
    // A timer's descriptor would cost a read() for each interval; the distance to a point in time is as free of drift.
    if (ppoll(fds_.data(), fds_.size(), nearest ? &left : nullptr, nullptr) > 0)
        for (std::size_t i = 0; i < fds_.size(); ++i)
            woken.readable[i] = fds_[i].revents != 0;
    if (!nearest)
        return woken;
    const std::int64_t now = now_ns();
    for (std::size_t i = 0; i < alarms_.size(); ++i) {
        woken.due[i] = alarms_[i] && *alarms_[i] <= now;
        if (woken.due[i])
            alarms_[i].reset();
    }
    return woken;
}

} // namespace cli
