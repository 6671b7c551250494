#include "kernel/child.hpp"

#include "kernel/environment.hpp"
#include "kernel/executable.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <sched.h>
#include <sys/personality.h>
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

/// As execve wants them: pointers into the strings, and a null pointer.
std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
    std::vector<char*> pointers(strings.size() + 1);
    std::ranges::transform(strings, pointers.begin(),
                           [](const std::string& string) { return const_cast<char*>(string.c_str()); });
    return pointers;
}

/// Without those where nothing is, unless that is all: to look costs a tenth of an exec that fails.
void keep_existing(std::vector<std::string>& paths) {
    const auto is_there = [](const std::string& path) { return access(path.c_str(), F_OK) == 0 || errno != ENOENT; };
    const auto first = std::ranges::find_if(paths, is_there);
    if (first == paths.end())
        return;
    paths.erase(paths.begin(), first);
    paths.erase(
        std::remove_if(paths.begin() + 1, paths.end(), [&](const std::string& path) { return !is_there(path); }),
        paths.end());
}

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
int exec_first(char* const* paths, char* const* argv, char* const* environment) noexcept {
    const bool is_only_one = paths[1] == nullptr;
    int error = ENOENT;
    for (; *paths != nullptr; ++paths) {
        execve(*paths, argv, environment);
        switch (errno) {
        case EACCES:
            // Perhaps a later one may be executed; if not, this is worth more than ENOENT. But a folder in PATH that
            // this user may not search says nothing of the command.
            if (is_only_one || access(*paths, F_OK) == 0)
                error = EACCES;
            break;
        case ENOENT:
        case ENOTDIR:
        case ESTALE:
        case ENODEV:
        case ETIMEDOUT:
            if (is_only_one)
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
    const Command& command;
    char* const* paths;
    char* const* argv;
    char* const* environment;
};

/// What a child that could not become the command tells its parent.
struct Failure {
    enum class Step : int { cpu, addresses, silence, user, exec };
    Step step = Step::exec;
    int error = 0; ///< 0: it has not failed
};

/// Changes of the process what the command is to find changed.
Failure prepare_for(const Command& command) noexcept {
    if (rlimit files{}; command.max_files && getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = *command.max_files;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    if (command.cpu) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(*command.cpu), &one);
        if (sched_setaffinity(0, sizeof one, &one) != 0)
            return {Failure::Step::cpu, errno};
    }
    if (command.fixed_addresses) {
        constexpr unsigned long ask = 0xffffffff;
        const int before = personality(ask);
        if (before < 0 || personality(static_cast<unsigned long>(before) | ADDR_NO_RANDOMIZE) < 0)
            return {Failure::Step::addresses, errno};
    }
    if (command.is_silent) {
        const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
            return {Failure::Step::silence, errno};
    }
    return {};
}

/// errno, or 0. For good: no right of the caller's is left, nor a way back to one. By plain system calls: the C
/// library's would tell the other threads, of which a fork has none.
int become(const User& user) noexcept {
    // Groups and group while there is still the right to change them.
    if (syscall(SYS_setgroups, user.groups.size(), user.groups.data()) != 0 ||
        syscall(SYS_setresgid, user.gid, user.gid, user.gid) != 0 ||
        syscall(SYS_setresuid, user.uid, user.uid, user.uid) != 0)
        return errno;
    // A caller that is not root by its number, but by its capabilities, keeps those.
    if (user.uid != 0 && syscall(SYS_setresuid, -1, 0, -1) == 0)
        return EPERM;
    return 0;
}

/// Killed when the parent ends; also when that was just now.
void end_with(pid_t parent) noexcept {
    // Set before the check: a parent that ends in between is seen by one or the other.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(exit_without_exec);
}

[[noreturn]] void run_child(const ChildPlan& plan) noexcept {
    end_with(plan.parent);
    close(plan.parents_end); // else the channel would never end
    drop_handlers();
    sigprocmask(SIG_SETMASK, &plan.mask, nullptr);
    Failure failure = prepare_for(plan.command);

    char go = 0;
    ssize_t got = 0;
    do
        got = read(plan.channel, &go, 1);
    while (got < 0 && errno == EINTR);
    if (got != 1)
        _exit(exit_without_exec);

    // Not before counters were opened on this process: it may not be looked into from then on.
    if (failure.error == 0 && plan.command.user) {
        failure = {Failure::Step::user, become(*plan.command.user)};
        end_with(plan.parent); // a change of users has unset it
    }
    if (failure.error == 0)
        failure = {Failure::Step::exec, exec_first(plan.paths, plan.argv, plan.environment)};
    send(plan.channel, &failure, sizeof failure, MSG_NOSIGNAL);
    _exit(exit_without_exec);
}

// ---- … to here ----

Error spawn_error(const std::string& name, std::string_view what, int error) {
    return Error(ErrorKind::command, Stage::spawn, name + ": " + std::string(what) + ": " + description_of(error),
                 std::string(remedy_of(error)))
        .with_errno(error)
        .with_subject(name);
}

Error pin_error(int cpu, int error) {
    const std::string number = std::to_string(cpu);
    return Error(ErrorKind::command, Stage::spawn, "the command can't be pinned to CPU " + number,
                 "name one that is online and that this process may use: taskset -cp $$ lists them")
        .with_errno(error)
        .with_subject(number);
}

Error user_error(const std::string& user, int error) {
    return Error(ErrorKind::command, Stage::spawn, "the command can't be run as " + user + ": " + description_of(error),
                 "it takes root, and a container that has this user: sudo pmcstat --user " + user)
        .with_errno(error)
        .with_subject(user);
}

} // namespace

