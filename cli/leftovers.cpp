#include "leftovers.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
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

void reap() noexcept {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

} // namespace

void adopt_leftovers() noexcept {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void end_leftovers(int signal) noexcept {
    // A process that ends may leave children of its own, which then come to us: look again until there are none.
    constexpr int patient_rounds = 100;
    constexpr int all_rounds = 150;
    constexpr timespec pause{0, 10'000'000};
    std::vector<pid_t> told;
    for (int round = 0; round < all_rounds; ++round) {
        reap();
        const std::vector<pid_t> children = own_children();
        if (children.empty())
            return;
        for (const pid_t child : children) {
            if (round >= patient_rounds) {
                kill(child, SIGKILL);
            } else if (std::find(told.begin(), told.end(), child) == told.end()) {
                kill(child, signal);
                told.push_back(child);
            }
        }
        nanosleep(&pause, nullptr);
    }
}

} // namespace cli
