#include "region/exit_report.hpp"

#include "kernel/client_request.hpp"
#include "kernel/real_path.hpp"
#include "kernel/unique_fd.hpp"
#include "region/measuring.hpp"
#include "region/standard_streams.hpp"

#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace pmc {
namespace {

/// %p is the pid. A child that has the path from its parent must not write over its parent's report.
std::string expanded(std::string_view path, int pid, bool is_child) {
    std::string text;
    bool has_pid = false;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const std::string_view rest = path.substr(i);
        if (rest.starts_with("%p")) {
            text += std::to_string(pid);
            has_pid = true;
            ++i;
        } else if (rest.starts_with("%%")) {
            text += '%';
            ++i;
        } else {
            text += path[i];
        }
    }
    return is_child && !has_pid ? text + "." + std::to_string(pid) : text;
}

/// Neither a pipe that nobody reads nor a limit of the files' size may end the program by a signal.
class HeldSignals {
public:
    HeldSignals() noexcept {
        sigemptyset(&held_);
        sigaddset(&held_, SIGPIPE);
        sigaddset(&held_, SIGXFSZ);
        sigpending(&pending_before_);
        pthread_sigmask(SIG_BLOCK, &held_, &mask_before_);
    }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;
    ~HeldSignals() {
        for (const int signal : {SIGPIPE, SIGXFSZ}) {
            sigset_t one;
            sigemptyset(&one);
            sigaddset(&one, signal);
            constexpr timespec now{};
            if (sigismember(&pending_before_, signal) == 0)
                sigtimedwait(&one, nullptr, &now);
        }
        pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
    }

private:
    sigset_t held_{};
    sigset_t pending_before_{};
    sigset_t mask_before_{};
};

bool write_all(int fd, std::string_view text) noexcept {
    constexpr int patience_ms = 1000; // where the file is a pipe that does not block
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
            continue;
        }
        pollfd room{.fd = fd, .events = POLLOUT, .revents = 0};
        if (written == 0 || (errno != EINTR && !(errno == EAGAIN && poll(&room, 1, patience_ms) > 0)))
            return false;
    }
    return true;
}

bool write_to(const std::string& path, int flags, std::string_view text) noexcept {
    const kernel::UniqueFd fd{open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666)};
    return fd && write_all(fd.get(), text);
}

/// The path without the links that it is: none of another user's is followed, who may have put it there on purpose.
std::optional<std::string> followed(const std::string& path) {
    struct stat link {};
    if (lstat(path.c_str(), &link) != 0 || !S_ISLNK(link.st_mode))
        return path;
    if (link.st_uid != 0 && link.st_uid != geteuid())
        return std::nullopt;
    std::string target = kernel::real_path(path);
    return target.empty() ? std::nullopt : std::optional<std::string>(std::move(target));
}

/// Whole or not at all: another program may write there, or read it, at the same time.
void write_file(const std::string& asked, int pid, std::string_view text) {
    if (const int stream = stream_at(asked.c_str()); stream >= 0) { // /dev/stderr, or the file that it was sent to
        if (is_standard_stream(stream))
            write_all(stream, text);
        return;
    }
    const std::optional<std::string> path = followed(asked);
    if (!path)
        return;
    struct stat there {};
    const bool exists = lstat(path->c_str(), &there) == 0;
    if (exists && (S_ISFIFO(there.st_mode) || S_ISCHR(there.st_mode))) {
        write_to(*path, O_NOFOLLOW | O_NONBLOCK, text); // a pipe that nobody reads must not stop the end of the program
        return;
    }
    const std::string part = *path + ".part." + std::to_string(pid);
    errno = 0;
    if (write_to(part, O_CREAT | O_EXCL | O_NOFOLLOW, text)) {
        if (rename(part.c_str(), path->c_str()) != 0)
            unlink(part.c_str());
        return;
    }
    const bool is_forbidden = errno == EACCES || errno == EPERM || errno == EROFS;
    if (!is_forbidden && errno != EEXIST)
        unlink(part.c_str());                             // a full disk has half of it
    if (is_forbidden && exists && S_ISREG(there.st_mode)) // the file may be written, and its folder not
        write_to(*path, O_TRUNC | O_NOFOLLOW, text);
}

/// Where it can't be written nobody is left to be told: the host program's output is not ours.
void write_report() {
    const Measuring& measured = *measuring();
    if (ledger().alive.load(std::memory_order_relaxed) == 0)
        return; // a fork's child that had no regions
    const Result result = report();
    const HeldSignals signals;
    if (measured.report_path == "-") {
        if (is_standard_stream(STDERR_FILENO))
            write_all(STDERR_FILENO, region_text(result));
        return;
    }
    const int pid = getpid();
    write_file(expanded(measured.report_path, pid, pid != measured.pid), pid, result.to_json());
}

void at_exit() noexcept {
    const kernel::Uncounted uncounted;
    try {
        write_report();
    } catch (...) {
        return;
    }
}

} // namespace

void report_at_exit() {
    remember_standard_streams();
    std::atexit(at_exit);
}

} // namespace pmc
