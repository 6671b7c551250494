#include "fault.hpp"

#include "../unit/text_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

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

template <std::size_t Size>
void filter_system_calls(std::array<sock_filter, Size> program) {
    const sock_fprog filter{program.size(), program.data()};
    const auto has_set = [&] { return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0; };
    // Root needs not give up setuid programs for it.
    if (!has_set() && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !has_set()))
        _exit(not_made);
}

void deny_system_call(unsigned number, int error) {
    filter_system_calls(std::to_array<sock_filter>({
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }));
}

/// Of root's rights, also those of all that this process becomes.
void give_up(unsigned long right) {
    if (geteuid() == 0 && prctl(PR_CAPBSET_DROP, right, 0, 0, 0) != 0)
        _exit(not_made);
}

void write_file(const char* path, const std::string& text) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        _exit(not_made);
    close(fd);
}

/// From now on what this process mounts is seen by it and its children alone. Who may not have that as he is may have
/// it in a user namespace, in which he stays who he is.
bool own_mounts() {
    static bool has_them = false;
    if (has_them)
        return true;
    if (unshare(CLONE_NEWNS) != 0) {
        const std::string user = std::to_string(geteuid());
        const std::string group = std::to_string(getegid());
        // Who has changed his user may not write his own files of /proc until he execs.
        if (prctl(PR_SET_DUMPABLE, 1) != 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
            return false;
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/gid_map", group + ' ' + group + " 1");
        write_file("/proc/self/uid_map", user + ' ' + user + " 1");
    }
    has_them = mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    return has_them;
}

/// Whether a child of this process, which does no harm to it, can do this.
bool child_can(const std::function<bool()>& deed) {
    const pid_t child = fork();
    if (child == 0)
        _exit(deed() ? 0 : 1);
    int status = 1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/// Some machines leave making user namespaces to root.
bool anybody_has_namespaces() {
    return child_can([] {
        fault::become_nobody();
        return unshare(CLONE_NEWUSER) == 0;
    });
}

} // namespace

void deny_perf_event_open(int error) {
    deny_system_call(SYS_perf_event_open, error);
}

void deny_signals_by_pidfd(int error) {
    deny_system_call(SYS_pidfd_send_signal, error);
}

void deny_shared_mappings(int error) {
    constexpr unsigned flags = offsetof(seccomp_data, args) + 3 * sizeof(std::uint64_t); // its low half: little-endian
    filter_system_calls(std::to_array<sock_filter>({
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_SHARED, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }));
}

void deny_opening(unsigned flags, int error) {
    constexpr unsigned given = offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t); // its low half: little-endian
    filter_system_calls(std::to_array<sock_filter>({
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, given),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, flags, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }));
}

void become_nobody() {
    if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        _exit(not_made);
}

void enter_user_namespace() {
    if (anybody_has_namespaces())
        become_nobody();
    const std::string user = std::to_string(geteuid());
    const std::string group = std::to_string(getegid());
    // Who has changed his user may not write his own files of /proc until he execs.
    if (prctl(PR_SET_DUMPABLE, 1) != 0 || unshare(CLONE_NEWUSER) != 0)
        _exit(not_made);
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", "0 " + user + " 1");
    write_file("/proc/self/gid_map", "0 " + group + " 1");
}

void limit(__rlimit_resource resource, rlim_t value) {
    if (resource == RLIMIT_NOFILE) // whoever runs the tests may have left some open
        close_range(STDERR_FILENO + 1, ~0U, 0);
    const rlimit limit{value, value};
    if (setrlimit(resource, &limit) != 0)
        _exit(not_made);
}

void give_up_locking() {
    give_up(CAP_IPC_LOCK);
}

void give_up_killing() {
    give_up(CAP_KILL);
}

void cover(const char* folder) {
    if (!own_mounts() || mount("none", folder, "tmpfs", 0, nullptr) != 0)
        _exit(not_made);
}

bool may_cover() {
    // Asked once: afterwards, in a child that has covered something, a look would cover more.
    static const bool may = child_can([] { return own_mounts() && mount("none", "/sys", "tmpfs", 0, nullptr) == 0; });
    return may;
}

