#include <pmc/doctor.hpp>

#include "counter/open_event.hpp"
#include "kernel/file_tree.hpp"

#include "fake_kernel.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <set>
#include <string>

using pmc::Cause;
using pmc::Examination;
using pmc::examine;
using pmc::Finding;
using pmc::Health;
using pmc::Machine;
using pmc::test::captured;
using pmc::test::ScratchTree;

namespace {

const Finding& finding(const Examination& examination, const std::string& id) {
    const Finding* const found = examination.find(id);
    REQUIRE_MESSAGE(found != nullptr, id);
    return *found;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_SUITE("doctor_examine") {
    TEST_CASE("each check has an id of its own, and says something") {
        for (const char* const name : {"alderlake", "biglittle", "kvm-no-pmu", "neoverse-n1", "paranoid3", "qemu-n1",
                                       "sapphirerapids", "zen4"}) {
            CAPTURE(name);
            const Examination examination = examine(captured(name));
            std::set<std::string> ids;
            for (const Finding& one : examination.findings) {
                CAPTURE(one.id);
                CHECK(ids.insert(one.id).second);
                CHECK_FALSE(one.title.empty());
                CHECK_FALSE(one.found.empty());
                CHECK(one.value.has_value() == !one.unit.empty());
            }
            CHECK_FALSE(examination.is_well()); // nobody could try it
        }
    }

    TEST_CASE("a captured machine is not tried, and no counter of this one is opened for it") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Examination examination = examine(captured("zen4"));
        CHECK(kernel.opens().empty());
        for (const char* const id : {"counters", "own_process", "other_process", "system_wide", "kernel_side",
                                     "user_read", "uncore", "energy", "valgrind", "libpfm4"})
            CHECK_MESSAGE(finding(examination, id).health == Health::unknown, id);
        CHECK(has(finding(examination, "cpu").found, "zen4"));
        CHECK(finding(examination, "pmu").health == Health::ok);
        CHECK(has(finding(examination, "uncore").found, "amd_df, amd_l3"));
    }

    TEST_CASE("no virtual PMU: who hides it, and what to do on its host") {
        const Examination examination = examine(captured("kvm-no-pmu"));
        const Finding& pmu = finding(examination, "pmu");
        CHECK(pmu.health == Health::missing);
        CHECK(pmu.cause == Cause::no_virtual_pmu);
        CHECK(has(pmu.remedy, "on the host"));
        CHECK(has(pmu.means, "--backend model"));
        CHECK(examination.find("counters") == nullptr);
        CHECK(has(finding(examination, "uncore").remedy, "host"));
    }

    TEST_CASE("each kind of core has its counters") {
        const Examination examination = examine(captured("alderlake"));
        CHECK(examination.find("counters.cpu_core") != nullptr);
        CHECK(examination.find("counters.cpu_atom") != nullptr);
    }

    TEST_CASE("the level is told with what it forbids to this process") {
        const Finding three = finding(examine(captured("paranoid3")), "paranoid");
        CHECK(three.health == Health::limited);
        CHECK(three.cause == Cause::paranoid);
        CHECK(has(three.found, "kernel.perf_event_paranoid is 3"));
        CHECK_FALSE(has(three.found, "errno"));
        CHECK(has(three.remedy, "sudo sysctl kernel.perf_event_paranoid=0"));
        CHECK(finding(examine(captured("paranoid3")), "capabilities").remedy == "run as root");
        CHECK(has(finding(examine(captured("zen4")), "capabilities").remedy, "setcap cap_perfmon+ep"));

        ScratchTree root("paranoid3");
        root.write("/proc/self/status", "CapEff:\t000001ffffffffff\nSeccomp:\t0\n");
        CHECK(finding(examine(root.machine()), "paranoid").health == Health::ok);
        CHECK(finding(examine(root.machine()), "capabilities").found == "CAP_PERFMON and CAP_SYS_ADMIN");
        ScratchTree open("paranoid3");
        open.write("/proc/sys/kernel/perf_event_paranoid", "-1\n");
        CHECK(finding(examine(open.machine()), "paranoid").found == "-1");
    }

    TEST_CASE("root of a user namespace: its capabilities are told not to count, and no remedy is to be root there") {
        ScratchTree tree("zen4");
        tree.write("/proc/self/status", "CapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\nSeccomp:\t0\n")
            .write("/proc/self/uid_map", "0 1000 1\n");
        const Examination nested = examine(tree.machine());
        const Finding& capabilities = finding(nested, "capabilities");
        CHECK(capabilities.health == Health::limited);
        CHECK(has(capabilities.found, "user namespace"));
        CHECK_FALSE(has(capabilities.remedy, "setcap"));
        for (const char* const id : {"capabilities", "paranoid", "tracepoints"})
            CHECK_MESSAGE(has(finding(nested, id).remedy, "outside of this user namespace"), id);
    }

    TEST_CASE("who else may forbid it: containers, lockdown, security modules") {
        ScratchTree tree("zen4");
        tree.write("/.dockerenv", "")
            .write("/sys/kernel/security/lsm", "lockdown,capability,selinux")
            .write("/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
        const Examination examination = examine(tree.machine());
        CHECK(finding(examination, "container").found == "Docker");
        CHECK(finding(examination, "security_modules").found == "lockdown,capability,selinux");
        const Finding& lockdown = finding(examination, "lockdown");
        CHECK(lockdown.health == Health::limited);
        CHECK(has(finding(examine(captured("zen4")), "lockdown").found, "can't be read"));
        tree.write("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
        CHECK(finding(examine(tree.machine()), "lockdown").found == "integrity");
    }

    TEST_CASE("limits are held against the number of CPUs") {
        ScratchTree tree("zen4");
        tree.write("/sys/devices/system/cpu/online", "0-255\n")
            .write("/proc/sys/kernel/perf_event_mlock_kb", "4\n")
            .write("/proc/self/limits", "Max locked memory  65536  65536  bytes\n"
                                        "Max open files     1024   4096   files\n");
        const Examination tight = examine(tree.machine());
        CHECK(finding(tight, "open_files").health == Health::limited);
        CHECK(has(finding(tight, "open_files").remedy, "4160")); // 256 CPUs × 16 events, and what pmcstat has itself
        CHECK(finding(tight, "locked_memory").health == Health::limited);

        tree.write("/proc/sys/kernel/perf_event_mlock_kb", "516\n")
            .write("/proc/self/limits", "Max locked memory  65536  65536  bytes\n"
                                        "Max open files     1024   unlimited   files\n");
        const Examination wide = examine(tree.machine());
        CHECK(finding(wide, "open_files").health == Health::ok);
        CHECK(has(finding(wide, "open_files").means, "pmcstat raises the limit"));
        CHECK(finding(wide, "locked_memory").health == Health::ok);
        tree.write("/proc/self/limits", "Max locked memory  unlimited  unlimited  bytes\n");
        CHECK(finding(examine(tree.machine()), "locked_memory").found == "unlimited");
        CHECK(finding(examine(tree.machine()), "open_files").health == Health::unknown);
    }

    TEST_CASE("what makes cycles differ from run to run") {
        ScratchTree tree("zen4");
        tree.write("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "schedutil\n")
            .write("/sys/devices/system/cpu/cpufreq/boost", "1\n")
            .write("/sys/devices/system/cpu/smt/active", "1\n")
            .write("/proc/stat", "cpu  600 0 300 5000 10 0 0 100 0 0\ncpu0 1 2 3\n");
        const Examination noisy = examine(tree.machine());
        for (const char* const id : {"governor", "boost", "smt", "steal"}) {
            CAPTURE(id);
            CHECK(finding(noisy, id).health == Health::limited);
            CHECK_FALSE(finding(noisy, id).remedy.empty());
        }
        CHECK(finding(noisy, "steal").value == 10.0); // of the 1,000 ticks that were not idle
        CHECK(has(finding(noisy, "boost").remedy, "/sys/devices/system/cpu/cpufreq/boost"));

        tree.write("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n")
            .write("/sys/devices/system/cpu/cpufreq/boost", "0\n")
            .write("/sys/devices/system/cpu/smt/active", "0\n")
            .write("/proc/stat", "cpu  600 0 400 5000 10 0 0 0 0 0\n");
        const Examination quiet = examine(tree.machine());
        for (const char* const id : {"governor", "boost", "smt", "steal"})
            CHECK_MESSAGE(finding(quiet, id).health == Health::ok, id);
        for (const char* const text : {"", "cpu  a b", "nothing", "cpu  1 2"}) {
            tree.write("/proc/stat", text);
            CHECK_MESSAGE(finding(examine(tree.machine()), "steal").health == Health::unknown, text);
        }
    }

    TEST_CASE("without /proc, /sys or both it says what it could not read") {
        ScratchTree without_proc("zen4");
        without_proc.remove("/proc");
        ScratchTree without_sys("zen4");
        without_sys.remove("/sys");
        for (const Machine& machine : {without_proc.machine(), without_sys.machine(), Machine::from_files({}),
                                       Machine::from_tree("/nonexistent")}) {
            const Examination examination = examine(machine);
            CHECK(finding(examination, "steal").health == Health::unknown);
            CHECK(finding(examination, "lockdown").health == Health::unknown);
            CHECK_FALSE(examination.is_well());
        }
        CHECK(finding(examine(without_proc.machine()), "pmu").health == Health::ok);
        CHECK(finding(examine(without_sys.machine()), "pmu").health == Health::missing);
        const Examination nothing = examine(Machine::from_files({}));
        for (const char* const id : {"paranoid", "capabilities", "seccomp", "open_files", "locked_memory", "smt"})
            CHECK_MESSAGE(finding(nothing, id).health == Health::unknown, id);
    }

    TEST_CASE("this machine: a filter of system calls denies everything, and nothing is left open") {
        for (const int error : {EPERM, ENOSYS, EACCES, EMFILE, EBUSY, EINVAL}) {
            CAPTURE(error);
            pmc::reset_permitted_mode();
            pmc::reset_probe_cache();
            {
                fake::Kernel kernel{fake::Kernel::made_up};
                kernel.fail_open_if([&](const fake::OpenCall&) { return error; });
                const Examination examination = examine();
                const Finding& permission = finding(examination, "perf_event_open");
                CHECK(permission.health == Health::missing);
                CHECK_FALSE(permission.found.empty());
                for (const char* const id : {"own_process", "other_process", "system_wide", "kernel_side"})
                    CHECK_MESSAGE(finding(examination, id).health == Health::missing, id);
                CHECK_FALSE(examination.is_well());
                CHECK(kernel.live() == 0);
                CHECK(kernel.mapped() == 0);
            }
            pmc::reset_permitted_mode();
            pmc::reset_probe_cache();
        }
    }

    TEST_CASE("JSON has what is there, and leaves out what is not") {
        Examination examination{.of = "examination", .findings = {}};
        Finding finding;
        finding.id = "own_process";
        finding.title = "own process";
        finding.health = Health::ok;
        finding.found = "it counts \xff";
        examination.findings.push_back(finding);
        const auto json = nlohmann::json::parse(examination.to_json());
        CHECK(json["schema"] == "pmcstat-doctor/1");
        CHECK(json["well"] == true);
        CHECK(json["findings"][0]["state"] == "ok");
        CHECK(json["findings"][0].size() == 4);
        CHECK(json["findings"][0]["found"] == "it counts \xef\xbf\xbd");
    }

    TEST_CASE("a self-test is well if nothing is wrong or was left out") {
        Examination test{.of = "self-test", .findings = {}};
        CHECK_FALSE(test.is_well());
        test.findings.resize(2);
        test.findings[0].health = Health::ok;
        test.findings[1].health = Health::limited;
        CHECK(test.is_well());
        for (const Health health : {Health::missing, Health::wrong, Health::unknown}) {
            test.findings[1].health = health;
            CHECK_FALSE(test.is_well());
        }
    }
}
