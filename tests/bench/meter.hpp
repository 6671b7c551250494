#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// What a piece of code costs: instructions, user and kernel, on the lab's machine, which counts them exactly.
namespace bench {

[[noreturn]] inline void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

inline int open_event(std::uint64_t config, std::uint64_t config1, bool kernel, int leader) {
    perf_event_attr attr{};
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_HARDWARE;
    attr.config = config;
    attr.config1 = config1;
    attr.exclude_kernel = !kernel;
    attr.exclude_hv = 1;
    attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    attr.disabled = leader < 0;
    const int fd = static_cast<int>(syscall(SYS_perf_event_open, &attr, 0, -1, leader, PERF_FLAG_FD_CLOEXEC));
    if (fd < 0)
        fail("perf_event_open");
    return fd;
}

/// Makes the compiler believe that somebody looks at it.
template <class T>
[[gnu::always_inline]] inline void keep(const T& value) {
    asm volatile("" : : "r"(&value) : "memory");
}

/// Counts the instructions of everything that the thread does which made it.
class Meter {
public:
    Meter() : fd_(open_event(PERF_COUNT_HW_INSTRUCTIONS, 0, true, -1)) { ioctl(fd_, PERF_EVENT_IOC_ENABLE, 0); }
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;
    ~Meter() { close(fd_); }

    /// The cost of one call of `body`, the smallest of 10 tries, less that of the loop around it.
    template <class Body>
    double cost(const Body& body) const {
        return cost(body, [](int) {});
    }
    /// The same of bodies that take the round's number, less that of another one.
    template <class Body, class Empty>
    double cost(const Body& body, const Empty& empty) const {
        return static_cast<double>(smallest(body) - smallest(empty)) / rounds;
    }

private:
    static constexpr int rounds = 128;

    [[nodiscard]] std::int64_t now() const {
        std::array<std::int64_t, 4> words;
        if (::read(fd_, words.data(), sizeof words) != sizeof words || words[1] != words[2])
            fail("the meter shared its counter");
        return words[3];
    }
    template <class Body>
    std::int64_t smallest(const Body& body) const {
        std::int64_t least = INT64_MAX;
        for (int i = 0; i < 10; ++i) {
            const std::int64_t before = now();
            for (int round = 0; round < rounds; ++round) {
                asm volatile("");
                body(round);
            }
            least = std::min(least, now() - before);
        }
        return least;
    }

    int fd_;
};

/// A line of what tests/bench/read_cost makes its table from.
inline void print(const char* what, double cost) {
    std::printf("%s\t%.0f\n", what, cost);
}

/// The argument: how many counters.
inline std::size_t size_of(int argc, char** argv) {
    const int size = argc == 2 ? std::atoi(argv[1]) : 0;
    if (size != 2 && size != 4 && size != 6) {
        std::fprintf(stderr, "usage: %s 2|4|6\n", argv[0]);
        std::exit(2);
    }
    return static_cast<std::size_t>(size);
}

} // namespace bench
