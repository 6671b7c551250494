#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <pmc/doctor.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

using fault::become_nobody;
using fault::deny_perf_event_open;
using process::exists;
using process::machine_has_pmu;
using process::pmcstat;
using process::scratch;

namespace {

/// The findings, and that the status says what they say.
Json examined(const process::Setting& setting = {}, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"doctor", "--format", "json"});
    const Outcome outcome = pmcstat(arguments, setting);
    CAPTURE(outcome.err);
    CHECK(outcome.err.empty());
    REQUIRE(Json::accept(outcome.out));
    Json json = Json::parse(outcome.out);
    CHECK(outcome.status == (json["well"].get<bool>() ? 0 : 1));
    return json;
}

Json finding(const Json& examination, const std::string& id) {
    Json found = find_by(examination["findings"], "id", id);
    REQUIRE_MESSAGE(found.is_object(), id);
    return found;
}

std::string state(const Json& examination, const std::string& id) {
    return finding(examination, id)["state"];
}

std::string new_path() {
    static int number = 0;
    return scratch() + "/doctor" + std::to_string(++number);
}

} // namespace

TEST_SUITE("doctor") {
    TEST_CASE("the status says whether cycles and instructions count here; what can't has a remedy") {
        const Json json = examined();
        CHECK(json["well"] == machine_has_pmu());
        CHECK(state(json, "pmu") == (machine_has_pmu() ? "ok" : "missing"));
        for (const char* const id : {"pmu", "own_process", "other_process", "system_wide", "kernel_side"}) {
            const Json one = finding(json, id);
            if (one["state"] == "missing") {
                CHECK_MESSAGE(one["remedy"].is_string(), one.dump());
                CHECK_MESSAGE(one["cause"].is_string(), one.dump());
            }
        }
        const Outcome text = pmcstat({"doctor"});
        CHECK(text.status == (machine_has_pmu() ? 0 : 1));
        CHECK(contains(text.out, "hardware counters: "));
        CHECK(contains(text.out, machine_has_pmu() ? "\nCycles and instructions can be counted here.\n"
                                                   : "\nCycles and instructions can't be counted here: "));
    }

    TEST_CASE("somebody without rights learns what he may count, and how to get the rest") {
        const Json json = examined({.in_child = become_nobody});
        CHECK(state(json, "capabilities") == "limited");
        const std::string level = process::read_file("/proc/sys/kernel/perf_event_paranoid");
        if (std::stoi(level) >= 1) {
            CHECK(state(json, "paranoid") != "ok");
            CHECK(state(json, "system_wide") == "missing");
            CHECK(finding(json, "system_wide")["cause"] == "paranoid");
            CHECK(contains(finding(json, "system_wide")["remedy"], "kernel.perf_event_paranoid="));
        }
    }

    TEST_CASE("a filter of system calls that denies perf_event_open is named, whatever it says") {
        for (const int error : {EPERM, ENOSYS}) {
            CAPTURE(error);
            const process::Setting filtered{.in_child = [error] { deny_perf_event_open(error); }};
            const Json json = examined(filtered);
            CHECK_FALSE(json["well"].get<bool>());
            for (const char* const id : {"seccomp", "perf_event_open", "other_process", "system_wide", "kernel_side"}) {
                const Json one = finding(json, id);
                CHECK_MESSAGE(one["state"] == "missing", one.dump());
                CHECK_MESSAGE(one["cause"] == "blocked", one.dump());
                CHECK_MESSAGE(contains(one["found"], "seccomp"), one.dump());
            }
            CHECK(state(json, "own_process") == "missing");
            CHECK(pmcstat({"doctor", "--self-test"}, filtered).status == 1);
        }
    }

    TEST_CASE("few files, or no room for a child: it says so, and ends") {
        for (const rlim_t files : {rlim_t{4}, rlim_t{5}, rlim_t{6}, rlim_t{10}}) {
            CAPTURE(files);
            const Outcome outcome = pmcstat({"doctor"}, {.in_child = [files] { fault::limit(RLIMIT_NOFILE, files); }});
            CAPTURE(outcome.err);
            // The loader needs one for each library in turn.
            CHECK((outcome.status == 0 || outcome.status == 1));
            CHECK(contains(outcome.out, "own process: "));
        }
    }

    TEST_CASE("a self-test finds the counters right, or says that there are none to test") {
        const Outcome outcome = pmcstat({"doctor", "--self-test"});
        CAPTURE(outcome.out);
        CHECK(outcome.status == (machine_has_pmu() ? 0 : 1));
        CHECK(contains(outcome.out, machine_has_pmu() ? "\nThis machine's counters are right"
                                                      : "\nThis machine's counters can't be tested.\n"));
        const Json json = examined({}, {"--self-test"});
        CHECK(json["of"] == "self-test");
    }

    TEST_CASE("a captured machine is a tar file, which unpacked is read as this machine is") {
        const std::string file = new_path();
        const std::string folder = new_path();
        const Outcome outcome = pmcstat({"doctor", "--capture", file});
        CHECK(outcome.status == 0);
        CHECK(outcome.out.empty());
        CHECK(outcome.err.empty());
        REQUIRE(process::run({"mkdir", folder}).status == 0);
        const Outcome tar = process::run({"tar", "-xf", file, "-C", folder});
        CHECK_MESSAGE(tar.status == 0, tar.err);
        const pmc::Machine copy = pmc::Machine::from_tree(folder);
        const pmc::Machine& here = pmc::Machine::host();
        CHECK(copy.arch() == here.arch());
        CHECK(copy.kernel_release() == here.kernel_release());
        CHECK(copy.has_core_pmu() == here.has_core_pmu());
        CHECK(copy.core_types().front().cpu_id == here.core_types().front().cpu_id);
        CHECK(copy.paranoid() == here.paranoid());
        CHECK(Json::parse(process::read_file(folder + "/doctor.json"))["of"] == "examination");
    }

    TEST_CASE("what it captures has nothing of the user's in it") {
        const std::string file = new_path();
        const process::Setting secret{.in_child = [] { setenv("DOCTOR_SECRET", "secret-value", 1); }};
        REQUIRE(pmcstat({"doctor", "--capture", file}, secret).status == 0);
        const std::string archive = process::read_file(file);
        std::array<char, 256> host{};
        gethostname(host.data(), host.size() - 1);
        CHECK_FALSE(contains(archive, "secret-value"));
        CHECK_FALSE(contains(archive, file));
        CHECK_FALSE(contains(archive, "Serial"));
        CHECK_FALSE(contains(archive, std::string("\n") + host.data() + "\n"));
    }

    TEST_CASE("a file that can't be written is told, and what was there stays") {
        CHECK(pmcstat({"doctor", "--capture", "/nonexistent/file"}).status == 125);
        CHECK(pmcstat({"doctor", "--capture", "/dev/full"}).status == 125);
        const std::string file = new_path();
        std::ofstream(file) << "before";
        const auto no_space = [] {
            const rlimit none{0, 0};
            setrlimit(RLIMIT_FSIZE, &none);
            signal(SIGXFSZ, SIG_IGN);
        };
        // What the test itself reads goes through files too: only the status is seen.
        CHECK(pmcstat({"doctor", "--capture", file}, {.in_child = no_space}).status == 125);
        CHECK(process::read_file(file) == "before");
        const Outcome closed = process::run({"sh", "-c", "\"$0\" doctor >/dev/full", std::getenv("PMC_PMCSTAT")});
        CHECK(closed.status == 125);
        CHECK(contains(closed.err, "cannot write"));
    }

    TEST_CASE("what has no meaning together is refused") {
        for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--capture", "x", "--self-test"},
                                                          {"--capture", "x", "--format", "json"},
                                                          {"--capture"},
                                                          {"--format", "csv"},
                                                          {"word"},
                                                          {"--tables", "/nonexistent"}}) {
            std::vector<std::string> all{"doctor"};
            all.insert(all.end(), arguments.begin(), arguments.end());
            const Outcome outcome = pmcstat(all);
            CHECK_MESSAGE(outcome.status == 125, arguments.front());
            CHECK(contains(outcome.err, "pmcstat: error: "));
            CHECK(outcome.out.empty());
        }
        CHECK_FALSE(exists("x"));
    }
}

