#include "fault.hpp"

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace fault {

namespace {

constexpr const char* paranoid_file = "/proc/sys/kernel/perf_event_paranoid";
constexpr int not_made = 99; ///< the status of a child that the fault could not be made for

/// The processes whose environment has this entry, those that are ending left out.
std::vector<std::string> marked(const std::string& entry) {
    std::vector<std::string> found;
    for (const fs::directory_entry& folder : fs::directory_iterator("/proc")) {
        const std::string pid = folder.path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos)
            continue;
        const std::string environment = '\0' + process::read_file(folder.path() / "environ");
        if (contains(environment, '\0' + entry + '\0') && process::alive(std::stoi(pid)))
            found.push_back(pid + " (" + process::read_file(folder.path() / "comm") + ")");
    }
    return found;
}

std::size_t entries(const char* folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

void deny_perf_event_open(int error) {
    std::array<sock_filter, 4> program{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    const sock_fprog filter{program.size(), program.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        _exit(not_made);
}

void become_nobody() {
    if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        _exit(not_made);
}

void limit(__rlimit_resource resource, rlim_t value) {
    const rlimit limit{value, value};
    if (setrlimit(resource, &limit) != 0)
        _exit(not_made);
}

Paranoid::Paranoid(int level) : before_(process::read_file(paranoid_file)) {
    std::ofstream(paranoid_file) << level;
    REQUIRE(std::stoi(process::read_file(paranoid_file)) == level);
}

Paranoid::~Paranoid() {
    std::ofstream(paranoid_file) << before_;
}

Target::Target(const std::string& script, const std::function<void()>& in_child) : pid_(fork()) {
    if (pid_ == 0) {
        if (in_child)
            in_child();
        execlp("sh", "sh", "-c", script.c_str(), nullptr);
        _exit(127);
    }
}

void Target::end() {
    if (pid_ <= 0)
        return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

Outcome run_leaving_nothing(std::vector<std::string> argv, process::Setting setting) {
    static int number = 0;
    const std::string folder = process::scratch() + "/nothing" + std::to_string(++number);
    fs::create_directory(folder);
    chmod(folder.c_str(), 0777); // Whoever pmcstat becomes.
    const std::string name = "PMC_FAULT_MARK";
    const std::string mark = std::to_string(getpid()) + "." + std::to_string(number);
    setting.in_child = [&, before = std::move(setting.in_child)] {
        setenv("TMPDIR", folder.c_str(), 1);
        setenv(name.c_str(), mark.c_str(), 1);
        if (before)
            before();
    };
    Outcome outcome = process::run(std::move(argv), setting);
    std::string entry = name;
    entry += '=';
    entry += mark;
    process::eventually([&] { return marked(entry).empty(); }); // Those that are killed take their time.
    CHECK(marked(entry) == std::vector<std::string>{});
    std::vector<std::string> files;
    for (const fs::directory_entry& file : fs::directory_iterator(folder))
        files.push_back(file.path().filename());
    CHECK(files == std::vector<std::string>{});
    fs::remove_all(folder);
    return outcome;
}

Outcome pmcstat_leaving_nothing(std::vector<std::string> arguments, process::Setting setting) {
    const char* const path = std::getenv("PMC_PMCSTAT");
    arguments.insert(arguments.begin(), path != nullptr ? path : "pmcstat");
    return run_leaving_nothing(std::move(arguments), std::move(setting));
}

Holdings Holdings::now() {
    std::ifstream maps("/proc/self/maps");
    std::size_t mappings = 0;
    for (std::string line; std::getline(maps, line);)
        mappings += contains(line, "[perf_event]") ? 1 : 0;
    return {entries("/proc/self/fd"), mappings, entries("/proc/self/task")};
}

} // namespace fault
