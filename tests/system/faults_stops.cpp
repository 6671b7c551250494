// SIGSTOP and SIGCONT: to pmcstat, to what it counts, to both.
#include "fault.hpp"
#include "process.hpp"
#include "traced.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <functional>
#include <sstream>
#include <string>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using fault::pmcstat_leaving_nothing;

namespace {

constexpr const char* busy = "i=0; while [ $i -lt 20 ]; do i=$((i+1)); sleep 0.02; done; exit 4";
constexpr int pause_us = 300'000;
constexpr double pause_s = 0.28;

bool stands_still(pid_t pid) {
    const std::string stat = process::read_file("/proc/" + std::to_string(pid) + "/stat");
    return contains(stat, ") T ");
}

void hold(pid_t pid, int signal = SIGSTOP) {
    kill(pid, signal);
    REQUIRE(process::eventually([&] { return stands_still(pid < 0 ? -pid : pid); }));
    usleep(pause_us);
    kill(pid, SIGCONT);
}

process::Setting while_counting(std::function<void(pid_t)> act) {
    process::Setting setting;
    setting.own_group = true;
    setting.while_running = [act = std::move(act)](pid_t pid) {
        fault::await_counting(pid);
        act(pid);
    };
    return setting;
}

pid_t only_child_of(pid_t pid) {
    const std::string task = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid);
    return static_cast<pid_t>(std::stoi(process::read_file(task + "/children")));
}

/// Stops it, and comes back at once: somebody else continues it then.
void stop_for(unsigned microseconds, pid_t pid) {
    kill(pid, SIGSTOP);
    if (fork() != 0)
        return;
    usleep(microseconds);
    kill(pid, SIGCONT);
    _exit(0);
}

/// What a process has used of a CPU.
double cpu_time_of(pid_t pid) {
    const std::string stat = process::read_file("/proc/" + std::to_string(pid) + "/stat");
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i)
        fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// What a run with -I and --summary as ndjson came to.
struct Intervals {
    double longest_s = 0;
    std::size_t number = 0;
    std::size_t idle = 0; ///< with a count of 0
    std::uint64_t sum = 0, total = 0;

    explicit Intervals(const std::string& text) {
        std::istringstream stream(text);
        double end = 0;
        for (std::string line; std::getline(stream, line);) {
            const Json sample = Json::parse(line);
            const Json& count = sample["events"][0]["raw"];
            if (count.is_null())
                CHECK(sum == 0); // as long as it was not seen to count, it is not 0
            const std::uint64_t raw = count.is_null() ? 0 : count.get<std::uint64_t>();
            if (sample.value("summary", false)) {
                total = raw;
                continue;
            }
            const double length = sample["end_s"].get<double>() - sample["start_s"].get<double>();
            CHECK(sample["start_s"] == end);
            CHECK(length > 0);
            end = sample["end_s"];
            longest_s = std::max(longest_s, length);
            sum += raw;
            idle += count == 0 ? 1 : 0;
            ++number;
        }
    }
};

std::vector<std::string> intervals_of(const std::vector<std::string>& what) {
    std::vector<std::string> arguments = {"-e", "task-clock", "-I", "20", "--summary", "--format", "ndjson"};
    arguments.insert(arguments.end(), what.begin(), what.end());
    return arguments;
}

} // namespace