TEST_SUITE("lab doctor") {
    TEST_CASE("cycles and six more: seven counters, all free, and everything counts for root") {
        const Json json = examined();
        CHECK(json["well"] == true);
        const Json counters = finding(json, "counters");
        CHECK_MESSAGE(counters["state"] == "ok", counters.dump());
        CHECK(counters["value"] == 7);
        for (const char* const id : {"perf_event_open", "own_process", "other_process", "system_wide", "kernel_side"}) {
            const Json one = finding(json, id);
            CHECK_MESSAGE(one["state"] == "ok", one.dump());
        }
        for (const char* const id : {"own_process", "other_process", "system_wide", "kernel_side"})
            CHECK(contains(finding(json, id)["found"], "cycles"));
    }

    TEST_CASE("a reading costs a system call, and the switch for the user read is named") {
        const Json reading = finding(examined(), "user_read");
        CHECK_MESSAGE(reading["state"] == "limited", reading.dump());
        CHECK(reading["cause"] == "no_user_read");
        CHECK(contains(reading["remedy"], "kernel.perf_user_access=1"));
        CHECK(reading["value"] > 0);
        CHECK(reading["unit"] == "ns");
    }

    TEST_CASE("the self-test counts the known loop exactly") {
        const Json json = examined({}, {"--self-test"});
        CHECK(json["well"] == true);
        const Json instructions = finding(json, "instructions");
        CHECK_MESSAGE(instructions["state"] == "ok", instructions.dump());
        CHECK(instructions["value"] == 2'000'000);
        CHECK(state(json, "cycles") == "ok");
    }

    TEST_CASE("without /proc and /sys it still tries, and says what it could not read") {
        const process::Setting bare{.in_child = [] {
            if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
                mount("none", "/proc", "tmpfs", 0, nullptr) != 0 || mount("none", "/sys", "tmpfs", 0, nullptr) != 0)
                _exit(99);
        }};
        const Json json = examined(bare);
        CHECK(state(json, "perf_event_open") == "ok");
        for (const char* const id : {"paranoid", "capabilities", "locked_memory", "steal", "smt"})
            CHECK_MESSAGE(state(json, id) == "unknown", finding(json, id).dump());
        CHECK(state(json, "open_files") == "ok"); // the kernel tells this limit by a call too
    }
}
