#include "kernel/end_watch.hpp"

#include "kernel/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace pmc::kernel {
namespace {

constexpr long look_every_ns = 100'000'000;

bool is_there(pid_t tid) noexcept {
    return kill(tid, 0) == 0 || errno != ESRCH;
}

void add_to(int epoll, int fd, std::uint32_t events = EPOLLIN) noexcept {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

} // namespace

EndWatch::EndWatch(EndWatch&& other) noexcept
    : epoll_(std::exchange(other.epoll_, -1)),
      timer_(std::exchange(other.timer_, -1)),
      alive_(std::move(other.alive_)),
      canaries_(std::move(other.canaries_)),
      unheard_(std::move(other.unheard_)),
      without_counters_(std::move(other.without_counters_)),
      perhaps_without_(std::move(other.perhaps_without_)),
      last_(std::move(other.last_)),
      any_(other.any_) {
    other.alive_.clear();
}

EndWatch& EndWatch::operator=(EndWatch&& other) noexcept {
    if (this != &other) {
        close_all();
        epoll_ = std::exchange(other.epoll_, -1);
        timer_ = std::exchange(other.timer_, -1);
        alive_ = std::move(other.alive_);
        other.alive_.clear();
        canaries_.swap(other.canaries_);
        unheard_.swap(other.unheard_);
        without_counters_ = std::move(other.without_counters_);
        perhaps_without_ = std::move(other.perhaps_without_);
        last_ = std::move(other.last_);
        any_ = other.any_;
    }
    return *this;
}

EndWatch::~EndWatch() {
    close_all();
}

void EndWatch::close_all() noexcept {
    for (const Watched& watched : alive_)
        if (watched.fd >= 0)
            close(watched.fd);
    alive_.clear();
    for (int* const fd : {&timer_, &epoll_})
        if (*fd >= 0)
            close(std::exchange(*fd, -1));
}

bool EndWatch::open() noexcept {
    if (epoll_ < 0)
        epoll_ = epoll_create1(EPOLL_CLOEXEC);
    return epoll_ >= 0;
}

void EndWatch::add_process(pid_t process) {
    watch(open_pidfd(process), process);
}

void EndWatch::add_thread(pid_t tid) {
    watch(open_thread_pidfd(tid), tid);
}

void EndWatch::add_counters(pid_t process) {
    Canary canary(process);
    // Room for them all: who takes them later can't fail.
    if (canary.fd() < 0 || !open()) {
        unheard_.push_back(std::move(canary));
        perhaps_without_.reserve(unheard_.size());
        return;
    }
    constexpr std::uint32_t only_hung_up = 0;
    add_to(epoll_, canary.fd(), only_hung_up);
    canaries_.push_back(std::move(canary));
    without_counters_.reserve(canaries_.size());
}

/// Whether it was one.
bool EndWatch::take_canary(int fd) noexcept {
    const auto canary = std::ranges::find(canaries_, fd, &Canary::fd);
    if (canary == canaries_.end())
        return false;
    if (canary->is_dead())
        without_counters_.push_back(canary->process());
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
    canaries_.erase(canary);
    return true;
}

void EndWatch::look_at_unheard() noexcept {
    std::erase_if(unheard_, [&](const Canary& canary) {
        const bool is_dead = canary.is_dead();
        if (is_dead)
            perhaps_without_.push_back(canary.process());
        return is_dead;
    });
}

void EndWatch::watch(int fd, pid_t tid) {
    any_ = true;
    if (fd < 0 && errno == ESRCH)
        return;
    alive_.push_back({fd, tid});
    if (fd < 0)
        look_after_all();
    else if (open())
        add_to(epoll_, fd);
}

void EndWatch::look_after_all() {
    if (timer_ >= 0 || !open())
        return;
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer_ < 0)
        return;
    const itimerspec every{{0, look_every_ns}, {0, look_every_ns}};
    timerfd_settime(timer_, 0, &every, nullptr);
    add_to(epoll_, timer_);
}

bool EndWatch::all_ended() noexcept {
    look_at_unheard();
    const auto has_ended = [](const Watched& watched) { return !is_there(watched.tid); };
    if (epoll_ < 0) { // no descriptor was to be had
        std::erase_if(alive_, has_ended);
        return any_ && alive_.empty();
    }
    std::array<epoll_event, 16> news{};
    for (;;) {
        const int count = epoll_wait(epoll_, news.data(), static_cast<int>(news.size()), 0);
        for (int i = 0; i < count; ++i) {
            const int fd = news[static_cast<std::size_t>(i)].data.fd;
            if (fd == timer_) {
                std::array<char, 8> expirations{};
                (void)!::read(timer_, expirations.data(), expirations.size());
                continue;
            }
            if (fd == last_.get() || take_canary(fd))
                continue;
            std::erase_if(alive_, [&](const Watched& watched) { return watched.fd == fd; });
            if (alive_.empty())
                last_ = UniqueFd(fd);
            else
                close(fd);
        }
        if (count < static_cast<int>(news.size()))
            break;
    }
    std::erase_if(alive_, [&](const Watched& watched) { return watched.fd < 0 && has_ended(watched); });
    return any_ && alive_.empty();
}

} // namespace pmc::kernel
