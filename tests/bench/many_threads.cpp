// A process of many threads that wait: the subject of many_threads.py. usage: many_threads COUNT
// Says "ready" on standard output once all are there; ends when standard input does.
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <vector>

int main(int argc, char** argv) {
    const unsigned long count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2000;
    std::mutex mutex;
    std::condition_variable changed;
    unsigned long waiting = 0;
    bool over = false;
    std::vector<std::thread> threads;
    for (unsigned long i = 1; i < count; ++i) // the first is main's own
        threads.emplace_back([&] {
            std::unique_lock lock(mutex);
            ++waiting;
            changed.notify_all();
            changed.wait(lock, [&] { return over; });
        });
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return waiting == threads.size(); });
    }
    std::puts("ready");
    std::fflush(stdout);
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    {
        const std::lock_guard lock(mutex);
        over = true;
    }
    changed.notify_all();
    for (std::thread& thread : threads)
        thread.join();
}
