#include "kernel/child.hpp"

#include "kernel/search_path.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace pmc::kernel {
namespace {

// What a shell says for "not found"; the parent goes by errno, and nobody sees this.
constexpr int exit_without_exec = 127;

// ---- in the child: only async-signal-safe calls from here … ----

/// Handlers of the parent must not run in the child: exec would reset them, but a signal may come before.
void drop_handlers() noexcept {
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        if (sigaction(number, nullptr, &action) != 0)
            continue;
        if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)
            continue;
        action = {};
        action.sa_handler = SIG_DFL;
        sigaction(number, &action, nullptr);
    }
}

/// Tries the paths in order; returns the errno to report.
int exec_first(const std::vector<char*>& paths, char* const* argv) noexcept {
    int error = ENOENT;
    for (char* path : paths) {
        execve(path, argv, environ);
        switch (errno) {
        case EACCES:
            // Perhaps a later one may be executed; if not, this is worth more than ENOENT. But a folder in PATH that
            // this user may not search says nothing of the command.
            if (paths.size() == 1 || access(path, F_OK) == 0)
                error = EACCES;
            break;
        case ENOENT:
        case ENOTDIR:
        case ESTALE:
        case ENODEV:
        case ETIMEDOUT:
            if (paths.size() == 1)
                return errno;
            break;
        default:
            return errno;
        }
    }
    return error;
}

struct ChildPlan {
    pid_t parent;
    int parents_end;
    int channel;
    sigset_t mask;
    std::optional<unsigned long> max_files;
    const std::vector<char*>& paths;
    char* const* argv;
};

[[noreturn]] void run_child(const ChildPlan& plan) noexcept {
    // Set before the check: a parent that ends in between is seen by one or the other.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != plan.parent)
        _exit(exit_without_exec);
    close(plan.parents_end); // else the channel would never end
    drop_handlers();
    sigprocmask(SIG_SETMASK, &plan.mask, nullptr);
    if (rlimit files{}; plan.max_files && getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = *plan.max_files;
        setrlimit(RLIMIT_NOFILE, &files);
    }

    char go = 0;
    ssize_t got = 0;
    do
        got = read(plan.channel, &go, 1);
    while (got < 0 && errno == EINTR);
    if (got != 1)
        _exit(exit_without_exec);

    const int error = exec_first(plan.paths, plan.argv);
    send(plan.channel, &error, sizeof error, MSG_NOSIGNAL);
    _exit(exit_without_exec);
}

// ---- … to here ----

std::string description_of(int error) {
    const char* known = strerrordesc_np(error); // not translated, unlike strerror
    std::string text = known != nullptr ? known : "unknown error";
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

std::string interpreter_of(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return {};
    char buffer[256];
    const ssize_t got = read(fd, buffer, sizeof buffer);
    close(fd);
    std::string_view line(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
    if (!line.starts_with("#!"))
        return {};
    line = line.substr(2, line.find('\n') - 2);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    return std::string(line.substr(0, line.find_first_of(" \t\r")));
}

/// The first of the paths at which there is something; empty if there is nothing.
std::string first_existing(const std::vector<std::string>& paths) {
    for (const std::string& path : paths)
        if (access(path.c_str(), F_OK) == 0)
            return path;
    return {};
}

std::string hint_for_missing(const std::string& name, const std::vector<std::string>& paths) {
    const std::string found = first_existing(paths);
    if (!found.empty()) {
        const std::string interpreter = interpreter_of(found);
        if (!interpreter.empty())
            return found + " exists, but its interpreter " + interpreter + " does not: correct its #! line";
        return found + " exists, but the loader it was linked for does not: is it built for this system?";
    }
    if (name.empty())
        return "its name is empty: is a variable not set?";
    if (name.find('/') != std::string::npos)
        return "check the path";
    struct stat here {};
    if (stat(name.c_str(), &here) == 0 && S_ISREG(here.st_mode) && access(name.c_str(), X_OK) == 0)
        return "it is in the current folder: run it as ./" + name;
    return "no folder in PATH has it: give its path, or correct PATH";
}

std::string hint_for_denied(const std::vector<std::string>& paths) {
    const std::string found = first_existing(paths);
    struct stat status {};
    if (found.empty() || stat(found.c_str(), &status) != 0)
        return "a folder on its path may not be searched by this user";
    if (S_ISDIR(status.st_mode))
        return found + " is a folder: name a program in it";
    if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
        return "make it executable: chmod +x " + found;
    return "this user may not execute " + found + ", or its file system is mounted noexec";
}

Error exec_error(const std::string& name, const std::vector<std::string>& paths, int error) {
    const std::string shown = name.empty() ? "''" : name;
    std::string message = shown + ": " + description_of(error);
    std::string hint;
    switch (error) {
    case ENOENT:
        if (name.find('/') == std::string::npos && first_existing(paths).empty())
            message = shown + ": command not found";
        hint = hint_for_missing(name, paths);
        break;
    case EACCES:
        hint = hint_for_denied(paths);
        break;
    case ENOEXEC:
        hint = "it is no program for this machine: a script needs a #! line, a binary the right architecture";
        break;
    default:
        break;
    }
    return Error(ErrorKind::command, Stage::exec, std::move(message), std::move(hint))
        .with_errno(error)
        .with_subject(name);
}

Error spawn_error(const std::string& name, std::string_view what, int error) {
    return Error(ErrorKind::command, Stage::spawn, name + ": " + std::string(what) + ": " + description_of(error))
        .with_errno(error)
        .with_subject(name);
}

} // namespace

Expected<Child> Child::spawn(const Command& command) {
    if (command.argv.empty())
        return Error(ErrorKind::command, Stage::spawn, "no command was given").with_errno(EINVAL);
    const std::string& name = command.argv.front();

    std::vector<std::string> candidates = search_path(name);
    std::vector<char*> paths(candidates.size());
    std::ranges::transform(candidates, paths.begin(), [](std::string& path) { return path.data(); });
    std::vector<char*> argv(command.argv.size() + 1); // ends with a null pointer
    std::ranges::transform(command.argv, argv.begin(),
                           [](const std::string& argument) { return const_cast<char*>(argument.c_str()); });

    // A child forked by another thread in between would hold the channel open, and release() would wait for its exec.
    static constinit std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);

    // Not pipes: writing to a child that has ended must not raise SIGPIPE here.
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
        return spawn_error(name, "no socket to its process", errno);

    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // until the child has dropped the handlers

    ChildPlan plan{getpid(), channel[0], channel[1], before, command.max_files, paths, argv.data()};
    for (const int number : command.unblock)
        sigdelset(&plan.mask, number);

    const pid_t pid = fork();
    if (pid == 0)
        run_child(plan);
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    close(channel[1]);
    if (pid < 0) {
        close(channel[0]);
        return spawn_error(name, "no new process", error);
    }
    const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    return Child(pid, pidfd, channel[0], name, std::move(candidates));
}