Expected<Child> Child::spawn(const Command& command) {
    if (command.argv.empty())
        return Error(ErrorKind::command, Stage::spawn, "no command was given").with_errno(EINVAL);
    const std::string& name = command.argv.front();

    if (command.cpu && (*command.cpu < 0 || *command.cpu >= CPU_SETSIZE))
        return pin_error(*command.cpu, EINVAL);

    std::vector<std::string> candidates = search_path(name);
    keep_existing(candidates);
    const std::vector<char*> paths = pointers_to(candidates);
    const std::vector<char*> argv = pointers_to(command.argv);
    const bool is_own = !command.environment && !command.user;
    const std::vector<std::string> variables = is_own ? std::vector<std::string>() : environment_of(command);
    const std::vector<char*> environment = pointers_to(variables);

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

    ChildPlan plan{getpid(), channel[0],   channel[1],  before,
                   command,  paths.data(), argv.data(), is_own ? environ : environment.data()};
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
    return Child(pid, pidfd, channel[0], {name, std::move(candidates), command.cpu, command.user});
}

Child::Child(pid_t pid, int pidfd, int channel, Asked asked) noexcept
    : pid_(pid), pidfd_(pidfd), channel_(channel), asked_(std::move(asked)) {}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::exchange(other.pidfd_, -1)),
      channel_(std::exchange(other.channel_, -1)),
      asked_(std::move(other.asked_)),
      reaped_(std::exchange(other.reaped_, true)),
      end_(other.end_) {}

Child& Child::operator=(Child&& other) noexcept {
    if (this != &other) {
        destroy();
        pid_ = std::exchange(other.pid_, -1);
        pidfd_ = std::exchange(other.pidfd_, -1);
        channel_ = std::exchange(other.channel_, -1);
        asked_ = std::move(other.asked_);
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
    Failure failure;
    ssize_t got = 0;
    if (send(channel_, &go, 1, MSG_NOSIGNAL) == 1) {
        do
            got = recv(channel_, &failure, sizeof failure, MSG_WAITALL);
        while (got < 0 && errno == EINTR);
    }
    close_channel();
    if (got != static_cast<ssize_t>(sizeof failure))
        return true;
    wait();
    switch (failure.step) {
    case Failure::Step::cpu:
        return pin_error(asked_.cpu.value_or(-1), failure.error);
    case Failure::Step::addresses:
        return Error(ErrorKind::command, Stage::spawn,
                     "the command's addresses can't be fixed: " + description_of(failure.error),
                     "a container's seccomp filter denies personality(ADDR_NO_RANDOMIZE): allow it, or go without")
            .with_errno(failure.error)
            .with_subject(asked_.name);
    case Failure::Step::silence:
        return spawn_error(asked_.name, "no /dev/null for its standard input and output", failure.error);
    case Failure::Step::user:
        return user_error(asked_.user ? asked_.user->name : std::string(), failure.error);
    case Failure::Step::exec:
        break;
    }
    return exec_error(asked_.name, asked_.candidates, failure.error, asked_.user);
}

bool Child::signal(int number) noexcept {
    if (reaped_ || pid_ < 0)
        return true;
    // Where SIGCHLD is ignored the kernel reaps by itself, and the pid may be somebody else's by now: a pidfd is not.
    if (pidfd_ >= 0 && (syscall(SYS_pidfd_send_signal, pidfd_, number, nullptr, 0) == 0 || errno == ESRCH))
        return true;
    // Before 5.1, or where a filter denies it.
    siginfo_t info{};
    const bool is_ours = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
    return !is_ours || kill(pid_, number) == 0 || errno == ESRCH;
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
