#include "region/exit_report.hpp"

#include "region/measuring.hpp"

#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

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

void write_all(int fd, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return;
        if (written > 0)
            text.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// Where it can't be written nobody is left to be told: the host program's output is not ours.
void write_report() {
    const Measuring& measured = *measuring();
    if (ledger().alive.load(std::memory_order_relaxed) == 0)
        return; // a fork's child that had no regions
    const Result result = report();
    if (measured.report_path == "-")
        return write_all(STDERR_FILENO, region_text(result));
    const int pid = getpid();
    const std::string path = expanded(measured.report_path, pid, pid != measured.pid);
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0)
        return;
    write_all(fd, result.to_json());
    close(fd);
}

void at_exit() noexcept {
    try {
        write_report();
    } catch (...) {
        return;
    }
}

} // namespace

void report_at_exit() {
    std::atexit(at_exit);
}

} // namespace pmc
