// A program with regions, for the tests: nested, on two threads; `scopes fork` in a forked child too, `scopes loop N` N
// scopes on one thread and nothing else.
#include <pmc/region.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

constinit pmc::Region outer{"outer"};
constinit pmc::Region inner{"inner"};

/// Two instructions a round, and a few more.
void loop(std::uint64_t rounds) {
#ifdef __aarch64__
    asm volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
#else
    asm volatile("1: dec %0\n\tjne 1b" : "+r"(rounds) : : "cc");
#endif
}

void work(int calls) {
    for (int i = 0; i < calls; ++i) {
        const pmc::Scope scope{outer};
        loop(1000);
        const pmc::Scope nested{inner};
        loop(500);
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 2 && std::strcmp(argv[1], "loop") == 0) {
        for (int i = std::atoi(argv[2]); i > 0; --i)
            const pmc::Scope scope{outer};
        return 0;
    }
    const bool forks = argc > 1 && std::strcmp(argv[1], "fork") == 0;
    if (forks) {
        if (const pid_t child = fork(); child != 0)
            waitpid(child, nullptr, 0);
        else
            work(5);
    }
    std::thread other(work, 20);
    work(10);
    other.join();
}
