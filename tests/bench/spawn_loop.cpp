// Runs a command N times, one after the other, and nothing else: what running it costs by itself.
//
//     spawn_loop N COMMAND [ARGUMENT...]
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc < 3)
        return 2;
    for (long runs = std::strtol(argv[1], nullptr, 10); runs > 0; --runs) {
        const pid_t pid = fork();
        if (pid < 0)
            return 1;
        if (pid == 0) {
            execvp(argv[2], argv + 2);
            _exit(127);
        }
        int status = 0;
        if (waitpid(pid, &status, 0) != pid || status != 0)
            return 1;
    }
    return 0;
}
