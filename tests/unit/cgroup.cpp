#include "kernel/cgroup.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

using namespace pmc::kernel;
using pmc::test::ScratchTree;
using Paths = std::vector<std::string>;

namespace {

constexpr std::string_view hybrid = "24 1 0:22 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
                                    "30 24 0:26 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs ro,mode=755\n"
                                    "31 30 0:27 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw,nsdelegate\n"
                                    "38 30 0:34 / /sys/fs/cgroup/cpu rw shared:17 - cgroup cgroup rw,cpu,cpuacct\n";

constexpr std::string_view perf_of_v1 =
    "39 30 0:35 / /sys/fs/cgroup/perf_event rw shared:18 master:3 - cgroup cgroup rw,perf_event\n";

ScratchTree& write_mounts(ScratchTree& tree, std::string_view mounts) {
    return tree.write("/proc/self/mountinfo", mounts);
}

std::optional<std::string> mount_of(std::string_view mounts) {
    const auto found = CgroupHierarchy::find(FileTree("(made up)", {{"/proc/self/mountinfo", std::string(mounts)}}));
    return found ? std::optional(found->mount()) : std::nullopt;
}

} // namespace

TEST_SUITE_BEGIN("cgroup");

TEST_CASE("perf_event's own hierarchy of version 1 comes before version 2's") {
    CHECK(mount_of(std::string(hybrid) + std::string(perf_of_v1)) == "/sys/fs/cgroup/perf_event");
    CHECK(mount_of(std::string(perf_of_v1) + std::string(hybrid)) == "/sys/fs/cgroup/perf_event");
    CHECK(mount_of(hybrid) == "/sys/fs/cgroup/unified");
}

TEST_CASE("only a controller of this very name counts") {
    CHECK_FALSE(
        mount_of("1 1 0:1 / /a rw - cgroup cgroup rw,perf_events\n2 1 0:1 / /b rw - cgroup none rw,xperf_event"));
    CHECK_FALSE(mount_of("1 1 0:1 / /a rw,perf_event - tmpfs cgroup rw,perf_event"));
    CHECK(mount_of("1 1 0:1 / /a rw - cgroup cgroup rw,net_cls,perf_event,x") == "/a");
    CHECK(mount_of("1 1 0:1 / /a rw - cgroup cgroup rw,net_cls,perf_event") == "/a");
}

TEST_CASE("blanks and backslashes in a mount's path") {
    CHECK(mount_of(R"(1 1 0:1 / /a\040b\011c\134d rw - cgroup2 none rw)") == "/a b\tc\\d");
    CHECK(mount_of(R"(1 1 0:1 / /a\04 rw - cgroup2 none rw)") == R"(/a\04)");
    CHECK(mount_of(R"(1 1 0:1 / /a\999\ rw - cgroup2 none rw)") == R"(/a\999\)");
}

TEST_CASE("what is no list of mounts has none") {
    for (const std::string_view text :
         {"", "\n\n", "-", " - - - ", "1 2 3 4 5 - cgroup2", "1 1 0:1 / relative rw - cgroup2 none rw",
          "1 1 0:1 / /a rw shared:1 cgroup2 none rw", "1 1 0:1 / /a rw -"})
        CHECK_FALSE_MESSAGE(mount_of(text).has_value(), text);
    CHECK_FALSE(CgroupHierarchy::find(FileTree("(made up)", {})).has_value());
}

TEST_CASE("a path is written in one way") {
    CHECK(cgroup_path("/") == "/");
    CHECK(cgroup_path("//") == "/");
    CHECK(cgroup_path("a") == "a");
    CHECK(cgroup_path("/a/b/") == "a/b");
    CHECK(cgroup_path("a//./b") == "a/b");
    CHECK(cgroup_path("user.slice/a..b") == "user.slice/a..b");
    for (const std::string_view bad : {std::string_view(""), std::string_view(".."), std::string_view("a/../b"),
                                       std::string_view("/.."), std::string_view("a\0b", 3)})
        CHECK_FALSE(cgroup_path(bad).has_value());
}

TEST_CASE("a cgroup is opened below the mount and nowhere else") {
    ScratchTree tree;
    write_mounts(tree, hybrid).write("/sys/fs/cgroup/unified/a b/c/cgroup.procs", "").write("/sys/out/file", "");
    std::filesystem::create_directory_symlink("../../../out", tree.root() + "/sys/fs/cgroup/unified/link");
    const auto hierarchy = CgroupHierarchy::find(FileTree(tree.root())).value();
    for (const char* path : {"/", "a b", "/a b/c", "a b/c/"}) {
        const auto fd = hierarchy.open(path);
        REQUIRE_MESSAGE(fd, path);
        CHECK(fd->get() >= 0);
    }
    struct Bad {
        const char* path;
        int error;
    };
    for (const Bad& bad : {Bad{"b", ENOENT}, Bad{"a b/c/cgroup.procs", ENOTDIR}, Bad{"..", EINVAL},
                           Bad{"a b/../../../out", EINVAL}, Bad{"", EINVAL}, Bad{"link", ENOTDIR}}) {
        const auto fd = hierarchy.open(bad.path);
        REQUIRE_FALSE_MESSAGE(fd, bad.path);
        CHECK(fd.error().kind() == pmc::ErrorKind::not_available);
        CHECK(fd.error().error_number() == bad.error);
        CHECK(fd.error().subject() == bad.path);
        CHECK(fd.error().message().find('\n') == std::string::npos);
    }
    CHECK(hierarchy.open("b").error().message() == "cgroup 'b': there is none at /sys/fs/cgroup/unified");
}

TEST_CASE("all cgroups are found, and what a link points at is none") {
    ScratchTree tree;
    write_mounts(tree, hybrid);
    for (const char* path : {"b/x", "a/y/z", "a-b", "a/cgroup.d"})
        std::filesystem::create_directories(tree.root() + "/sys/fs/cgroup/unified/" + path);
    tree.write("/sys/fs/cgroup/unified/cgroup.procs", "1\n");
    std::filesystem::create_directory_symlink(".", tree.root() + "/sys/fs/cgroup/unified/loop");
    const auto hierarchy = CgroupHierarchy::find(FileTree(tree.root())).value();
    CHECK(hierarchy.all() == Paths{"/", "a", "a-b", "a/cgroup.d", "a/y", "a/y/z", "b", "b/x"});
}

TEST_CASE("without a hierarchy the error says how to get one") {
    const auto nothing = CgroupHierarchy::find(FileTree("(made up)", {}));
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().kind() == pmc::ErrorKind::not_available);
    CHECK_FALSE(nothing.error().hint().empty());
}

TEST_CASE("this machine's root cgroup is one to the kernel") {
    const auto hierarchy = CgroupHierarchy::find();
    if (!hierarchy) {
        CHECK(hierarchy.error().kind() == pmc::ErrorKind::not_available);
        return;
    }
    const auto fd = hierarchy->open("/");
    REQUIRE(fd);
    struct statfs status {};
    REQUIRE(fstatfs(fd->get(), &status) == 0);
    CHECK((status.f_type == CGROUP2_SUPER_MAGIC || status.f_type == CGROUP_SUPER_MAGIC));
    CHECK(hierarchy->all().front() == "/");
}

TEST_SUITE_END();
