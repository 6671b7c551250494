#include "kernel/valgrind.hpp"

#include "kernel/executable.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace pmc::kernel {
namespace {

constexpr std::size_t most_said = 4096;
constexpr int longest_ms = 5000;

/// Its first line, or what there is of it by its end; no more than a version can be, and no longer than a valgrind
/// takes that does not hang.
std::string read_line(int fd) {
    using std::chrono::milliseconds;
    const auto end = std::chrono::steady_clock::now() + milliseconds(longest_ms);
    std::string text;
    while (text.size() < most_said) {
        const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
        pollfd waiting{fd, POLLIN, 0};
        const int ready = poll(&waiting, 1, static_cast<int>(std::max(left, milliseconds(0)).count()));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            break;
        char buffer[256];
        const ssize_t got = read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        text.append(buffer, static_cast<std::size_t>(got));
        if (const std::size_t newline = text.find('\n'); newline != std::string::npos)
            return text.substr(0, newline);
    }
    return text;
}

/// The first line that a program writes to its standard output; empty if it can't be run. It is killed after that.
std::string first_line_of(const std::string& path, const std::vector<const char*>& arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return {};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none); // the caller takes its signals from a signalfd
    posix_spawnattr_setpgroup(&attributes, 0);      // what a wrapper script starts is killed with it
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    std::vector<char*> argv{const_cast<char*>(path.c_str())};
    for (const char* argument : arguments)
        argv.push_back(const_cast<char*>(argument));
    argv.push_back(nullptr);
    pid_t pid = -1;
    const int error = posix_spawn(&pid, path.c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    std::string line = error == 0 ? read_line(ends[0]) : std::string();
    close(ends[0]);
    if (error != 0)
        return {};
    kill(-pid, SIGKILL);
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return line;
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
    // A -v in the user's own files and variables makes it say more.
    const std::string line = first_line_of(path, {"--command-line-only=yes", "--version"});
    return line.starts_with(prefix) ? line.substr(prefix.size()) : std::string();
}

} // namespace pmc::kernel
