#include "machine/privilege.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

using pmc::Privilege;
using pmc::read_privilege;
using pmc::kernel::FileTree;
using pmc::test::ScratchTree;

namespace {

Privilege of_status(const char* status, const char* uid_map = "0 0 4294967295") {
    ScratchTree tree;
    tree.write("/proc/self/status", status).write("/proc/self/uid_map", uid_map);
    return read_privilege(FileTree(tree.root()));
}

} // namespace

TEST_SUITE_BEGIN("privilege");

TEST_CASE("capabilities are bits of CapEff") {
    CHECK_FALSE(of_status("CapEff:\t0000000000000000\n").perfmon);
    CHECK(of_status("CapEff:\t0000004000000000\n").perfmon);
    CHECK_FALSE(of_status("CapEff:\t0000004000000000\n").sys_admin);
    CHECK(of_status("CapEff:\t0000000000200000\n").sys_admin);
    CHECK_FALSE(of_status("CapPrm:\t000001ffffffffff\nCapEff:\tnonsense\n").sys_admin);
    CHECK_FALSE(of_status("").perfmon);
}

TEST_CASE("capabilities of another user namespace do not count") {
    const Privilege rootless = of_status("CapEff:\t000001ffffffffff\n", "0 1000 1\n1 100000 65536\n");
    CHECK_FALSE(rootless.perfmon);
    CHECK_FALSE(rootless.sys_admin);
    CHECK(rootless.nested);
    CHECK_FALSE(of_status("CapEff:\t000001ffffffffff\n").nested);
}

TEST_CASE("what the bounding set lacks nobody here can have") {
    CHECK(of_status("CapBnd:\t00000000a80425fb\n").bounded); // Docker's
    CHECK_FALSE(of_status("CapBnd:\t000001ffffffffff\n").bounded);
    CHECK_FALSE(of_status("CapBnd:\t0000004000000000\n").bounded);
    CHECK_FALSE(of_status("").bounded);
}

TEST_CASE("seccomp is a filter only in mode 2") {
    CHECK(of_status("Seccomp:\t2\nSeccomp_filters:\t1\n").seccomp);
    CHECK_FALSE(of_status("Seccomp:\t0\nSeccomp_filters:\t0\n").seccomp);
}

TEST_CASE("containers are known by what they leave about") {
    const auto container_with = [](const char* path, const char* content) {
        ScratchTree tree;
        tree.write(path, content);
        return read_privilege(FileTree(tree.root())).container;
    };
    CHECK(container_with("/.dockerenv", "") == "Docker");
    CHECK(container_with("/run/.containerenv", "engine=\"podman-5.0\"\n") == "Podman");
    CHECK(container_with("/proc/self/cgroup", "0::/kubepods/besteffort/pod1/abc\n") == "Kubernetes");
    CHECK(container_with("/proc/self/cgroup", "0::/docker/0123abcd\n") == "Docker");
    CHECK(container_with("/proc/self/cgroup", "0::/lxc.payload.box\n") == "LXC");
    CHECK(container_with("/proc/self/cgroup", "0::/user.slice/user-1000.slice\n").empty());
}

TEST_CASE("a lockdown's level is the one in brackets") {
    const auto of_file = [](const char* content) {
        ScratchTree tree;
        tree.write("/sys/kernel/security/lockdown", content);
        return read_privilege(FileTree(tree.root()));
    };
    CHECK(of_file("[none] integrity confidentiality\n").lockdown == "none");
    CHECK(of_file("none [integrity] confidentiality\n").lockdown == "integrity");
    CHECK(of_file("none integrity [confidentiality]\n").is_confidential());
    CHECK_FALSE(of_file("none [integrity] confidentiality\n").is_confidential());
    for (const char* const broken : {"", "none", "[none", "none]", "]["})
        CHECK(of_file(broken).lockdown.empty());
}

TEST_SUITE_END();
