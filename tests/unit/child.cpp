#include "kernel/child.hpp"

#include "environment_variable.hpp"
#include "kernel/file_tree.hpp"
#include "started_child.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using pmc::Command;
using pmc::Expected;
using pmc::kernel::Child;
using pmc::test::EnvironmentVariable;
using pmc::test::nobody;
using pmc::test::ScratchTree;
using pmc::test::shell;
using pmc::test::started;
using pmc::test::status_of;

namespace {

pmc::Error exec_failure(const Command& command) {
    Expected<Child> child = Child::spawn(command);
    REQUIRE(child.has_value());
    const pid_t pid = child->pid();
    const Expected<bool> released = child->release();
    REQUIRE_FALSE(released.has_value());
    CHECK(kill(pid, 0) == -1); // reaped
    CHECK(child->wait().status == 127);
    CHECK(released.error().kind() == pmc::ErrorKind::command);
    CHECK(released.error().stage() == pmc::Stage::exec);
    CHECK(released.error().subject() == command.argv.front());
    return released.error();
}

std::size_t open_files() {
    return pmc::kernel::FileTree().list("/proc/self/fd").size();
}

std::string content_of(const std::string& path) {
    return pmc::kernel::FileTree().read(path).value_or("");
}

void make_file(ScratchTree& tree, const char* name, std::string_view content, mode_t mode) {
    tree.write(name, content);
    REQUIRE(chmod((tree.root() + name).c_str(), mode) == 0);
}

} // namespace

TEST_SUITE_BEGIN("child");

TEST_CASE("the exit status is the command's") {
    CHECK(status_of(shell("exit 0")) == 0);
    CHECK(status_of(shell("exit 7")) == 7);
    CHECK(status_of({{"true"}}) == 0);
    CHECK(status_of({{"false"}}) == 1);
}

TEST_CASE("a signal's end is 128 + its number") {
    CHECK(status_of(shell("kill -TERM $$")) == 128 + SIGTERM);
    CHECK(status_of(shell("kill -KILL $$")) == 128 + SIGKILL);
}

TEST_CASE("nothing is executed before release, and nothing without it") {
    ScratchTree tree;
    const std::string mark = tree.root() + "/mark";
    {
        Expected<Child> child = Child::spawn({{"touch", mark}});
        REQUIRE(child.has_value());
        CHECK(content_of("/proc/" + std::to_string(child->pid()) + "/comm") == content_of("/proc/self/comm"));
        CHECK(access(mark.c_str(), F_OK) != 0);
    }
    CHECK(access(mark.c_str(), F_OK) != 0);
    Expected<Child> waited = Child::spawn({{"touch", mark}});
    REQUIRE(waited.has_value());
    CHECK(waited->wait().status == 127); // the child ends by itself when it can be released no more
    CHECK(access(mark.c_str(), F_OK) != 0);
    CHECK(status_of({{"touch", mark}}) == 0);
    CHECK(access(mark.c_str(), F_OK) == 0);
}

TEST_CASE("a child that is not released ends, although a later one waits too") {
    Expected<Child> first = Child::spawn({{"true"}});
    Expected<Child> second = Child::spawn(shell("exit 6"));
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(first->wait().status == 127);
    CHECK(second->release().has_value());
    CHECK(second->wait().status == 6);
}

TEST_CASE("the destructor kills and reaps what still runs") {
    pid_t pid = 0;
    {
        const Child child = started({{"sleep", "1000"}});
        pid = child.pid();
        CHECK(kill(pid, 0) == 0);
    }
    CHECK(kill(pid, 0) == -1);
    CHECK(errno == ESRCH);
}

TEST_CASE("a moved child has one owner") {
    Child first = started({{"sleep", "1000"}});
    const pid_t pid = first.pid();
    Child second = std::move(first);
    CHECK(second.pid() == pid);
    CHECK(first.pid() == -1); // NOLINT(bugprone-use-after-move): that is the question
    first.signal(SIGKILL);
    CHECK_FALSE(first.release().has_value());
    CHECK(kill(pid, 0) == 0);
    first = started(shell("exit 3"));
    second = std::move(first);
    CHECK(kill(pid, 0) == -1); // the assignment ended what it replaced
    CHECK(second.wait().status == 3);
}

