#include "leftovers.hpp"

#include "log.hpp"
#include "waiter.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cli {
namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t patience = 1000 * millisecond;
constexpr std::int64_t at_most = 5000 * millisecond;
constexpr timespec pause{0, 10'000'000};

struct Process {
    pid_t pid = 0, parent = 0;
    bool has_ended = false;
};

/// The fields of /proc/PID/stat behind the name, which may have blanks and brackets in it.
std::optional<Process> process_at(std::string_view pid) {
    char text[1024];
    const std::string path = "/proc/" + std::string(pid) + "/stat";
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return std::nullopt;
    const ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    text[std::max<ssize_t>(size, 0)] = '\0';
    const std::string_view all = text;
    const std::size_t name_end = all.rfind(") ");
    if (name_end == std::string_view::npos)
        return std::nullopt;
    Process process;
    char state = '?';
    if (std::sscanf(text + name_end + 2, "%c %d", &state, &process.parent) != 2)
        return std::nullopt;
    std::from_chars(pid.data(), pid.data() + pid.size(), process.pid);
    process.has_ended = state == 'Z' || state == 'X';
    return process;
}

/// All that this process may see.
std::vector<Process> all_processes() {
    struct Close {
        void operator()(DIR* folder) const noexcept { closedir(folder); }
    };
    std::vector<Process> processes;
    const std::unique_ptr<DIR, Close> folder(opendir("/proc"));
    while (const dirent* const entry = folder ? readdir(folder.get()) : nullptr) {
        const std::string_view name = entry->d_name;
        if (name.find_first_not_of("0123456789") != std::string_view::npos)
            continue;
        if (const std::optional<Process> process = process_at(name))
            processes.push_back(*process);
    }
    return processes;
}

/// Whether the numbers in /proc are those that this process knows: not without it, and not if it is the /proc of an
/// outer PID namespace, where they are other processes' here.
bool sees_processes() noexcept {
    char self[16] = {};
    return readlink("/proc/self", self, sizeof self - 1) > 0 && std::atoi(self) == getpid();
}

bool has_children() noexcept {
    siginfo_t info{};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/// What the kernel says, and the pid is nobody else's until this process has taken its status.
bool is_child(pid_t pid) noexcept {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool has(const std::vector<pid_t>& pids, pid_t pid) {
    return std::ranges::find(pids, pid) != pids.end();
}

/// Children of this process but for `others`, and, if so wished, all below them; those that run.
std::vector<pid_t> running(const std::vector<pid_t>& others, bool with_descendants) {
    const std::vector<Process> all = all_processes();
    std::vector<pid_t> found;
    std::vector<pid_t> parents;
    const auto add = [&](const Process& process) {
        parents.push_back(process.pid);
        if (!process.has_ended)
            found.push_back(process.pid);
    };
    for (const Process& process : all)
        if (process.parent == getpid() && !has(others, process.pid) && is_child(process.pid))
            add(process);
    for (std::size_t i = 0; with_descendants && i < parents.size(); ++i)
        for (const Process& process : all)
            if (process.parent == parents[i])
                add(process);
    return found;
}

void reap_all() noexcept {
    constexpr pid_t none = -1; // the command has ended
    Leftovers::reap(none);
}

/// Whether all have ended. Whoever is asked to may take its time, but not make more and more of its kind meanwhile.
bool ask(const std::vector<pid_t>& others, int signal) {
    constexpr std::size_t too_many = 100;
    std::set<pid_t> told;
    std::size_t at_first = 0;
    for (const std::int64_t until = now_ns() + patience; now_ns() < until; nanosleep(&pause, nullptr)) {
        reap_all();
        // A process that ends may leave children of its own, which then come to us: look again until there are none.
        const std::vector<pid_t> children = running(others, false);
        if (children.empty())
            return true;
        for (const pid_t child : children)
            if (told.insert(child).second)
                kill(child, signal);
        if (at_first == 0)
            at_first = children.size();
        if (told.size() > 2 * at_first + too_many)
            break;
    }
    return false;
}

/// What can't be named can't be ended; but it may be about to end, as the signal may have reached it too.
void await_or_warn() {
    for (const std::int64_t until = now_ns() + patience; now_ns() < until; nanosleep(&pause, nullptr)) {
        reap_all();
        if (!has_children())
            return;
    }
    log().warn("what the command leaves can't be found, and is not ended: /proc does not show this process's PID "
               "namespace (hint: mount -t proc proc /proc)");
}

/// One after the other could make new ones faster than they are killed: so all stand still before the first is.
void kill_all(const std::vector<pid_t>& others, std::int64_t until) {
    std::set<pid_t> stopped;
    std::vector<pid_t> all;
    const auto is_new = [&](pid_t pid) { return stopped.insert(pid).second && kill(pid, SIGSTOP) == 0; };
    do
        all = running(others, true);
    while (std::ranges::count_if(all, is_new) > 0 && now_ns() < until);
    for (const pid_t pid : all)
        kill(pid, SIGKILL);
}

} // namespace

Leftovers::Leftovers() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (has_children() && sees_processes()) // hardly ever: /proc is long
        others_ = running({}, true);
}

void Leftovers::end(int signal) const {
    if (!sees_processes()) {
        await_or_warn();
        return;
    }
    const std::int64_t until = now_ns() + at_most;
    if (ask(others_, signal))
        return;
    std::vector<pid_t> left;
    do {
        kill_all(others_, until);
        nanosleep(&pause, nullptr);
        reap_all();
        left = running(others_, true);
    } while (!left.empty() && now_ns() < until);
    for (const pid_t pid : left)
        log().warn("process {} of the command's could not be ended: it is another user's, or hangs in the kernel", pid);
}

void Leftovers::reap(pid_t command) noexcept {
    siginfo_t ended{};
    while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid > 0 && ended.si_pid != command)
        waitpid(std::exchange(ended.si_pid, 0), nullptr, WNOHANG);
}

} // namespace cli
