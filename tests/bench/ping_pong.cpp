// Two processes on one CPU that send a byte to and fro: each of them waits for the other, so every byte is a context
// switch. usage: ping_pong SWITCHES
// Prints how many seconds that took.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

void play(int from, int to, unsigned long rounds, bool begins) {
    char ball = 'o';
    if (begins && write(to, &ball, 1) != 1)
        std::exit(EXIT_FAILURE);
    for (unsigned long round = 0; round < rounds; ++round)
        if (read(from, &ball, 1) != 1 || (round + 1 < rounds || !begins ? write(to, &ball, 1) != 1 : false))
            std::exit(EXIT_FAILURE);
}

} // namespace

int main(int argc, char** argv) {
    const unsigned long rounds = (argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000) / 2;
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<unsigned>(sched_getcpu()), &here);
    sched_setaffinity(0, sizeof here, &here);

    std::array<int, 2> there{};
    std::array<int, 2> back{};
    if (pipe(there.data()) != 0 || pipe(back.data()) != 0)
        return EXIT_FAILURE;
    const auto start = std::chrono::steady_clock::now();
    const pid_t other = fork();
    if (other == 0) {
        play(there[0], back[1], rounds, false);
        std::_Exit(EXIT_SUCCESS);
    }
    play(back[0], there[1], rounds, true);
    int status = 0;
    if (waitpid(other, &status, 0) != other || status != 0)
        return EXIT_FAILURE;
    std::printf("%.6f\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}
