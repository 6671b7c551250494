#include "machine/topology.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sched.h>
#include <unistd.h>

using pmc::CpuPlace;
using pmc::online_cpus;
using pmc::read_topology;
using pmc::kernel::FileTree;
using pmc::test::tree_path;
using Cpus = std::vector<int>;

namespace {

FileTree::Files& place(FileTree::Files& files, int cpu, std::string_view socket, std::string_view die,
                       std::string_view core) {
    const std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    files[folder + "physical_package_id"] = socket;
    if (!die.empty())
        files[folder + "die_id"] = die;
    files[folder + "core_id"] = core;
    return files;
}

} // namespace

TEST_SUITE_BEGIN("topology");

TEST_CASE("two sockets with two dies, two threads a core, a node a socket, one CPU offline") {
    FileTree::Files files{{"/sys/devices/system/cpu/online", "0-2,4"},
                          {"/sys/devices/system/node/node0/cpulist", "0-1,3"},
                          {"/sys/devices/system/node/node10/cpulist", "2,4"},
                          {"/sys/devices/system/node/online", "0,10"}};
    place(files, 0, "0", "0", "5");
    place(files, 1, "0", "0", "5");
    place(files, 2, "1", "1", "5");
    place(files, 4, "1", "0", "5");
    const std::vector<CpuPlace> places = read_topology(FileTree("(made up)", files));
    REQUIRE(places.size() == 4);
    CHECK(places[0] == CpuPlace{0, 0, 0, 5, 0});
    CHECK(places[1] == CpuPlace{1, 0, 0, 5, 0});
    CHECK(places[2] == CpuPlace{2, 1, 1, 5, 10});
    CHECK(places[3] == CpuPlace{4, 1, 0, 5, 10});
    CHECK(places[2].core_id() == "S1-D1-C5");
    CHECK(places[2].socket_id() == "S1");
    CHECK(places[2].node_id() == "N10");
}

TEST_CASE("a kernel before 5.2 has no dies, and one without NUMA no nodes: they are 0") {
    FileTree::Files files{{"/sys/devices/system/cpu/online", "0"}};
    place(files, 0, "3", "", "1");
    const std::vector<CpuPlace> places = read_topology(FileTree("(made up)", files));
    REQUIRE(places.size() == 1);
    CHECK(places[0] == CpuPlace{0, 3, 0, 1, 0});
}

TEST_CASE("a socket that the kernel does not know is -1, as in perf stat") {
    FileTree::Files files{{"/sys/devices/system/cpu/online", "0-1"}};
    place(files, 0, "-1", "-1", "0");
    const std::vector<CpuPlace> places = read_topology(FileTree("(made up)", files));
    REQUIRE(places.size() == 2);
    CHECK(places[0].core_id() == "S-1-D0-C0");
    CHECK(places[1].socket_id() == "S-1");
}

TEST_CASE("numbers that can be none are as if not told") {
    FileTree::Files files{{"/sys/devices/system/cpu/online", "0-1"},
                          {"/sys/devices/system/node/node1/cpulist", "0-70000"},
                          {"/sys/devices/system/node/node99999999999/cpulist", "0"},
                          {"/sys/devices/system/node/node-1/cpulist", "0"},
                          {"/sys/devices/system/node/node2x/cpulist", "0"},
                          {"/sys/devices/system/node/node/cpulist", "0"},
                          {"/sys/devices/system/node/node3/cpulist", "1,64"}};
    place(files, 0, "99999999999999999999", "x", "");
    place(files, 1, "0", "4294967296", "-7");
    const std::vector<CpuPlace> places = read_topology(FileTree("(made up)", files));
    REQUIRE(places.size() == 2);
    CHECK(places[0] == CpuPlace{0, -1, 0, 0, 0});
    CHECK(places[1] == CpuPlace{1, 0, 0, 0, 3});
}

TEST_CASE("without /sys the CPUs are those of /proc/cpuinfo") {
    const std::string cpuinfo =
        "processor\t: 2\nmodel name\t: processor : 9\n\nprocessor\t: 0\nprocessor: 0-3\nprocessor\n";
    CHECK(online_cpus(FileTree("(made up)", {{"/proc/cpuinfo", cpuinfo}})) == Cpus{0, 2});
    CHECK(online_cpus(FileTree("(made up)", {{"/sys/devices/system/cpu/online", "junk"}})).empty());
    CHECK(read_topology(FileTree("(made up)", {})).empty());
}

TEST_CASE("captured machines have at least one CPU, each in one place") {
    for (const char* name :
         {"alderlake", "biglittle", "kvm-no-pmu", "neoverse-n1", "paranoid3", "qemu-n1", "sapphirerapids", "zen4"}) {
        CAPTURE(name);
        const FileTree tree(tree_path(name));
        const std::vector<CpuPlace> places = read_topology(tree);
        CHECK_FALSE(places.empty());
        CHECK(places.size() == online_cpus(tree).size());
        CHECK(std::ranges::is_sorted(places, {}, &CpuPlace::cpu));
    }
}

TEST_CASE("this machine's CPUs are those that the C library counts, and this thread runs on one of them") {
    const std::vector<CpuPlace> places = read_topology();
    CHECK(static_cast<long>(places.size()) == sysconf(_SC_NPROCESSORS_ONLN));
    CHECK(std::ranges::count(places, sched_getcpu(), &CpuPlace::cpu) == 1);
}

TEST_SUITE_END();
