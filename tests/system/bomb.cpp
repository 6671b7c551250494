// A fork bomb, to be ended from outside: each process makes others, half of them daemons, and two more when it is told
// to end. FILE has how many were made so far; a number far below 0 that is written there ends them all.
//     bomb FILE SECONDS
// It is bounded thrice, whoever runs it: by the number of processes ever made, by the number that its user may have at
// once (RLIMIT_NPROC, which root is not held to: so root is refused), and by a time after which all end by themselves.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {

constexpr int most_ever = 2000;
constexpr rlim_t most_at_once = 200; ///< beside what its user had before
constexpr time_t longest_s = 40;     ///< whatever SECONDS are

std::atomic<int>* made = nullptr; ///< shared by all
timespec end{};

bool is_over() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec >= end.tv_sec || made->load() < 0;
}

/// 0 in the child.
pid_t make_one() noexcept {
    if (is_over() || made->fetch_add(1) >= most_ever)
        return -1;
    const pid_t pid = fork();
    if (pid < 0)
        made->fetch_sub(1);
    return pid;
}

void told_to_end(int /*signal*/) {
    for (int i = 0; i < 2; ++i)
        if (make_one() == 0)
            return; // and goes on like the others
    _exit(0);
}

[[noreturn]] void go_on() noexcept {
    while (!is_over()) {
        if (make_one() == 0 && made->load() % 2 == 0)
            setsid();
        constexpr timespec moment{0, 3'000'000};
        nanosleep(&moment, nullptr);
    }
    _exit(0);
}

/// The threads of this user, which is what RLIMIT_NPROC counts.
rlim_t threads_now() {
    rlim_t count = 0;
    std::error_code gone;
    for (const fs::directory_entry& process : fs::directory_iterator("/proc", gone)) {
        const std::string name = process.path().filename();
        struct stat status {};
        if (name.find_first_not_of("0123456789") != std::string::npos || stat(process.path().c_str(), &status) != 0 ||
            status.st_uid != geteuid())
            continue;
        for (fs::directory_iterator thread(process.path() / "task", gone), last; thread != last; thread.increment(gone))
            ++count;
    }
    return count;
}

} // namespace

int main(int argc, char** argv) {
    rlimit limit{};
    if (argc != 3 || geteuid() == 0 || getrlimit(RLIMIT_NPROC, &limit) != 0)
        return EXIT_FAILURE;
    limit.rlim_max = std::min(limit.rlim_max, threads_now() + most_at_once);
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NPROC, &limit) != 0)
        return EXIT_FAILURE;
    const int file = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0 || ftruncate(file, sizeof *made) != 0)
        return EXIT_FAILURE;
    void* const shared = mmap(nullptr, sizeof *made, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED)
        return EXIT_FAILURE;
    made = static_cast<std::atomic<int>*>(shared);
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += std::min<time_t>(std::atoi(argv[2]), longest_s);
    std::signal(SIGCHLD, SIG_IGN); // no zombies
    // The first one ends when it is told to, the others make more.
    if (make_one() == 0) {
        std::signal(SIGTERM, told_to_end);
        go_on();
    }
    while (!is_over())
        usleep(10'000);
}