TEST_SUITE("faults stops") {
    TEST_CASE("a pmcstat that is stopped counts on: what it missed is one long interval, and the command goes on") {
        const Outcome run = pmcstat_leaving_nothing(intervals_of({"--", "sh", "-c", busy}),
                                                    while_counting([](pid_t pid) { hold(pid); }));
        CHECK(run.status == 4);
        const Intervals intervals(run.err);
        CHECK(intervals.longest_s >= pause_s);
        CHECK(intervals.sum == intervals.total);
        CHECK(intervals.total > 0);
    }

    TEST_CASE("a command that is stopped did nothing then, which is known, and takes longer") {
        const Outcome run = pmcstat_leaving_nothing(intervals_of({"--", "sh", "-c", busy}),
                                                    while_counting([](pid_t pid) { hold(only_child_of(pid)); }));
        CHECK(run.status == 4);
        const Intervals intervals(run.err);
        CHECK(intervals.idle >= 5);
        CHECK(intervals.number >= 15);
        CHECK(intervals.sum == intervals.total);
    }

    TEST_CASE("Ctrl-Z and fg: pmcstat and the command stand still together, and go on") {
        const Outcome run = pmcstat_leaving_nothing(intervals_of({"--", "sh", "-c", busy}),
                                                    while_counting([](pid_t pid) { hold(-pid, SIGTSTP); }));
        CHECK(run.status == 4);
        const Intervals intervals(run.err);
        CHECK(intervals.longest_s >= pause_s);
        CHECK(intervals.sum == intervals.total);
    }

    TEST_CASE("a process that is stopped has not ended, and a pmcstat that is stopped counts it on") {
        const fault::Target target("while :; do sleep 0.001; done");
        for (const bool of_target : {true, false}) {
            const Outcome run =
                pmcstat_leaving_nothing(intervals_of({"-p", target.pid()}), while_counting([&](pid_t pid) {
                                            usleep(50'000); // it has run by then
                                            hold(of_target ? target.id() : pid);
                                            usleep(50'000);
                                            kill(pid, SIGINT);
                                        }));
            CHECK(run.status == 130);
            const Intervals intervals(run.err);
            CHECK((of_target ? intervals.idle >= 5 : intervals.longest_s >= pause_s));
            CHECK(intervals.sum == intervals.total);
            CHECK(intervals.total > 0);
        }
    }

    TEST_CASE("--timeout ends a command that stands still, and comes at once when pmcstat goes on too late") {
        const Outcome still =
            pmcstat_leaving_nothing({"-e", "task-clock", "--timeout", "300", "--", "sleep", "50"},
                                    while_counting([](pid_t pid) { kill(only_child_of(pid), SIGSTOP); }));
        CHECK(still.status == 124);
        CHECK(contains(still.err, "task-clock"));
        for (const std::vector<std::string>& what :
             {std::vector<std::string>{"--", "sleep", "50"}, std::vector<std::string>{"-a"},
              std::vector<std::string>{"-p", std::to_string(getpid())}}) {
            std::vector<std::string> arguments = {"-e", "task-clock", "--timeout", "100"};
            arguments.insert(arguments.end(), what.begin(), what.end());
            const Outcome late = pmcstat_leaving_nothing(arguments, while_counting([](pid_t pid) { hold(pid); }));
            CHECK(late.status == 124);
            CHECK(contains(late.err, "task-clock"));
        }
    }

    TEST_CASE("a signal to a command that stands still waits for SIGCONT, as without pmcstat") {
        const Outcome run =
            pmcstat_leaving_nothing({"-e", "task-clock", "--", "sleep", "50"}, while_counting([](pid_t pid) {
                                        const pid_t command = only_child_of(pid);
                                        kill(command, SIGSTOP);
                                        REQUIRE(process::eventually([&] { return stands_still(command); }));
                                        kill(pid, SIGTERM);
                                        usleep(100'000);
                                        CHECK(stands_still(command));
                                        kill(command, SIGCONT);
                                    }));
        CHECK(run.status == 143);
        CHECK(contains(run.err, "task-clock"));
    }

    TEST_CASE("SIGCONT to who runs already changes nothing") {
        const auto both = [](pid_t pid) { kill(-pid, SIGCONT); };
        const Outcome run =
            pmcstat_leaving_nothing({"-e", "task-clock", "--", "sh", "-c", "sleep 0.1; exit 5"}, while_counting(both));
        CHECK(run.status == 5);
        CHECK(pmcstat_leaving_nothing({"-e", "task-clock", "-a", "--timeout", "100"}, while_counting(both)).status ==
              124);
        const std::string own = std::to_string(getpid());
        CHECK(
            pmcstat_leaving_nothing({"-e", "task-clock", "-p", own, "--timeout", "100"}, while_counting(both)).status ==
            124);
    }

    TEST_CASE("a command that ends while somebody traces it: pmcstat waits for its status, idly, and hears signals") {
        double used_s = 1;
        const auto trace = [&](pid_t pid) {
            const pid_t command = only_child_of(pid);
            REQUIRE(ptrace(PTRACE_SEIZE, command, nullptr, nullptr) == 0);
            kill(command, SIGUSR1); // "now"
            siginfo_t end{};
            while (waitid(P_PID, static_cast<id_t>(command), &end, WEXITED | WSTOPPED | WNOWAIT) == 0 &&
                   end.si_code == CLD_TRAPPED) {
                int status = 0;
                waitpid(command, &status, 0);
                const bool is_signal = status >> 16 == 0;
                ptrace(PTRACE_CONT, command, nullptr, is_signal ? WSTOPSIG(status) : 0);
            }
            const double before_s = cpu_time_of(pid);
            kill(pid, SIGUSR2);
            usleep(pause_us);
            used_s = cpu_time_of(pid) - before_s;
            CHECK(process::alive(pid));
            waitpid(command, nullptr, 0);
        };
        const std::string script = "trap 'exit 7' USR1; trap : USR2; while :; do sleep 0.01; done";
        const Outcome plain =
            pmcstat_leaving_nothing({"-e", "task-clock", "--", "sh", "-c", script}, while_counting(trace));
        CHECK(plain.status == 7);
        CHECK(contains(plain.err, "task-clock"));
        CHECK(used_s < pause_s / 2); // it would take all of it
        const Outcome intervals =
            pmcstat_leaving_nothing(intervals_of({"--", "sh", "-c", script}), while_counting(trace));
        CHECK(intervals.status == 7);
        CHECK(Intervals(intervals.err).sum == Intervals(intervals.err).total);
    }

    TEST_CASE("pmcstat stopped and continued at calls all over a run, and over the counting of all CPUs") {
        const auto stop_for_a_moment = [](pid_t pid) { stop_for(5'000, pid); };
        const std::vector<std::vector<std::string>> runs = {
            {"-e", "task-clock", "--", "sh", "-c", "sleep 0.01; exit 3"},
            {"-e", "task-clock", "-a", "-I", "5", "--count", "2"}};
        for (const std::vector<std::string>& arguments : runs) {
            bool has_reached = true;
            for (int call = 1; has_reached; call += 13) {
                CAPTURE(call);
                const traced::Run run = traced::pmcstat_at(call, arguments, stop_for_a_moment);
                has_reached = run.has_reached;
                CHECK(run.outcome.status == (arguments == runs.front() ? 3 : 0));
                CHECK(contains(run.outcome.err, "task-clock"));
                while (waitpid(-1, nullptr, WNOHANG) > 0) {
                }
            }
        }
    }

    TEST_CASE("a command that ends after an interval was due and before it is counted has ended all the same") {
        const auto hold_after_first_wait = [](pid_t pid) {
            bool waits = false;
            for (bool has_waited = false; !has_waited;) {
                int status = 0;
                ptrace(PTRACE_SYSCALL, pid, nullptr, 0);
                if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
                    return;
                __ptrace_syscall_info info{};
                ptrace(static_cast<__ptrace_request>(PTRACE_GET_SYSCALL_INFO), pid, sizeof info, &info);
                has_waited = waits && info.op == PTRACE_SYSCALL_INFO_EXIT;
                waits = info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_ppoll;
            }
            usleep(pause_us);
        };
        const traced::Run run = traced::pmcstat_at(
            1, {"-e", "task-clock", "-I", "5", "--", "sh", "-c", "sleep 0.05; exit 3"}, hold_after_first_wait);
        CHECK(run.outcome.status == 3);
        CHECK(contains(run.outcome.err, "task-clock"));
    }
}
