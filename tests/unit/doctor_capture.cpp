#include <pmc/doctor.hpp>

#include "machine/privilege.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using pmc::capture;
using pmc::CapturedFiles;
using pmc::Machine;
using pmc::test::captured;
using pmc::test::ScratchTree;

namespace {

/// What a tar archive has, by POSIX's description of it: a witness of its own.
std::map<std::string, std::string> unpacked(const std::string& archive) {
    std::map<std::string, std::string> files;
    REQUIRE(archive.size() % 512 == 0);
    for (std::size_t at = 0; at < archive.size() && archive[at] != '\0';) {
        const std::string header = archive.substr(at, 512);
        CHECK(header.substr(257, 5) == "ustar");
        unsigned sum = 0;
        for (std::size_t i = 0; i < 512; ++i)
            sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(header[i]);
        CHECK(std::stoul(header.substr(148, 7), nullptr, 8) == sum);
        const std::string prefix = header.substr(345, 155).c_str();
        const std::string name = header.substr(0, 100).c_str();
        const std::size_t size = std::stoul(header.substr(124, 11), nullptr, 8);
        files[prefix.empty() ? name : prefix + '/' + name] = archive.substr(at + 512, size);
        at += 512 + (size + 511) / 512 * 512;
    }
    return files;
}

bool has(const CapturedFiles& files, const std::string& part) {
    for (const auto& [path, content] : files)
        if (content.find(part) != std::string::npos)
            return true;
    return false;
}

} // namespace

TEST_SUITE("doctor_capture") {
    TEST_CASE("what was captured is read as the machine itself is") {
        for (const char* const name : {"alderlake", "biglittle", "kvm-no-pmu", "neoverse-n1", "paranoid3", "qemu-n1",
                                       "sapphirerapids", "zen4"}) {
            CAPTURE(name);
            const Machine original = captured(name);
            const Machine copy = Machine::from_files(capture(original));
            CHECK(copy.arch() == original.arch());
            CHECK(copy.kernel_release() == original.kernel_release());
            CHECK(copy.cpu_name() == original.cpu_name());
            CHECK(copy.hypervisor() == original.hypervisor());
            CHECK(copy.paranoid() == original.paranoid());
            CHECK(copy.nmi_watchdog() == original.nmi_watchdog());
            CHECK(copy.pmu_names() == original.pmu_names());
            REQUIRE(copy.core_types().size() == original.core_types().size());
            for (std::size_t i = 0; i < copy.core_types().size(); ++i) {
                CHECK(copy.core_types()[i].cpu_id == original.core_types()[i].cpu_id);
                CHECK(copy.core_types()[i].cpus == original.core_types()[i].cpus);
            }
            for (const std::string& pmu : original.pmu_names()) {
                CHECK(copy.pmu(pmu)->formats == original.pmu(pmu)->formats);
                CHECK(copy.pmu(pmu)->cpumask == original.pmu(pmu)->cpumask);
                REQUIRE(copy.pmu(pmu)->events.size() == original.pmu(pmu)->events.size());
                for (const auto& [event, what] : original.pmu(pmu)->events) {
                    CHECK(copy.pmu(pmu)->events.at(event).terms == what.terms);
                    CHECK(copy.pmu(pmu)->events.at(event).scale == what.scale);
                }
            }
        }
    }

    TEST_CASE("nothing private: no name, no pid, no serial number") {
        ScratchTree tree("biglittle");
        tree.write("/proc/self/status", "Name:\tsecret-app\nPid:\t4121\nUid:\t1000\t1000\nCapEff:\t0000000000000000\n"
                                        "Cpus_allowed:\tff\nSeccomp:\t2\n")
            .write("/proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd03\n\n"
                                    "Hardware\t: board\nSerial\t\t: secret-serial\nMachine-Id\t: secret-id\n")
            .write("/proc/self/cgroup", "12:name=secret-hierarchy:/\n3:memory:/user.slice/secret-user\n"
                                        "0::/docker/secret-container/secret-unit.service\n")
            .write("/proc/self/cmdline", "secret-command")
            .write("/proc/self/environ", "SECRET=secret-variable")
            .write("/proc/sys/kernel/hostname", "secret-host")
            .write("/sys/class/dmi/id/product_serial", "secret-dmi")
            .write("/proc/stat", "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1\nbtime 17000\n");
        const CapturedFiles files = capture(tree.machine());
        CHECK_FALSE(has(files, "secret"));
        CHECK_FALSE(has(files, "4121"));
        CHECK_FALSE(has(files, "1000"));
        CHECK_FALSE(has(files, "17000"));
        CHECK(has(files, "CapEff"));
        CHECK(files.at("/proc/self/cgroup") == "3:memory:/\n0::/docker\n");
        CHECK(files.at("/proc/self/status") == "CapEff:\t0000000000000000\nSeccomp:\t2\n");
        CHECK(files.at("/proc/stat") == "cpu  1 2 3 4 5 6 7 8 9 10");
    }

    TEST_CASE("a container is known by what was captured as it was by the whole") {
        for (const char* const cgroup :
             {"0::/kubepods/besteffort/pod1/abc\n", "1:cpu:/docker/0123abcd\n0::/\n", "0::/lxc.payload.box\n",
              "0::/system.slice/containerd.service\n", "0::/user.slice/libpod-1.scope\n", "0::/\n", "junk"}) {
            ScratchTree tree("zen4");
            const Machine whole = tree.write("/proc/self/cgroup", cgroup).machine();
            ScratchTree copy;
            for (const auto& [path, content] : capture(whole))
                copy.write(path, content);
            const auto container_of = [](const Machine& machine) {
                return pmc::read_privilege(pmc::kernel::FileTree(machine.root())).container;
            };
            CHECK(container_of(copy.machine()) == container_of(whole));
        }
    }

    TEST_CASE("two CPUs of one kind are enough, and /arch says which") {
        std::string many;
        for (int cpu = 0; cpu < 64; ++cpu)
            many += "processor\t: " + std::to_string(cpu) + "\nvendor_id\t: AuthenticAMD\ncpu MHz\t: 3000\n\n";
        const CapturedFiles files = capture(ScratchTree("zen4").write("/proc/cpuinfo", many).machine());
        const std::string& cpuinfo = files.at("/proc/cpuinfo");
        CHECK(cpuinfo.find("processor\t: 1\n") != std::string::npos);
        CHECK(cpuinfo.find("processor\t: 2\n") == std::string::npos);
        CHECK(cpuinfo.find("MHz") == std::string::npos);
        CHECK(files.at("/arch") == "x86_64");
    }

    TEST_CASE("a machine without files is captured as such") {
        CHECK(capture(Machine::from_tree("/nonexistent")).empty());
    }

    TEST_CASE("the archive has every file, by its path below the root") {
        CapturedFiles files = capture(captured("zen4"));
        const std::string folder = "/sys/" + std::string(60, 'x') + "/" + std::string(60, 'y') + "/";
        files[folder + "file"] = "far away";
        files["/empty"] = "";
        files["/block"] = std::string(511, 'b'); // and the newline that was taken off
        const auto there = unpacked(pmc::to_tar(files));
        CHECK(there.size() == files.size());
        for (const auto& file : files) {
            const std::string expected = file.second.empty() ? "" : file.second + '\n';
            CHECK_MESSAGE(there.at(file.first.substr(1)) == expected, file.first);
        }
    }

    TEST_CASE("an empty archive is two empty blocks") {
        CHECK(pmc::to_tar({}) == std::string(1024, '\0'));
    }
}
