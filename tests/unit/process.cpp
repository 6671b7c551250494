#include "kernel/process.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace pmc::kernel;
using pmc::test::ScratchTree;

namespace {

/// Threads that live as long as this does.
class Threads {
public:
    explicit Threads(std::size_t count, const char* name = "waits") {
        for (std::size_t i = 0; i < count; ++i)
            threads_.emplace_back([this, name] {
                prctl(PR_SET_NAME, name);
                std::unique_lock lock(mutex_);
                tids_.push_back(gettid());
                changed_.notify_all();
                changed_.wait(lock, [&] { return over_; });
            });
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return tids_.size() == count; });
    }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;
    ~Threads() {
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
        }
        changed_.notify_all();
        for (std::thread& thread : threads_)
            thread.join();
    }
    [[nodiscard]] std::vector<pid_t> tids() const {
        std::vector<pid_t> tids = tids_;
        std::ranges::sort(tids);
        return tids;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<pid_t> tids_;
    bool over_ = false;
    std::vector<std::thread> threads_;
};

/// A child that has ended and that nobody has waited for yet; its pid is free after the destructor.
class Zombie {
public:
    Zombie() : pid_(fork()) {
        if (pid_ == 0)
            _exit(0);
        siginfo_t info{};
        waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    }
    Zombie(const Zombie&) = delete;
    Zombie& operator=(const Zombie&) = delete;
    ~Zombie() { reap(); }
    void reap() {
        if (pid_ > 0)
            waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    pid_t pid_;
};

pid_t gone() {
    Zombie zombie;
    return zombie.pid();
}

bool is_readable(int fd) {
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    return poll(&wanted, 1, 0) == 1 && (wanted.revents & POLLIN) != 0;
}

} // namespace

TEST_SUITE_BEGIN("process");

TEST_CASE("all threads of a process are found, and no other") {
    const Threads threads(300); // more than a small buffer holds
    std::vector<pid_t> found = threads_of(getpid());
    std::ranges::sort(found);
    for (const pid_t tid : threads.tids())
        CHECK(std::ranges::binary_search(found, tid));
    CHECK(std::ranges::binary_search(found, getpid()));
    for (const pid_t tid : found)
        CHECK(process_of(tid) == getpid());
}

TEST_CASE("more threads than one reading of the folder gives are listed once each") {
    const Threads threads(1500);
    std::vector<pid_t> found = threads_of(getpid());
    std::ranges::sort(found);
    CHECK(std::ranges::adjacent_find(found) == found.end());
    const std::vector<pid_t> made = threads.tids();
    CHECK(std::ranges::includes(found, made));
}

TEST_CASE("a process that is gone, or never was, has no threads, no name and no process") {
    for (const pid_t pid : {gone(), 0, -1, -4711, std::numeric_limits<pid_t>::max()}) {
        CAPTURE(pid);
        CHECK(threads_of(pid).empty());
        CHECK_FALSE(process_of(pid).has_value());
        CHECK(name_of(pid).empty());
        CHECK(program_of(pid).empty());
        CHECK_FALSE(is_zombie(pid));
    }
}

TEST_CASE("a zombie is known as one") {
    const Zombie zombie;
    CHECK(is_zombie(zombie.pid()));
    CHECK(threads_of(zombie.pid()) == std::vector<pid_t>{zombie.pid()});
    CHECK_FALSE(is_zombie(getpid()));
}

TEST_CASE("a thread's name may hold anything") {
    for (const char* name :
         {"plain", "two words", "(a) b)", ")", "State:\tZ", "a\nTgid:\t1", "\xff\xfe", "0123456789abcde"}) {
        CAPTURE(name);
        const Threads threads(1, name);
        const pid_t tid = threads.tids().front();
        CHECK(name_of(tid) == name);
        CHECK(process_of(tid) == getpid());
        CHECK_FALSE(is_zombie(tid));
    }
}

TEST_CASE("the program's file name is that of argv[0]") {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").filename();
    CHECK(program_of(getpid()) == self);
}

