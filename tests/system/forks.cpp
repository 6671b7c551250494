// usage: forks BEFORE AFTER
// Counts to BEFORE, forks without an exec, and counts to AFTER in the child alone.

#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

namespace {

void count_to(long end) {
    volatile long counter = 0;
    while (counter < end)
        counter = counter + 1;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3)
        return 2;
    count_to(std::strtol(argv[1], nullptr, 10));
    const pid_t child = fork();
    if (child == 0) {
        count_to(std::strtol(argv[2], nullptr, 10));
        _exit(0);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
}