bool covers_in_user_namespace() {
    static const bool does = !child_can([] { return unshare(CLONE_NEWNS) == 0; });
    return does;
}

bool may_count_cpus() {
    static const bool may = process::pmcstat({"-a", "-e", "task-clock", "--", "true"}).status == 0;
    return may;
}

void check_refused(const Outcome& outcome) {
    CAPTURE(outcome.err);
    CHECK(outcome.status == 125);
    CHECK(outcome.err.starts_with("pmcstat: error: "));
    CHECK(contains(outcome.err, "\n  hint: "));
}

bool are_refused(const std::vector<std::string>& arguments) {
    const auto command = std::find(arguments.begin(), arguments.end(), "--");
    const bool of_cpus = std::any_of(arguments.begin(), command, [](const std::string& argument) {
        return argument == "-a" || argument == "-A" || argument == "-C";
    });
    if (!of_cpus || may_count_cpus())
        return false;
    check_refused(pmcstat_leaving_nothing(arguments));
    return true;
}

void mount_small_disk(const std::string& folder) {
    if (!own_mounts() || mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k,mode=1777") != 0)
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

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

FullPipe::FullPipe(std::string path) : path_(std::move(path)) {
    REQUIRE(mkfifo(path_.c_str(), 0600) == 0);
    fd_ = open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    while (write(fd_, page_.data(), page_.size()) > 0) {
    }
}

FullPipe::~FullPipe() {
    close(fd_);
    unlink(path_.c_str());
}

std::string FullPipe::drain() {
    std::string text;
    for (ssize_t size = 0; (size = read(fd_, page_.data(), page_.size())) > 0;)
        text.append(page_.data(), static_cast<std::size_t>(size));
    return text;
}

void await_counting(pid_t pmcstat) {
    const std::string call = "/proc/" + std::to_string(pmcstat) + "/syscall";
    const std::string ppoll = std::to_string(SYS_ppoll) + ' ';
    REQUIRE(process::eventually([&] { return process::read_file(call).starts_with(ppoll); }));
}

Terminal::Terminal() : fd_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    REQUIRE(grantpt(fd_) == 0);
    REQUIRE(unlockpt(fd_) == 0);
    name_ = ptsname(fd_);
}

Terminal::~Terminal() {
    hang_up();
}

void Terminal::hang_up() {
    if (fd_ >= 0)
        close(std::exchange(fd_, -1));
}

void Terminal::take() const {
    if (setsid() < 0 || ioctl(open(name_.c_str(), O_RDWR | O_CLOEXEC), TIOCSCTTY, 0) != 0)
        _exit(not_made);
}

void Terminal::type(char key) const {
    REQUIRE(write(fd_, &key, 1) == 1);
}

bool is_counted(const std::string& line) {
    return !contains(line, " n/a ") &&
           (!contains(line, " not counted ") || contains(line, "it never ran on a CPU while it was counted"));
}

void check_all_counted(const process::Setting& setting) {
    const Target target{"while :; do /bin/true; done"};
    for (const std::vector<std::string>& where : {std::vector<std::string>{}, {"-p", target.pid()}, {"-a"}}) {
        const std::vector<std::string> arguments =
            with(with({"-e", "task-clock"}, where), {"--", "sh", "-c", "sleep 0.05; exit 3"});
        if (are_refused(arguments))
            continue;
        const Outcome outcome = pmcstat_leaving_nothing(arguments, setting);
        CAPTURE(outcome.err);
        CHECK(outcome.status == 3);
        CHECK(is_counted(line_with(outcome.err, "  task-clock")));
    }
    CHECK(process::alive(target.id()));
}

Outcome run_leaving_nothing(std::vector<std::string> argv, process::Setting setting) {
    static int number = 0;
    const std::string folder = process::scratch() + "/nothing" + std::to_string(++number);
    fs::create_directory(folder);
    chmod(folder.c_str(), 01777); // Whoever pmcstat becomes; root takes no other.
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
    arguments.insert(arguments.begin(), process::pmcstat_path());
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
