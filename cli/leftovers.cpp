#include "leftovers.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cli {
namespace {

std::vector<pid_t> own_children() {
    std::vector<pid_t> children;
    const std::string path = fmt::format("/proc/self/task/{}/children", gettid());
    std::FILE* const file = std::fopen(path.c_str(), "re");
    if (file == nullptr)
        return children;
    int pid = 0;
    while (std::fscanf(file, "%d", &pid) == 1)
        children.push_back(pid);
    std::fclose(file);
    return children;
}

bool has(const std::vector<pid_t>& pids, pid_t pid) {
    return std::ranges::find(pids, pid) != pids.end();
}

} // namespace

Leftovers::Leftovers() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    others_ = own_children();
}

void Leftovers::end(int signal) const {
    // A process that ends may leave children of its own, which then come to us: look again until there are none.
    constexpr int patient_rounds = 100;
    constexpr int all_rounds = 150;
    constexpr timespec pause{0, 10'000'000};
    constexpr pid_t none = -1; // the command has ended
    std::vector<pid_t> told;
    for (int round = 0; round < all_rounds; ++round) {
        reap(none);
        std::vector<pid_t> children = own_children();
        std::erase_if(children, [&](pid_t child) { return has(others_, child); });
        if (children.empty())
            return;
        for (const pid_t child : children) {
            if (round >= patient_rounds) {
                kill(child, SIGKILL);
            } else if (!has(told, child)) {
                kill(child, signal);
                told.push_back(child);
            }
        }
        nanosleep(&pause, nullptr);
    }
}

void Leftovers::reap(pid_t command) noexcept {
    siginfo_t ended{};
    while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid > 0 && ended.si_pid != command)
        waitpid(std::exchange(ended.si_pid, 0), nullptr, WNOHANG);
}

} // namespace cli
