// What really counts: the lab's PMU is QEMU's PMUv3 with -icount, where a program's instructions are exact.
#include "process.hpp"
#include "rival.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using process::pmcstat;
using process::program;

namespace {

Json count(const std::string& list, std::vector<std::string> command, std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"--format", "json", "-e", list, "--"});
    options.insert(options.end(), command.begin(), command.end());
    const Outcome outcome = pmcstat(options);
    CAPTURE(outcome.err);
    REQUIRE(outcome.status == 0);
    return Json::parse(outcome.err)["samples"][0];
}

Json event(const Json& sample, const std::string& name) {
    const Json found = find_by(sample["events"], "name", name);
    REQUIRE_MESSAGE(found.is_object(), name, " is missing in ", sample.dump(1));
    return found;
}

double scaled(const Json& one) {
    REQUIRE_MESSAGE(one["raw"].is_number(), one.dump());
    return one["raw"].get<double>() * one["enabled_ns"].get<double>() / one["running_ns"].get<double>();
}

/// Keeps a CPU busy while something else is counted.
class Load {
public:
    Load() : pid_(fork()) {
        if (pid_ == 0)
            for (;;)
                asm volatile("");
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }

private:
    pid_t pid_;
};

} // namespace

TEST_SUITE("lab counts") {
    TEST_CASE("a program of a known number of instructions counts as exactly that") {
        for (int i = 0; i < 3; ++i) {
            CHECK(event(count("instructions:u", {program("exact_1000000")}), "instructions:u")["raw"] == 1'000'000);
            CHECK(event(count("instructions:u", {program("exact_1000001")}), "instructions:u")["raw"] == 1'000'001);
        }
    }

    TEST_CASE("it stays exact under load, and beside other events") {
        const Load load;
        for (int i = 0; i < 3; ++i) {
            const Json sample = count("ipc,instructions:u,cycles:u,task-clock,page-faults", {program("exact_1000000")});
            CHECK(event(sample, "instructions:u")["raw"] == 1'000'000);
            CHECK(event(sample, "instructions:u")["running_ns"] == event(sample, "instructions:u")["enabled_ns"]);
        }
    }

    TEST_CASE("the libpfm4, raw, sysfs and table names of an event count the same") {
        const Json sample = count("instructions:u,r8:u,armv8_pmuv3/inst_retired/:u,armv8_pmuv3/event=0x8/u",
                                  {program("exact_1000000")});
        for (const Json& one : sample["events"])
            CHECK_MESSAGE(one["raw"] == 1'000'000, one.dump());
        const Json by_pfm = count("arm_n1::INST_RETIRED:u", {program("exact_1000000")});
        CHECK_MESSAGE(event(by_pfm, "arm_n1::INST_RETIRED:u")["raw"] == 1'000'000, by_pfm.dump());
    }

    TEST_CASE("ipc is near 1 with shift=0, and says what it was made of") {
        const Json sample = count("ipc", {program("workers"), "rounds", "5000000"});
        const Json ipc = find_by(sample["metrics"], "id", "ipc");
        CHECK(ipc["value"].get<double>() == doctest::Approx(1.0).epsilon(0.02));
        CHECK(ipc["coverage"] == 1.0);
        CHECK(ipc["operands"][0]["role"] == "instructions");
        const Outcome text = pmcstat({"-e", "ipc", "--", program("workers"), "rounds", "5000000"});
        CHECK(contains(text.err, "instructions / "));
        CHECK(contains(text.err, "counted 100 % of the time"));
    }

    TEST_CASE("user and kernel add up") {
        const Json sample =
            count("{instructions:u,instructions:k,instructions:uk}", {program("workers"), "faults", "500"});
        const auto raw = [&](const char* name) { return event(sample, name)["raw"].get<double>(); };
        CHECK(raw("instructions:k") > 10'000);
        CHECK(std::fabs(raw("instructions:u") + raw("instructions:k") - raw("instructions:uk")) < 1000);
    }

    TEST_CASE("twelve events on seven counters are multiplexed, marked, and within 5 %") {
        std::string list;
        for (const char* const name : {"cycles", "instructions", "stalled-cycles-frontend", "stalled-cycles-backend"})
            for (const char* const mode : {"", ":u", ":k"})
                list += std::string(list.empty() ? "" : ",") + name + mode;
        const Json alone = count("instructions:u,instructions,cycles", {program("workers"), "rounds", "100000000"});
        const Json sample = count(list, {program("workers"), "rounds", "100000000"});
        REQUIRE(sample["events"].size() == 12);
        int multiplexed = 0;
        for (const Json& one : sample["events"]) {
            REQUIRE_MESSAGE(one["raw"].is_number(), one.dump());
            if (one["running_ns"] < one["enabled_ns"])
                ++multiplexed;
        }
        CHECK(multiplexed >= 5);
        for (const char* const name : {"instructions:u", "instructions", "cycles"})
            CHECK_MESSAGE(scaled(event(sample, name)) == doctest::Approx(scaled(event(alone, name))).epsilon(0.05),
                          name);
        const Outcome text = pmcstat({"-e", list, "--", program("workers"), "spin", "200"});
        CHECK_MESSAGE(contains(text.err, "counted "), text.err);
        CHECK_FALSE_MESSAGE(contains(text.err, "counted 100 % of the time"), text.err);
    }

    TEST_CASE("a metric stays whole when the set is multiplexed") {
        const Json sample =
            count("ipc,stalls,cycles:u,cycles:k,instructions:u,instructions:k,stalled-cycles-frontend:u,"
                  "stalled-cycles-backend:u",
                  {program("workers"), "rounds", "50000000"});
        CHECK(find_by(sample["metrics"], "id", "ipc")["value"].get<double>() == doctest::Approx(1.0).epsilon(0.02));
    }

    TEST_CASE("threads and children are counted whole") {
        const std::string workers = program("workers");
        const double few = event(count("instructions:u", {workers, "threads", "3", "10"}), "instructions:u")["raw"];
        const double many =
            event(count("instructions:u", {workers, "threads", "3", "1000010"}), "instructions:u")["raw"];
        CHECK(many - few == doctest::Approx(3 * 2'000'000).epsilon(0.002));
        const double short_forks =
            event(count("instructions:u", {workers, "forks", "3", "10"}), "instructions:u")["raw"];
        const double long_forks =
            event(count("instructions:u", {workers, "forks", "3", "1000010"}), "instructions:u")["raw"];
        CHECK(long_forks - short_forks == doctest::Approx(6 * 2'000'000).epsilon(0.002));
    }

    TEST_CASE("a group that can never run is not counted, and says why") {
        // Eight that are all different, so that none can be left out: seven counters, one of them for cycles alone.
        const std::string group =
            "{instructions:u,instructions:k,instructions,stalled-cycles-frontend:u,stalled-cycles-frontend:k,"
            "stalled-cycles-backend:u,stalled-cycles-backend:k,stalled-cycles-backend}";
        const Json sample = count(group + ",task-clock", {program("exact_1000000")});
        CHECK(event(sample, "task-clock")["raw"] > 0);
        for (const Json& one : sample["events"]) {
            if (one["name"] == "task-clock")
                continue;
            CHECK_MESSAGE(one["raw"].is_null(), one.dump());
            CHECK_MESSAGE(one["state"].is_string(), one.dump());
            CHECK_MESSAGE(one["reason"].is_string(), one.dump());
        }
    }

    TEST_CASE("what opens and never runs is not counted, and says why: somebody else has pinned every counter") {
        const Rival rival = Rival::on_cpu(0);
        const Json sample = count("instructions:u,cycles:u,ipc,task-clock", {program("exact_1000000")});
        CHECK(event(sample, "task-clock")["raw"] > 0);
        for (const char* const name : {"instructions:u", "cycles:u"}) {
            const Json one = event(sample, name);
            CHECK_MESSAGE(one["raw"].is_null(), one.dump());
            CHECK_MESSAGE(one["state"] == "not counted", one.dump());
            CHECK_MESSAGE(one["cause"] == "never_scheduled", one.dump());
        }
        const Json ipc = find_by(sample["metrics"], "id", "ipc");
        CHECK_MESSAGE(ipc["value"].is_null(), ipc.dump());
        CHECK_MESSAGE(ipc["reason"].is_string(), ipc.dump());
    }

    TEST_CASE("a metric that this CPU has no events for is not available, not 0") {
        const Json sample = count("llc,branch,ipc", {"true"});
        for (const char* const id : {"llc.miss_ratio", "llc.mpki", "branch.miss_ratio"}) {
            const Json metric = find_by(sample["metrics"], "id", id);
            CHECK_MESSAGE(metric["value"].is_null(), metric.dump());
            CHECK_MESSAGE(metric["cause"] == "not_on_this_cpu", metric.dump());
        }
        CHECK(find_by(sample["metrics"], "id", "ipc")["value"].is_number());
    }

    TEST_CASE("an architected code that the PMU does not advertise is never opened") {
        const Json sample = count("r3:u,instructions:u", {"true"});
        CHECK_MESSAGE(event(sample, "r3:u")["raw"].is_null(), sample.dump(1));
    }

    TEST_CASE("frequency is that of the virtual clock, 1 GHz") {
        const Json sample = count("frequency", {program("workers"), "rounds", "20000000"});
        CHECK(find_by(sample["metrics"], "id", "frequency")["value"].get<double>() ==
              doctest::Approx(1.0).epsilon(0.05));
    }
}

TEST_SUITE("lab witness") {
    TEST_CASE("perf stat agrees on instructions:u") {
        const auto perf = [](const std::vector<std::string>& command) {
            std::vector<std::string> argv = {"perf", "stat", "-x", ",", "-e", "instructions:u", "--"};
            argv.insert(argv.end(), command.begin(), command.end());
            const Outcome outcome = process::run(argv);
            CAPTURE(outcome.err);
            REQUIRE(outcome.status == 0);
            return std::stod(outcome.err);
        };
        CHECK(perf({program("exact_1000000")}) == 1'000'000);
        const std::vector<std::string> command = {program("workers"), "threads", "2", "3000000"};
        const double ours = event(count("instructions:u", command), "instructions:u")["raw"];
        CHECK(ours == doctest::Approx(perf(command)).epsilon(0.01));
    }
}
