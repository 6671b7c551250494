#pragma once

#include "kernel/canary.hpp"
#include "kernel/unique_fd.hpp"

#include <cstddef>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace pmc::kernel {

/// Learns of the ends of processes, threads and their counters; of the first two by pidfds. Threads that are not the
/// first of their process have none before Linux 6.9: those are looked after every 100 ms.
class EndWatch {
public:
    EndWatch() = default;
    EndWatch(EndWatch&& other) noexcept;
    EndWatch& operator=(EndWatch&& other) noexcept;
    ~EndWatch();

    void add_process(pid_t process);
    void add_thread(pid_t tid);
    /// Learns of the end of its counters, too. Its own end is no news by that.
    void add_counters(pid_t process);

    /// Readable by poll() when there may be news: then ask all_ended(). Once all have ended it stays so, whoever asked
    /// first. -1: nothing was added, or nothing can be known.
    [[nodiscard]] int fd() const noexcept { return epoll_; }
    /// Whether all that was added has ended; false if nothing was.
    [[nodiscard]] bool all_ended() noexcept;
    /// The processes whose counters had ended before they did, as of the last all_ended().
    [[nodiscard]] const std::vector<pid_t>& without_counters() const noexcept { return without_counters_; }
    /// Those that nobody hears it of, and that have other rights now than at first.
    [[nodiscard]] const std::vector<pid_t>& perhaps_without_counters() const noexcept { return perhaps_without_; }

private:
    void watch(int fd, pid_t tid);
    void look_after_all();
    bool open() noexcept;
    void close_all() noexcept;
    bool take_canary(int fd) noexcept;
    void look_at_unheard() noexcept;

    struct Watched {
        int fd = -1; ///< -1: looked after
        pid_t tid = 0;
    };
    int epoll_ = -1;
    int timer_ = -1;
    std::vector<Watched> alive_;
    std::vector<Canary> canaries_;
    std::vector<Canary> unheard_; ///< without a counter
    std::vector<pid_t> without_counters_;
    std::vector<pid_t> perhaps_without_;
    UniqueFd last_; ///< of the last that ended
    bool any_ = false;
};

} // namespace pmc::kernel