TEST_CASE("release and wait may be called again") {
    Expected<Child> child = Child::spawn(shell("exit 5"));
    REQUIRE(child.has_value());
    CHECK(child->release().has_value());
    CHECK(child->release().has_value());
    CHECK(child->wait().status == 5);
    CHECK(child->wait().status == 5);
    child->signal(SIGTERM); // reaped: must reach nobody
}

TEST_CASE("signal reaches the command") {
    Child child = started({{"sleep", "1000"}});
    child.signal(SIGTERM);
    CHECK(child.wait().status == 128 + SIGTERM);
}

TEST_CASE("a child that is killed before its release ends so, and release is no failure and no SIGPIPE") {
    Expected<Child> child = Child::spawn({{"true"}});
    REQUIRE(child.has_value());
    child->signal(SIGTERM);
    pollfd ended{child->pidfd(), POLLIN, 0};
    REQUIRE(poll(&ended, 1, 10000) == 1);
    CHECK(child->release().has_value());
    CHECK(child->wait().status == 128 + SIGTERM);
}

TEST_CASE("the pidfd becomes readable at the end, and is closed on exec") {
    Child child = started(shell("exit 4"));
    REQUIRE(child.pidfd() >= 0);
    CHECK((fcntl(child.pidfd(), F_GETFD) & FD_CLOEXEC) != 0);
    pollfd ended{child.pidfd(), POLLIN, 0};
    CHECK(poll(&ended, 1, 10000) == 1);
    CHECK(child.wait().status == 4);
}

