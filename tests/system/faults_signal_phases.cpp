#include "fault.hpp"
#include "process.hpp"
#include "traced.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

namespace fs = std::filesystem;

using fault::with;

namespace {

/// A signal at each (each `step`th) system call that pmcstat makes, from its first to its last: before it counts, while
/// the command is spawned, while it counts, while it writes, afterwards. Returns how many there were.
template <typename Check>
int at_every_call(const std::vector<std::string>& arguments, int signal, int step, const Check& check) {
    constexpr int too_many = 20'000;
    for (int call = 1; call < too_many; call += step) {
        const traced::Run run = traced::pmcstat_at(call, arguments, [signal](pid_t pid) { kill(pid, signal); });
        if (!run.has_reached)
            return call;
        CAPTURE(call);
        CAPTURE(signal);
        check(run);
    }
    return too_many;
}

std::vector<std::string> beside(const std::string& file) {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(file).parent_path()))
        names.push_back(entry.path().filename());
    return names;
}

/// A folder of its own for one report.
std::string report_file(const std::string& name) {
    const std::string folder = process::scratch() + "/" + name;
    fs::create_directory(folder);
    return folder + "/report";
}

/// All lines of a text report of task-clock, once.
bool is_whole(const std::string& report) {
    const std::size_t first = report.find("  task-clock ");
    const std::size_t last = report.find("  time ");
    return first != std::string::npos && last != std::string::npos && report.ends_with("\n") &&
           report.find("  task-clock ", first + 1) == std::string::npos;
}

const std::vector<std::string> short_command = {"--", "sh", "-c", "echo began; sleep 0.01; echo ended"};
constexpr const char* all_of_it = "began\nended\n";

/// What holds of a run that counts a command, whenever the signal came.
void check_run(const traced::Run& run, int signal, const std::string& report) {
    const std::string& out = run.outcome.out;
    CHECK((run.outcome.status == 0 || run.outcome.status == 128 + signal));
    if (run.was_killed) {
        // Before it took signals, and then the command was never there; or when all was done.
        const bool was_before = out.empty() && report.empty();
        const bool was_after = out == all_of_it && is_whole(report);
        CHECK((was_before || was_after));
        return;
    }
    CHECK(is_whole(report));
    if (run.outcome.status == 0)
        CHECK(out == all_of_it);
}

} // namespace

TEST_SUITE("faults signal phases") {
    TEST_CASE("SIGTERM and SIGINT at every system call of a run: the status, the report, and nothing left") {
        for (const int signal : {SIGTERM, SIGINT}) {
            const std::string file = report_file("run" + std::to_string(signal));
            const int calls = at_every_call(with({"-e", "task-clock", "-o", file}, short_command), signal, 1,
                                            [&](const traced::Run& run) {
                                                check_run(run, signal, process::read_file(file));
                                                CHECK(run.outcome.err.empty());
                                                CHECK(beside(file).size() <= 1); // no second one, half-written
                                                for (const std::string& name : beside(file))
                                                    fs::remove(fs::path(file).parent_path() / name);
                                            });
            CHECK(calls > 50);
            CHECK(calls < 2000);
        }
    }

    TEST_CASE("Ctrl-C at a terminal that comes before the command is there ends it all the same") {
        // Long enough to be there still when pmcstat gets to pass it on, however busy the machine.
        const std::vector<std::string> command = {"--", "sh", "-c", "exec sleep 20"};
        int before = 0; // calls after which the command was yet to come, and signals were taken already
        for (int call = 1; call < 2000; call += 3) {
            const fault::Terminal terminal;
            bool has_command = false;
            process::Setting setting;
            setting.in_child = [&] { terminal.take(); };
            const auto press = [&](pid_t pid) {
                const std::string task = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid);
                has_command = !process::read_file(task + "/children").empty();
                terminal.type(fault::Terminal::ctrl_c);
                // The terminal passes it on when it comes to it.
                process::eventually([&] {
                    return !contains(process::read_file("/proc/" + std::to_string(pid) + "/status"),
                                     "ShdPnd:\t0000000000000000");
                });
            };
            const traced::Run run = traced::pmcstat_at(call, with({"-e", "task-clock"}, command), press, setting);
            if (!run.has_reached || has_command)
                break;
            CAPTURE(call);
            CHECK(run.outcome.status == 130);
            before += run.was_killed ? 0 : 1;
        }
        CHECK(before > 0);
    }

    TEST_CASE("SIGHUP and SIGQUIT at every seventh system call of a run") {
        for (const int signal : {SIGHUP, SIGQUIT})
            at_every_call(with({"-e", "task-clock"}, short_command), signal, 7,
                          [&](const traced::Run& run) { check_run(run, signal, run.outcome.err); });
    }

    TEST_CASE("a signal at any call of a run with intervals, or of several runs, is as at any of one") {
        const auto status_and_report = [](const traced::Run& run) {
            CHECK((run.outcome.status == 0 || run.outcome.status == 143));
            if (!run.was_killed)
                CHECK(contains(run.outcome.err, "task-clock"));
        };
        at_every_call(with({"-e", "task-clock", "-I", "3"}, short_command), SIGTERM, 9, status_and_report);
        at_every_call({"-e", "task-clock", "-r", "3", "--", "sleep", "0.005"}, SIGTERM, 9, status_and_report);
    }

    TEST_CASE("every signal that ends, at calls all over the counting of CPUs and of a process: 128+N and the report") {
        for (const std::vector<std::string>& target :
             {std::vector<std::string>{"-a"}, std::vector<std::string>{"-p", std::to_string(getpid())}})
            for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
                const std::vector<std::string> arguments =
                    with({"-e", "task-clock", "-I", "5", "--count", "2"}, target);
                if (fault::are_refused(arguments))
                    continue;
                at_every_call(arguments, signal, 15, [&](const traced::Run& run) {
                    CHECK((run.outcome.status == 0 || run.outcome.status == 128 + signal));
                    if (!run.was_killed)
                        CHECK(contains(run.outcome.err, "task-clock"));
                });
            }
    }
}
