#include "kernel/valgrind.hpp"

#include "kernel/executable.hpp"

#include <cerrno>
#include <fcntl.h>
#include <spawn.h>
#include <string_view>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pmc::kernel {
namespace {

constexpr std::size_t most_said = 4096;

/// Until its end, or as much as a version can be.
std::string read_all(int fd) {
    std::string text(most_said, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = read(fd, text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
}

/// What a program writes to its standard output; empty if it can't be run.
std::string output_of(const std::string& path, const char* argument) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return {};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    char* const argv[] = {const_cast<char*>(path.c_str()), const_cast<char*>(argument), nullptr};
    pid_t pid = -1;
    const int error = posix_spawn(&pid, path.c_str(), &actions, nullptr, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    std::string text = error == 0 ? read_all(ends[0]) : std::string();
    close(ends[0]);
    while (error == 0 && waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return text;
}

} // namespace

std::optional<std::string> find_valgrind() {
    for (const std::string& path : search_path("valgrind")) {
        struct stat status {};
        if (stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(path.c_str(), X_OK) == 0)
            return path;
    }
    return std::nullopt;
}

std::string valgrind_version(const std::string& path) {
    constexpr std::string_view prefix = "valgrind-";
    const std::string said = output_of(path, "--version");
    const std::string line = said.substr(0, said.find('\n'));
    return line.starts_with(prefix) ? line.substr(prefix.size()) : std::string();
}

} // namespace pmc::kernel