Child::Child(pid_t pid, int pidfd, int channel, std::string name, std::vector<std::string> candidates) noexcept
    : pid_(pid), pidfd_(pidfd), channel_(channel), name_(std::move(name)), candidates_(std::move(candidates)) {}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::exchange(other.pidfd_, -1)),
      channel_(std::exchange(other.channel_, -1)),
      name_(std::move(other.name_)),
      candidates_(std::move(other.candidates_)),
      reaped_(std::exchange(other.reaped_, true)),
      end_(other.end_) {}

Child& Child::operator=(Child&& other) noexcept {
    if (this != &other) {
        destroy();
        pid_ = std::exchange(other.pid_, -1);
        pidfd_ = std::exchange(other.pidfd_, -1);
        channel_ = std::exchange(other.channel_, -1);
        name_ = std::move(other.name_);
        candidates_ = std::move(other.candidates_);
        reaped_ = std::exchange(other.reaped_, true);
        end_ = other.end_;
    }
    return *this;
}

Child::~Child() {
    destroy();
}

void Child::destroy() noexcept {
    signal(SIGKILL);
    wait();
    if (pidfd_ >= 0)
        close(std::exchange(pidfd_, -1));
}

void Child::close_channel() noexcept {
    if (channel_ < 0)
        return;
    // Closing is not enough to end it: another child, spawned since and not released yet, has it open too.
    shutdown(channel_, SHUT_RDWR);
    close(std::exchange(channel_, -1));
}

Expected<bool> Child::release() {
    if (pid_ < 0)
        return Error(ErrorKind::misuse, Stage::exec, "there is no child to release");
    if (channel_ < 0)
        return true;

    const char go = 1;
    int error = 0;
    ssize_t got = 0;
    if (send(channel_, &go, 1, MSG_NOSIGNAL) == 1) {
        do
            got = recv(channel_, &error, sizeof error, MSG_WAITALL);
        while (got < 0 && errno == EINTR);
    }
    close_channel();
    if (got != static_cast<ssize_t>(sizeof error))
        return true;
    wait();
    return exec_error(name_, candidates_, error);
}

void Child::signal(int number) noexcept {
    if (reaped_ || pid_ < 0)
        return;
    // Where SIGCHLD is ignored the kernel reaps by itself, and the pid may be somebody else's by now: a pidfd is not.
    if (pidfd_ >= 0)
        syscall(SYS_pidfd_send_signal, pidfd_, number, nullptr, 0);
    else
        kill(pid_, number);
}

Child::End Child::wait() noexcept {
    if (reaped_ || pid_ < 0)
        return end_;
    close_channel();
    int status = 0;
    pid_t got = 0;
    do
        got = wait4(pid_, &status, 0, &end_.usage);
    while (got < 0 && errno == EINTR);
    reaped_ = true;
    if (got < 0)
        end_.status = -1;
    else
        end_.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return end_;
}

} // namespace pmc::kernel