TEST_CASE("what is not a process's status is no process") {
    ScratchTree tree;
    tree.write("/proc/7/status", "Name:\tx\nTgid:\t99999999999999\n").write("/proc/7/comm", "name\n");
    tree.write("/proc/8/status", "Tgid: -3").write("/proc/8/comm", std::string(5000, 'x'));
    tree.write("/proc/9/status", std::string_view("\0\0\0:\0", 5)).write("/proc/9/comm", std::string_view("a\0b", 3));
    tree.write("/proc/9/cmdline", std::string_view("/usr/bin/a b\0-c\0", 16));
    tree.write("/proc/10/cmdline", std::string_view("\0\0", 2)).write("/proc/11/cmdline", "/");
    const FileTree files(tree.root());
    for (const pid_t pid : {7, 8, 9})
        CHECK_FALSE(process_of(pid, files).has_value());
    CHECK(name_of(7, files) == "name");
    CHECK(name_of(8, files).size() <= 64);
    CHECK(name_of(9, files) == "a");
    CHECK(program_of(9, files) == "a b");
    CHECK(program_of(10, files).empty());
    CHECK(program_of(11, files).empty());
}

TEST_CASE("all processes are listed, ascending, without threads") {
    const Threads threads(2);
    const Zombie child;
    const std::vector<pid_t> all = all_processes();
    CHECK(std::ranges::is_sorted(all));
    CHECK(std::ranges::binary_search(all, getpid()));
    CHECK(std::ranges::binary_search(all, child.pid()));
    for (const pid_t tid : threads.tids())
        CHECK_FALSE(std::ranges::binary_search(all, tid));
}

TEST_CASE("a process's descriptor is readable when it has ended") {
    std::array<int, 2> pipe_ends{};
    REQUIRE(pipe(pipe_ends.data()) == 0);
    const pid_t child = fork();
    if (child == 0) {
        close(pipe_ends[1]);
        char byte = 0;
        [[maybe_unused]] const ssize_t end = read(pipe_ends[0], &byte, 1);
        _exit(0);
    }
    close(pipe_ends[0]);
    const int fd = open_pidfd(child);
    REQUIRE(fd >= 0);
    CHECK_FALSE(is_readable(fd));
    close(pipe_ends[1]);
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
    CHECK(is_readable(fd));
    waitpid(child, nullptr, 0);
    close(fd);
    CHECK(open_pidfd(child) == -1);
    CHECK(errno == ESRCH);
}

TEST_CASE("a thread has a descriptor where the kernel has them for threads, else EINVAL") {
    const Threads threads(1);
    const int fd = open_thread_pidfd(threads.tids().front());
    if (fd < 0)
        CHECK(errno == EINVAL); // before 6.9
    else
        CHECK_FALSE(is_readable(fd));
    close(fd);
    const int first = open_thread_pidfd(getpid());
    CHECK(first >= 0);
    close(first);
}

TEST_CASE("the rights of a process are its users, groups and capabilities, and whether others may look into it") {
    const auto own = rights_of(getpid());
    REQUIRE(own);
    CHECK(own->users.find(std::to_string(geteuid())) != std::string::npos);
    CHECK(own->groups.find(std::to_string(getegid())) != std::string::npos);
    CHECK(own == rights_of(getpid()));
    CHECK(Rights{"1", "1", "0000000000000000", true}.has_capabilities() == false);
    CHECK(Rights{"1", "1", "0000000000000400", true}.has_capabilities());
    const int was_open = prctl(PR_GET_DUMPABLE);
    prctl(PR_SET_DUMPABLE, 0);
    const auto closed = rights_of(getpid());
    prctl(PR_SET_DUMPABLE, was_open);
    REQUIRE(closed);
    CHECK((geteuid() == 0 || !closed->is_open)); // root's files are root's anyway
}

TEST_CASE("whoever may not be looked into is as another user's, though he is one's own") {
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(9); // root's files are root's anyway
        prctl(PR_SET_DUMPABLE, 1);
        const bool before = is_foreign(getpid());
        prctl(PR_SET_DUMPABLE, 0);
        _exit((before ? 1 : 0) + (is_foreign(getpid()) ? 2 : 0));
    }
    int status = -1;
    waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 2);
}

TEST_CASE("a process that was not waited for is ending; one that is gone has no rights") {
    CHECK_FALSE(is_ending(getpid()));
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
    CHECK(is_ending(child));
    waitpid(child, nullptr, 0);
    CHECK(is_ending(child));
    CHECK_FALSE(rights_of(child));
}

TEST_SUITE_END();