TEST_CASE("usage is the child's") {
    Child child = started(shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"));
    const Child::End end = child.wait();
    CHECK(end.usage.ru_maxrss > 0);
    CHECK(end.usage.ru_utime.tv_sec * 1000000 + end.usage.ru_utime.tv_usec + end.usage.ru_stime.tv_usec > 0);
}

TEST_CASE("a command that is nowhere is ENOENT") {
    const pmc::Error missing = exec_failure({{"./no-such-app"}});
    CHECK(missing.error_number() == ENOENT);
    CHECK(missing.message() == "./no-such-app: no such file or directory");
    CHECK_FALSE(missing.hint().empty());

    const pmc::Error unknown = exec_failure({{"no-such-app-in-path"}});
    CHECK(unknown.error_number() == ENOENT);
    CHECK(unknown.message() == "no-such-app-in-path: command not found");
    CHECK(unknown.hint().find("PATH") != std::string::npos);

    const pmc::Error empty = exec_failure({{""}});
    CHECK(empty.error_number() == ENOENT);
    CHECK(empty.message() == "'': command not found");
    CHECK(empty.hint().find("empty") != std::string::npos);
}

TEST_CASE("a file that may not be executed is EACCES, and the hint says which way out") {
    ScratchTree tree;
    make_file(tree, "/plain", "#!/bin/sh\n", 0644);
    const pmc::Error plain = exec_failure({{tree.root() + "/plain"}});
    CHECK(plain.error_number() == EACCES);
    CHECK(plain.message() == tree.root() + "/plain: permission denied");
    CHECK(plain.hint() == "make it executable: chmod +x " + tree.root() + "/plain");

    const pmc::Error folder = exec_failure({{tree.root()}});
    CHECK(folder.error_number() == EACCES);
    CHECK(folder.hint().find("is a folder") != std::string::npos);
}

TEST_CASE("what is no program is ENOEXEC, and no shell is tried on it") {
    ScratchTree tree;
    make_file(tree, "/data", "touch should-not-run\n", 0755);
    const pmc::Error error = exec_failure({{tree.root() + "/data"}});
    CHECK(error.error_number() == ENOEXEC);
    CHECK(error.message().find("exec format error") != std::string::npos);
    CHECK(error.hint().find("#!") != std::string::npos);
    CHECK(error.hint().find("architecture") != std::string::npos);
}

TEST_CASE("a script whose interpreter is missing is ENOENT, and the hint names the interpreter") {
    ScratchTree tree;
    make_file(tree, "/script", "#! /no/such/interpreter -x\n", 0755);
    const pmc::Error error = exec_failure({{tree.root() + "/script"}});
    CHECK(error.error_number() == ENOENT);
    CHECK(error.hint().find("its interpreter /no/such/interpreter does not") != std::string::npos);
}

TEST_CASE("an empty command is an error, not a crash") {
    const Expected<Child> child = Child::spawn({});
    REQUIRE_FALSE(child.has_value());
    CHECK(child.error().kind() == pmc::ErrorKind::command);
    CHECK(child.error().stage() == pmc::Stage::spawn);
}

TEST_CASE("PATH is searched in order; what can't be executed is passed over, and remembered") {
    ScratchTree tree;
    make_file(tree, "/first/tool", "#!/bin/sh\nexit 1\n", 0644);
    make_file(tree, "/second/tool", "#!/bin/sh\nexit 42\n", 0755);
    make_file(tree, "/first/only-here", "#!/bin/sh\n", 0644);
    const std::string path = "/no/such/folder:" + tree.root() + "/first:" + tree.root() + "/second";
    const EnvironmentVariable environment("PATH", path);
    CHECK(status_of({{"tool"}}) == 42);
    const pmc::Error denied = exec_failure({{"only-here"}});
    CHECK(denied.error_number() == EACCES);
    CHECK(denied.hint().find(tree.root() + "/first/only-here") != std::string::npos);
}

TEST_CASE("a folder in PATH that may not be searched does not turn \"not found\" into \"permission denied\"") {
    ScratchTree tree;
    tree.write("/closed/other", "");
    REQUIRE(chmod((tree.root() + "/closed").c_str(), 0) == 0);
    const std::string path = tree.root() + "/closed:/no/such/folder";
    const EnvironmentVariable environment("PATH", path);
    const uid_t user = geteuid();
    if (user == 0) // root may search anything
        REQUIRE(seteuid(65534) == 0);
    const pmc::Error error = exec_failure({{"no-such-app-in-path"}});
    if (user == 0)
        REQUIRE(seteuid(0) == 0);
    chmod((tree.root() + "/closed").c_str(), 0700);
    CHECK(error.error_number() == ENOENT);
}

TEST_CASE("standard input and output are inherited") {
    int input[2];
    int output[2];
    REQUIRE(pipe(input) == 0);
    REQUIRE(pipe(output) == 0);
    REQUIRE(write(input[1], "hello\n", 6) == 6);
    close(input[1]);
    const int saved_in = dup(0);
    const int saved_out = dup(1);
    dup2(input[0], 0);
    dup2(output[1], 1);
    Expected<Child> child = Child::spawn(shell("read line; echo \"got $line\""));
    dup2(saved_in, 0);
    dup2(saved_out, 1);
    for (const int fd : {saved_in, saved_out, input[0], output[1]})
        close(fd);
    REQUIRE(child.has_value());
    REQUIRE(child->release().has_value());
    CHECK(child->wait().status == 0);
    char text[64] = {};
    CHECK(read(output[0], text, sizeof text - 1) == 10);
    CHECK(std::string(text) == "got hello\n");
    close(output[0]);
}

TEST_CASE("signals in unblock are not blocked in the command, others stay as they were") {
    sigset_t block;
    sigset_t before;
    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    sigaddset(&block, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &block, &before);
    Command command = shell("kill -USR1 $$; kill -TERM $$; exit 9");
    CHECK(status_of(command) == 9);
    command.unblock = {SIGTERM};
    CHECK(status_of(command) == 128 + SIGTERM);
    sigset_t after;
    pthread_sigmask(SIG_SETMASK, &before, &after);
    CHECK(sigismember(&after, SIGTERM) == 1); // the spawning thread keeps its mask
    CHECK(sigismember(&after, SIGINT) == 0);
}

TEST_CASE("the parent's handlers do not run in the child") {
    static int written[2];
    REQUIRE(pipe2(written, O_NONBLOCK | O_CLOEXEC) == 0);
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = [](int) { [[maybe_unused]] const ssize_t ignored = write(written[1], "x", 1); };
    sigaction(SIGUSR2, &action, &before);
    Expected<Child> child = Child::spawn({{"true"}});
    REQUIRE(child.has_value());
    child->signal(SIGUSR2);
    CHECK(child->release().has_value());
    CHECK(child->wait().status == 128 + SIGUSR2);
    sigaction(SIGUSR2, &before, nullptr);
    char byte = 0;
    CHECK(read(written[0], &byte, 1) == -1);
    close(written[0]);
    close(written[1]);
}

TEST_CASE("a child dies with its parent") {
    Command sleeps{{"sleep", "1000"}};
    SUBCASE("") {}
    SUBCASE("also as another user: a change of users would undo it") {
        if (geteuid() == 0)
            sleeps.user = nobody();
    }
    // A process in between spawns, reports the pid, and is killed; the orphan comes to us, so that we can see it end.
    REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    int report[2];
    REQUIRE(pipe(report) == 0);
    const pid_t between = fork();
    if (between == 0) {
        Expected<Child> child = Child::spawn(sleeps);
        if (!child.has_value() || !child->release().has_value())
            _exit(1);
        const pid_t pid = child->pid();
        if (write(report[1], &pid, sizeof pid) != static_cast<ssize_t>(sizeof pid))
            _exit(1);
        pause();
        _exit(0);
    }
    pid_t pid = 0;
    REQUIRE(read(report[0], &pid, sizeof pid) == static_cast<ssize_t>(sizeof pid));
    kill(between, SIGKILL);
    int status = 0;
    CHECK(waitpid(between, &status, 0) == between);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    close(report[0]);
    close(report[1]);
}

TEST_CASE("no file stays open here, and none is handed to the command") {
    const std::size_t before = open_files();
    {
        Child child = started(shell("exit $(ls /proc/self/fd | wc -l)"));
        // 0, 1, 2 and ls's own; whatever else this process was started with is inherited by right
        CHECK(child.wait().status <= static_cast<int>(before));
        const Expected<Child> never_released = Child::spawn({{"true"}});
        CHECK(never_released.has_value());
        exec_failure({{"./no-such-app"}});
    }
    CHECK(open_files() == before);

    ScratchTree tree;
    const std::string listing = tree.root() + "/fds";
    CHECK(status_of(shell("ls -l /proc/self/fd > " + listing)) == 0);
    CHECK(content_of(listing).find("socket:") == std::string::npos);
    CHECK(content_of(listing).find("pidfd") == std::string::npos);
}

TEST_CASE("children spawned by several threads do not hold one another up") {
    // Without the lock in spawn() a child could inherit the other's channel, and release() would wait for its end.
    std::thread threads[4];
    bool ok[4] = {};
    for (int index = 0; index < 4; ++index)
        threads[index] = std::thread([&, index] {
            for (int round = 0; round < 20; ++round) {
                Expected<Child> child = Child::spawn({{"true"}});
                if (!child.has_value() || !child->release().has_value() || child->wait().status != 0)
                    return;
            }
            ok[index] = true;
        });
    for (std::thread& thread : threads)
        thread.join();
    for (const bool each : ok)
        CHECK(each);
}

TEST_CASE("a program that ignores SIGCHLD loses the status, and is told so") {
    struct sigaction ignore {};
    struct sigaction before {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGCHLD, &ignore, &before);
    Child child = started(shell("exit 3"));
    CHECK(child.wait().status == -1);
    sigaction(SIGCHLD, &before, nullptr);
}

TEST_SUITE_END();
