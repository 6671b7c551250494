#include "kernel/process.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pmc::kernel {
namespace {

std::string path_of(pid_t pid, std::string_view file) {
    return std::string("/proc/").append(std::to_string(pid)).append("/").append(file);
}

std::optional<pid_t> to_pid(std::string_view text) noexcept {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
    if (error != std::errc{} || end != text.data() + text.size() || pid <= 0)
        return std::nullopt;
    return pid;
}

/// The entries of a folder whose names are numbers, in its own order. Not readdir(): a process may have thousands of
/// threads, and its buffer on the stack takes a thousand at a time.
std::vector<pid_t> list_numbers(const char* folder) {
    std::vector<pid_t> numbers;
    const int fd = ::open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return numbers;
    alignas(dirent64) char buffer[32768];
    for (;;) {
        const long size = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
        if (size <= 0)
            break;
        for (long at = 0; at < size;) {
            const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
            if (const std::optional<pid_t> number = to_pid(entry->d_name))
                numbers.push_back(*number);
            at += entry->d_reclen;
        }
    }
    ::close(fd);
    return numbers;
}

int pidfd_open(pid_t pid, unsigned flags) noexcept {
    return static_cast<int>(syscall(SYS_pidfd_open, pid, flags));
}

// PIDFD_THREAD, which Debian 12's headers do not have.
constexpr unsigned of_thread = O_EXCL;

} // namespace

std::vector<pid_t> threads_of(pid_t process) {
    return list_numbers(path_of(process, "task").c_str());
}

std::vector<pid_t> all_processes() {
    std::vector<pid_t> processes = list_numbers("/proc");
    std::ranges::sort(processes);
    return processes;
}

std::optional<pid_t> process_of(pid_t tid, const FileTree& tree) {
    // Names can't mislead: the kernel writes a newline in one as "\n" there.
    const std::string status = tree.read(path_of(tid, "status")).value_or("");
    return to_pid(find_field(status, "Tgid"));
}

std::string name_of(pid_t tid, const FileTree& tree) {
    std::string name = tree.read(path_of(tid, "comm")).value_or("");
    constexpr std::size_t longest = 64; // of a kernel's worker; other threads have 15
    name.resize(std::min({name.size(), name.find('\0'), longest}));
    return name;
}

std::string program_of(pid_t process, const FileTree& tree) {
    const std::string words = tree.read(path_of(process, "cmdline")).value_or("");
    const std::string_view first(words.c_str());
    return std::string(first.substr(first.rfind('/') + 1));
}

bool is_zombie(pid_t tid, const FileTree& tree) {
    const std::string status = tree.read(path_of(tid, "status")).value_or("");
    const std::string_view state = find_field(status, "State");
    return state.starts_with('Z') || state.starts_with('X');
}

bool is_ending(pid_t process) {
    constexpr unsigned long exiting = 0x4; // PF_EXITING
    const std::string stat = FileTree().read(path_of(process, "stat")).value_or("");
    const std::size_t name_end = stat.rfind(") ");
    char state = 'X';
    unsigned long flags = 0;
    if (name_end == std::string::npos ||
        std::sscanf(stat.c_str() + name_end + 2, "%c %*d %*d %*d %*d %*d %lu", &state, &flags) != 2)
        return true;
    return state == 'Z' || state == 'X' || (flags & exiting) != 0;
}

std::optional<Rights> rights_of(pid_t process) {
    const std::string status = FileTree().read(path_of(process, "status")).value_or("");
    // The files of a process that nobody may look into are root's, its folder is its user's all the same.
    struct stat folder {};
    struct stat file {};
    if (status.empty() || ::stat(path_of(process, ".").c_str(), &folder) != 0 ||
        ::stat(path_of(process, "status").c_str(), &file) != 0)
        return std::nullopt;
    const auto field = [&](std::string_view name) { return std::string(find_field(status, name)); };
    return Rights{field("Uid"), field("Gid"), field("CapPrm"), folder.st_uid == file.st_uid};
}

bool is_foreign(pid_t tid) {
    struct stat file {};
    return stat(path_of(tid, "status").c_str(), &file) == 0 && file.st_uid != geteuid();
}

int open_pidfd(pid_t process) noexcept {
    return pidfd_open(process, 0);
}

int open_thread_pidfd(pid_t tid) noexcept {
    const int fd = pidfd_open(tid, of_thread);
    return fd < 0 && errno == EINVAL ? pidfd_open(tid, 0) : fd;
}

} // namespace pmc::kernel
