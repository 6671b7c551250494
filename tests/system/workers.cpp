// A program to be counted: it spins, alone, in threads, or in forked children (and their children).
//     workers spin MILLISECONDS          until so much CPU time was used
//     workers threads COUNT ROUNDS       COUNT threads of ROUNDS rounds each
//     workers forks COUNT ROUNDS         COUNT children, each of which forks once more: 2 x COUNT x ROUNDS rounds
//     workers rounds ROUNDS              ROUNDS rounds, no more
//     workers switches COUNT             COUNT times off the CPU and on again
//     workers faults COUNT               touches COUNT fresh pages
#include "fresh_pages.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

/// Two instructions a round on every architecture.
void spin(std::uint64_t rounds) {
#if defined(__aarch64__)
    asm volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
#elif defined(__x86_64__)
    asm volatile("1: decq %0\n\tjnz 1b" : "+r"(rounds) : : "cc");
#else
    for (volatile std::uint64_t i = rounds; i > 0; i = i - 1) {
    }
#endif
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void fork_and_spin(std::uint64_t rounds, int depth) {
    const pid_t pid = fork();
    if (pid != 0) {
        waitpid(pid, nullptr, 0);
        return;
    }
    if (depth > 0)
        fork_and_spin(rounds, depth - 1);
    spin(rounds);
    _exit(0);
}

} // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    const auto number = [&](int at) { return at < argc ? std::strtoull(argv[at], nullptr, 10) : 0; };
    if (what == "spin") {
        const double until = cpu_seconds() + static_cast<double>(number(2)) / 1000;
        while (cpu_seconds() < until)
            spin(100'000);
    } else if (what == "threads") {
        std::vector<std::thread> threads;
        for (std::uint64_t i = 0; i < number(2); ++i)
            threads.emplace_back(spin, number(3));
        for (std::thread& thread : threads)
            thread.join();
    } else if (what == "forks") {
        for (std::uint64_t i = 0; i < number(2); ++i)
            fork_and_spin(number(3), 1);
    } else if (what == "rounds") {
        spin(number(2));
    } else if (what == "switches") {
        for (std::uint64_t i = 0; i < number(2); ++i) {
            constexpr timespec moment{0, 100'000};
            nanosleep(&moment, nullptr);
        }
    } else if (what == "faults") {
        touch_fresh_pages(number(2));
    } else {
        std::fputs("usage: workers spin|threads|forks|rounds|switches|faults ...\n", stderr);
        return EXIT_FAILURE;
    }
}
