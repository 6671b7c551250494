#pragma once

#include <cstddef>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace pmc::kernel {

/// Learns of the ends of processes and threads, by pidfds. Threads that are not the first of their process have none
/// before Linux 6.9: those are looked after every 100 ms.
class EndWatch {
public:
    EndWatch() = default;
    EndWatch(EndWatch&& other) noexcept;
    EndWatch& operator=(EndWatch&& other) noexcept;
    ~EndWatch();

    void add_process(pid_t process);
    void add_thread(pid_t tid);

    /// Readable by poll() when there may be news: then ask all_ended(). -1: nothing was added, or nothing can be known.
    [[nodiscard]] int fd() const noexcept { return epoll_; }
    /// Whether all that was added has ended; false if nothing was.
    [[nodiscard]] bool all_ended() noexcept;

private:
    void watch(int fd, pid_t tid);
    void look_after_all();
    bool open() noexcept;
    void close_all() noexcept;

    struct Watched {
        int fd = -1; ///< -1: looked after
        pid_t tid = 0;
    };
    int epoll_ = -1;
    int timer_ = -1;
    std::vector<Watched> alive_;
    bool any_ = false;
};

} // namespace pmc::kernel
