// A program with regions, for the tests: nested, on two threads; `scopes fork` in a forked child too, `scopes loop N` N
// scopes on one thread and nothing else.
#include "loop.hpp"

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
