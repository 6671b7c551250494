// Whoever runs where: a PMU's counts of other processes, CPUs and cgroups. Two CPUs, whose counts QEMU's icount makes
// exact only for a program that stays on one.
#include "process.hpp"

#include <csignal>
#include <doctest/doctest.h>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using process::pmcstat;
using process::program;

namespace {

constexpr std::uint64_t exact = 1'000'000;

Json document(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--format", "json"});
    const Outcome outcome = pmcstat(std::move(arguments));
    CAPTURE(outcome.err);
    REQUIRE(outcome.status == 0);
    return Json::parse(outcome.err);
}

std::uint64_t raw(const Json& sample, const std::string& event) {
    const Json found = find_by(sample["events"], "name", event);
    REQUIRE_MESSAGE(found["raw"].is_number(), sample.dump(1));
    return found["raw"];
}

Json row(const Json& result, const std::string& id) {
    const Json found = find_by(result["samples"], "id", id);
    REQUIRE_MESSAGE(found.is_object(), "no row ", id, " in ", result.dump(1));
    return found;
}

/// A process that waits at a fifo, then becomes the program of a million instructions, on CPU 1.
class Waiting {
public:
    Waiting() : fifo_(process::scratch() + "/go") {
        mkfifo(fifo_.c_str(), 0600);
        const std::string script =
            "taskset -p 2 $$ >/dev/null; read go <" + fifo_ + "; exec " + program("exact_1000000");
        pid_ = fork();
        if (pid_ == 0) {
            execlp("sh", "sh", "-c", script.c_str(), nullptr);
            _exit(127);
        }
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() { waitpid(pid_, nullptr, 0); }
    [[nodiscard]] std::string pid() const { return std::to_string(pid_); }
    /// perf stat -p takes one that was not waited for as still running.
    void finish() const {
        std::ofstream(fifo_) << "go\n";
        waitpid(pid_, nullptr, 0);
    }

private:
    std::string fifo_;
    pid_t pid_ = -1;
};

/// A cgroup of its own, below the root of version 2's hierarchy.
class Cgroup {
public:
    explicit Cgroup(const std::string& name) : path_("/sys/fs/cgroup/" + name) { mkdir(path_.c_str(), 0755); }
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;
    ~Cgroup() {
        process::eventually([this] { return rmdir(path_.c_str()) == 0; });
    }
    [[nodiscard]] std::string procs() const { return path_ + "/cgroup.procs"; }

private:
    std::string path_;
};

std::string in_cgroup(const Cgroup& cgroup, const std::string& command) {
    return "sh -c 'echo $$ >" + cgroup.procs() + "; exec " + command + "'";
}

} // namespace

TEST_SUITE("lab scopes") {
    TEST_CASE("-A: a row for each CPU, with what ran there") {
        const Json result =
            document({"-a", "-A", "-e", "instructions:u,ipc", "--", "taskset", "2", program("exact_1000000")});
        REQUIRE(result["samples"].size() == 2);
        CHECK(raw(row(result, "1"), "instructions:u") >= exact);
        CHECK(raw(row(result, "0"), "instructions:u") < exact); // pmcstat's own
        for (const Json& sample : result["samples"]) {
            CHECK(sample["scope"] == "cpu");
            CHECK(find_by(sample["metrics"], "id", "ipc")["value"].is_number());
        }
    }

    TEST_CASE("the text has a row per CPU too") {
        const Outcome outcome = pmcstat({"-a", "-A", "-e", "ipc", "--", "sleep", "1"});
        CHECK(outcome.status == 0);
        CAPTURE(outcome.err);
        CHECK(contains(outcome.err, "\n  cpu"));
        CHECK(contains(outcome.err, "\n  0 "));
        CHECK(contains(outcome.err, "\n  1 "));
    }

    TEST_CASE("-C: one CPU has what ran there, the other has not") {
        const std::vector<std::string> command{"--", "taskset", "2", program("exact_1000000")};
        const auto on = [&](const char* cpu) {
            std::vector<std::string> arguments{"-C", cpu, "-e", "instructions:u"};
            arguments.insert(arguments.end(), command.begin(), command.end());
            return raw(document(arguments)["samples"][0], "instructions:u");
        };
        CHECK(on("1") >= exact);
        CHECK(on("0") < exact);
        CHECK(on("0-1") >= exact);
    }

    TEST_CASE("-p beside perf stat -p: the same process, the same instructions") {
        const Waiting target;
        Outcome theirs;
        std::thread perf([&] {
            theirs = process::run({"perf", "stat", "-p", target.pid(), "-x,", "-e", "instructions:u"});
        });
        std::thread release([&] {
            process::eventually([] { return false; }); // ten seconds of the guest's time: both are attached by then
            target.finish();
        });
        const Json result = document({"-p", target.pid(), "-e", "instructions:u"});
        release.join();
        perf.join();
        const std::uint64_t counted = raw(result["samples"][0], "instructions:u");
        CHECK(counted >= exact);
        CAPTURE(theirs.err);
        CHECK(std::stoull(theirs.err) == counted);
    }

    TEST_CASE("a CPU that goes offline and comes back is counted on, and keeps what it had") {
        const std::string online = "/sys/devices/system/cpu/cpu1/online";
        const std::string script = "taskset 2 " + program("exact_1000000") + "; echo 0 >" + online +
                                   "; sleep 0.3; echo 1 >" + online + "; sleep 0.3; taskset 2 " +
                                   program("exact_1000000") + "; sleep 0.2";
        for (const bool intervals : {false, true}) {
            CAPTURE(intervals);
            std::vector<std::string> arguments{"-a", "-A", "-e", "instructions:u,cycles:u"};
            if (intervals)
                arguments.insert(arguments.end(), {"-I", "50", "--summary"});
            arguments.insert(arguments.end(), {"--", "sh", "-c", script});
            const Json result = document(arguments);
            std::uint64_t total = 0;
            std::uint64_t sum = 0;
            for (const Json& sample : result["samples"]) {
                if (sample["id"] != "1")
                    continue;
                const bool is_total = !intervals || sample.contains("summary");
                const Json event = find_by(sample["events"], "name", "instructions:u");
                (is_total ? total : sum) += event["raw"].is_number() ? event["raw"].get<std::uint64_t>() : 0;
            }
            CHECK(total >= 2 * exact);
            CHECK(total < 3 * exact + exact / 2); // not counted twice: taskset and sh have a few hundred thousand
            if (intervals)
                CHECK(sum == total);
        }
    }

    TEST_CASE("an offline CPU is told, the others are counted; none online is an error") {
        const std::string online = "/sys/devices/system/cpu/cpu1/online";
        std::ofstream(online) << "0";
        const Outcome some = pmcstat({"-C", "0,1", "-e", "cycles", "--", "true"});
        const Outcome none = pmcstat({"-C", "1", "-e", "cycles", "--", "true"});
        std::ofstream(online) << "1";
        CHECK(some.status == 0);
        CHECK(contains(some.err, "CPU 1: "));
        CHECK(none.status == 125);
        CHECK(contains(none.err, "online"));
    }

    TEST_CASE("as long as cgroups have no controllers, it says so; then each has what its own threads did") {
        const Cgroup busy("pmc-busy");
        const Cgroup idle("pmc-idle");
        const Outcome before = pmcstat({"-G", "pmc-busy", "-e", "instructions:u", "--", "true"});
        CHECK(before.status == 0);
        CHECK(contains(before.err, "no controller was ever enabled"));
        std::ofstream("/sys/fs/cgroup/cgroup.subtree_control") << "+pids\n";
        const std::string command = in_cgroup(busy, "taskset 2 " + program("exact_1000000"));
        const Json named = document({"-G", "pmc-busy,pmc-idle", "-e", "instructions:u,ipc", "--", "sh", "-c", command});
        CHECK(raw(row(named, "pmc-busy"), "instructions:u") >= exact);
        CHECK(row(named, "pmc-busy")["scope"] == "cgroup");
        const Json nothing = find_by(row(named, "pmc-idle")["events"], "name", "instructions:u");
        CHECK(nothing["state"] == "not counted");
        CHECK(nothing["cause"] == "never_ran");
        const Json matched =
            document({"--for-each-cgroup", "^pmc-", "-A", "-e", "instructions:u", "--", "sh", "-c", command});
        REQUIRE(matched["samples"].size() == 4);
        for (const Json& sample : matched["samples"])
            if (sample["cgroup"] == "pmc-busy" && sample["id"] == "1")
                CHECK(raw(sample, "instructions:u") >= exact);
    }

    TEST_CASE("whoever may not count others is told so, in a line") {
        process::Setting nobody;
        nobody.in_child = [] { (void)!setuid(65534); };
        const std::string setting = "/proc/sys/kernel/perf_event_paranoid";
        const std::string before = process::read_file(setting);
        for (const char* const level : {"2", "3"}) {
            std::ofstream(setting) << level;
            for (const std::vector<std::string>& target :
                 {std::vector<std::string>{"-p", "1"}, {"-a"}, {"-C", "0"}, {"-G", "/"}}) {
                std::vector<std::string> arguments = target;
                arguments.insert(arguments.end(), {"-e", "cycles", "--", "true"});
                const Outcome outcome = pmcstat(arguments, nobody);
                CAPTURE(outcome.err);
                CHECK(outcome.status == 125);
                CHECK(contains(outcome.err, "hint: "));
                if (target.front() == "-p" && level == std::string("2")) { // no level would let it be counted
                    CHECK(contains(outcome.err, "another user's"));
                    CHECK_FALSE(contains(outcome.err, "sysctl"));
                    continue;
                }
                CHECK(contains(outcome.err, std::string("kernel.perf_event_paranoid is ") + level));
                if (target.front() != "-p")
                    CHECK(contains(outcome.err, "kernel.perf_event_paranoid=0"));
            }
        }
        std::ofstream(setting) << before;
    }

    TEST_CASE("a command that execs a setuid program is reported as far as it may be counted") {
        const std::string folder = process::scratch();
        const std::string suid = folder + "/suid";
        std::ofstream(suid, std::ios::binary) << std::ifstream(program("exact_1000000"), std::ios::binary).rdbuf();
        chmod(suid.c_str(), 04755);
        chmod(folder.c_str(), 0755);
        process::Setting nobody;
        nobody.in_child = [] { (void)!setuid(65534); };
        const Outcome outcome = pmcstat({"-e", "instructions:u,task-clock", "--", "sh", "-c", "exec " + suid}, nobody);
        CAPTURE(outcome.err);
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.err, "instructions:u"));
        CHECK(contains(outcome.err, "task-clock"));
    }
}
