#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

/// What a soak counts: threads, and now and then a process, that come and go.
namespace bench {

/// A thread every other millisecond, of which some are there at any time; each does `work` a few times in its life.
/// Every eighth time a process as well. Until `over`.
template <typename Work>
void come_and_go(const std::atomic<bool>& over, Work work) {
    constexpr std::size_t at_once = 4;
    constexpr std::chrono::milliseconds pause{2};
    std::deque<std::thread> threads;
    for (unsigned made = 0; !over; ++made) {
        threads.emplace_back([&work, pause] {
            work();
            std::this_thread::sleep_for(pause);
            work();
        });
        if (made % 8 == 0) {
            if (const pid_t child = fork(); child == 0)
                _exit(0);
            else if (child > 0)
                waitpid(child, nullptr, 0);
        }
        std::this_thread::sleep_for(pause);
        if (threads.size() == at_once) {
            threads.front().join();
            threads.pop_front();
        }
    }
    for (std::thread& thread : threads)
        thread.join();
}

} // namespace bench
