// How and as whom a child runs.
#include "environment_variable.hpp"
#include "kernel/file_tree.hpp"
#include "started_child.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdint>
#include <linux/capability.h>
#include <sched.h>
#include <set>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using pmc::Command;
using pmc::Expected;
using pmc::kernel::Child;
using pmc::kernel::FileTree;
using pmc::test::EnvironmentVariable;
using pmc::test::nobody;
using pmc::test::ScratchTree;
using pmc::test::shell;
using pmc::test::status_of;

namespace {

bool set_capabilities(std::uint64_t all) {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct data[2]{};
    for (const int half : {0, 1})
        data[half].effective = data[half].permitted = static_cast<std::uint32_t>(all >> (32 * half));
    return syscall(SYS_capset, &header, data) == 0;
}

} // namespace

TEST_SUITE_BEGIN("child");

TEST_CASE("a command has the environment that it is given, and nothing else") {
    ScratchTree tree;
    const std::string listing = tree.root() + "/environment";
    Command command = shell("exec /usr/bin/env > " + listing);
    command.environment = std::vector<std::string>{"ONLY=this", "PWD=/"};
    CHECK(status_of(command) == 0);
    const std::string content = FileTree().read(listing).value_or("");
    CHECK(content.find("ONLY=this\n") != std::string::npos);
    CHECK(content.find("HOME=") == std::string::npos);
    CHECK(content.find("PATH=") == std::string::npos);
}

TEST_CASE("a silent command reads nothing, and what it writes goes nowhere; its errors are heard") {
    Command command = shell("test -z \"$(cat)\" && test -c /dev/stdout && test ! -t 1");
    command.is_silent = true;
    CHECK(status_of(command) == 0);
}

TEST_CASE("a command runs on the CPU that it is pinned to") {
    cpu_set_t own;
    REQUIRE(sched_getaffinity(0, sizeof own, &own) == 0);
    int last = CPU_SETSIZE - 1;
    while (CPU_ISSET(static_cast<std::size_t>(last), &own) == 0)
        --last;
    Command command =
        shell("test \"$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)\" = " + std::to_string(last));
    command.cpu = last;
    CHECK(status_of(command) == 0);
}

TEST_CASE("a CPU that is not there is named") {
    for (const int cpu : {-1, 1023, CPU_SETSIZE, 1'000'000}) {
        Command command{{"true"}};
        command.cpu = cpu;
        Expected<Child> child = Child::spawn(command);
        Expected<bool> released = child ? child->release() : Expected<bool>(child.error());
        REQUIRE_FALSE(released.has_value());
        CHECK(released.error().kind() == pmc::ErrorKind::command);
        CHECK(released.error().stage() == pmc::Stage::spawn); // not the command's fault: neither 126 nor 127
        CHECK(released.error().message() == "the command can't be pinned to CPU " + std::to_string(cpu));
        CHECK(released.error().hint().find("online") != std::string::npos);
    }
}

TEST_CASE("with fixed addresses a program lies at the same ones each time") {
    ScratchTree tree;
    const std::string maps = tree.root() + "/maps";
    Command command = shell("exec cat /proc/self/maps > " + maps);
    command.fixed_addresses = true;
    std::set<std::string> stacks;
    for (int round = 0; round < 3; ++round) {
        CHECK(status_of(command) == 0);
        const std::string content = FileTree().read(maps).value_or("");
        const std::size_t end = content.find("[stack]");
        REQUIRE(end != std::string::npos);
        const std::size_t begin = content.rfind('\n', end) + 1;
        stacks.insert(content.substr(begin, content.find(' ', begin) - begin));
    }
    CHECK(stacks.size() == 1);
}

TEST_CASE("as another user a command has his rights and variables, and no other") {
    ScratchTree tree;
    REQUIRE(chmod(tree.root().c_str(), 0777) == 0);
    const std::string file = tree.root() + "/file";
    Command command = shell("{ grep -E '^(Uid|Gid|Groups|CapPrm|CapEff)' /proc/self/status; "
                            "echo $HOME $USER $LOGNAME $SHELL $KEPT; } > " +
                            file);
    command.user = nobody();
    const EnvironmentVariable kept("KEPT", "kept");
    Expected<Child> child = Child::spawn(command);
    REQUIRE(child.has_value());
    const Expected<bool> released = child->release();
    if (geteuid() != 0) {
        REQUIRE_FALSE(released.has_value());
        CHECK(released.error().stage() == pmc::Stage::spawn);
        CHECK(released.error().message() == "the command can't be run as someone: operation not permitted");
        CHECK(released.error().hint().find("sudo pmcstat --user someone") != std::string::npos);
        return;
    }
    REQUIRE(released.has_value());
    CHECK(child->wait().status == 0);
    const std::string said = FileTree().read(file).value_or("");
    CAPTURE(said);
    CHECK(said.find("Uid:\t65534\t65534\t65534\t65534\n") != std::string::npos);
    CHECK(said.find("Gid:\t65533\t65533\t65533\t65533\n") != std::string::npos);
    CHECK(said.find("Groups:\t7 65533 \n") != std::string::npos);
    CHECK(said.find("CapPrm:\t0000000000000000\n") != std::string::npos);
    CHECK(said.find("CapEff:\t0000000000000000\n") != std::string::npos);
    CHECK(said.find("/nowhere someone someone /bin/no kept") != std::string::npos);
}

TEST_CASE("a command is not run as a user who could become root again") {
    if (geteuid() != 0) {
        CHECK(setuid(0) == -1); // nor can we
        return;
    }
    // Not root by its number, but by a capability that outlives the change of users.
    const pid_t between = fork();
    if (between == 0) {
        prctl(PR_SET_KEEPCAPS, 1);
        constexpr std::uint64_t needed = 1U << CAP_SETUID | 1U << CAP_SETGID;
        if (setresuid(1, 1, 1) != 0 || !set_capabilities(needed))
            _exit(1);
        Command command{{"true"}};
        command.user = nobody();
        Expected<Child> child = Child::spawn(command);
        const Expected<bool> released = child ? child->release() : Expected<bool>(child.error());
        _exit(!released && released.error().error_number() == EPERM ? 0 : 2);
    }
    int status = -1;
    CHECK(waitpid(between, &status, 0) == between);
    CHECK(status == 0);
}

TEST_SUITE_END();
