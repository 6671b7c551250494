// Signals at moments, and in numbers, that tests/system/signals.cpp does not have.
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using fault::pmcstat_leaving_nothing;
using fault::with;

namespace {

const std::vector<int> ending_signals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

std::string fresh(const std::string& name) {
    std::string path = process::scratch() + "/" + name;
    unlink(path.c_str());
    return path;
}

pid_t pid_in(const std::string& file) {
    return static_cast<pid_t>(std::atoi(process::read_file(file).c_str()));
}

/// A shell's words that write its last background process's pid, all at once.
std::string job_to(const std::string& file) {
    return " & echo $! > " + file + ".new; mv " + file + ".new " + file;
}

/// `act`s on pmcstat as soon as the file is there.
process::Setting once_there(const std::string& file, std::function<void(pid_t)> act) {
    process::Setting setting;
    setting.while_running = [file, act = std::move(act)](pid_t pid) {
        REQUIRE(process::eventually([&] { return process::exists(file); }));
        act(pid);
    };
    return setting;
}

/// `act`s on pmcstat once it waits, with all open.
process::Setting once_waiting(std::function<void(pid_t)> act) {
    process::Setting setting;
    setting.while_running = [act = std::move(act)](pid_t pid) {
        fault::await_counting(pid);
        act(pid);
    };
    return setting;
}

/// Without a command: all CPUs, or, for who may not count those, this process.
std::vector<std::string> all_or_this() {
    if (fault::may_count_cpus())
        return {"-e", "task-clock", "-a"};
    return {"-e", "task-clock", "-p", std::to_string(getpid())};
}

pid_t parent_of(pid_t pid) {
    const std::string stat = process::read_file("/proc/" + std::to_string(pid) + "/stat");
    return static_cast<pid_t>(std::atoi(stat.c_str() + stat.rfind(") ") + 4)); // after the state
}

} // namespace

TEST_SUITE("faults signals") {
    TEST_CASE("Ctrl-C ends the background jobs too, which ignore it and lose their shell at once") {
        const std::string file = fresh("job");
        process::Setting setting = once_there(file, [&](pid_t pid) {
            const pid_t shell = parent_of(pid_in(file));
            kill(pid, SIGSTOP); // The shell is often faster; here always.
            kill(-pid, SIGINT);
            REQUIRE(process::eventually([&] { return !process::alive(shell); }));
            kill(pid, SIGCONT);
        });
        setting.own_group = true;
        const Outcome run = pmcstat_leaving_nothing(
            {"-e", "task-clock", "--", "sh", "-c", "(trap '' INT; exec sleep 50)" + job_to(file) + "; wait"}, setting);
        CHECK(run.status == 130);
        CHECK(contains(run.err, "task-clock"));
        CHECK_FALSE(process::alive(pid_in(file)));
    }

    TEST_CASE("a terminal hangs up: its session's leader alone is told, and passes it on") {
        const std::string file = fresh("ready");
        fault::Terminal terminal;
        process::Setting setting = once_there(file, [&](pid_t) { terminal.hang_up(); });
        setting.in_child = [&] { terminal.take(); };
        const Outcome run = pmcstat_leaving_nothing(
            {"-e", "task-clock", "--timeout", "30000", "--", "sh", "-c", "touch " + file + "; exec sleep 50"}, setting);
        CHECK(run.status == 129);
        CHECK(contains(run.err, "task-clock"));
    }

    TEST_CASE("a daemon is left alone when the command ends by itself, and ended when that was told to end") {
        const std::string file = fresh("daemon");
        const std::string daemon = "(setsid sleep 50" + job_to(file) + ")";
        CHECK(process::pmcstat({"-e", "task-clock", "--", "sh", "-c", daemon}).status == 0);
        CHECK(process::alive(pid_in(file)));
        kill(pid_in(file), SIGKILL);
        unlink(file.c_str());
        const Outcome told = pmcstat_leaving_nothing({"-e", "task-clock", "--", "sh", "-c", daemon + "; exec sleep 50"},
                                                     once_there(file, [](pid_t pid) { kill(pid, SIGTERM); }));
        CHECK(told.status == 143);
        CHECK_FALSE(process::alive(pid_in(file)));
    }

    TEST_CASE("what runs already when pmcstat takes a shell's place is none of its command's") {
        const std::string file = fresh("before");
        const Outcome run = process::run(
            {"sh", "-c",
             "sleep 50" + job_to(file) + "; exec " + process::pmcstat_path() + " -e task-clock -- sleep 51"},
            once_there(file, [](pid_t pid) {
                REQUIRE(process::eventually([&] {
                    const std::string task = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid);
                    std::istringstream children(process::read_file(task + "/children"));
                    std::string commands;
                    for (std::string child; children >> child;)
                        commands += process::read_file("/proc/" + child + "/cmdline");
                    return contains(commands, "51");
                }));
                kill(pid, SIGTERM);
            }));
        CHECK(run.status == 143);
        CHECK(process::alive(pid_in(file)));
        kill(pid_in(file), SIGKILL);
    }

    TEST_CASE("before a delayed counting begins, and under --control, a signal is as ever: 128+N and a report") {
        const std::string fifo = fresh("fifo");
        REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
        for (const std::vector<std::string>& options :
             {std::vector<std::string>{"-D", "50000"},
              std::vector<std::string>{"-D", "-1", "--control", "fifo:" + fifo},
              std::vector<std::string>{"-D", "50000", "-I", "20"}})
            for (const int signal : ending_signals) {
                CAPTURE(signal);
                const std::string file = fresh("ready");
                const std::vector<std::string> arguments =
                    with(with({"-e", "task-clock"}, options), {"--", "sh", "-c", "touch " + file + "; exec sleep 50"});
                const Outcome run =
                    pmcstat_leaving_nothing(arguments, once_there(file, [&](pid_t pid) { kill(pid, signal); }));
                CHECK(run.status == 128 + signal);
                CHECK(contains(run.err, "task-clock"));
                CHECK(contains(run.err, "not counted")); // and no 0
            }
    }

    TEST_CASE("a signal while the command is ending reaches it no more, or once, and its status stands") {
        for (const int signal : ending_signals) {
            CAPTURE(signal);
            const std::string file = fresh("ending");
            const Outcome run = pmcstat_leaving_nothing({"-e", "task-clock", "--", "sh", "-c",
                                                         "trap 'n=x$n; sleep 0.1; test \"$n\" = x && exit 6' " +
                                                             std::to_string(signal) + "; touch " + file +
                                                             "; while :; do sleep 0.02; done"},
                                                        once_there(file, [&](pid_t pid) { kill(pid, signal); }));
            CHECK(run.status == 6);
            CHECK(contains(run.err, "task-clock"));
        }
    }

    TEST_CASE("a process and all CPUs: a signal ends the counting, never the process") {
        const fault::Target target("exec sleep 50");
        for (const std::vector<std::string>& options :
             {std::vector<std::string>{"-p", target.pid()}, std::vector<std::string>{"-a"},
              std::vector<std::string>{"-p", target.pid(), "-I", "20"}, std::vector<std::string>{"-a", "-I", "20"},
              std::vector<std::string>{"-p", target.pid(), "-D", "50000"}})
            for (const int signal : ending_signals) {
                CAPTURE(signal);
                const std::vector<std::string> arguments = with({"-e", "task-clock"}, options);
                if (fault::are_refused(arguments))
                    continue;
                const Outcome run =
                    pmcstat_leaving_nothing(arguments, once_waiting([&](pid_t pid) { kill(pid, signal); }));
                CHECK(run.status == 128 + signal);
                CHECK(contains(run.err, "task-clock"));
                CHECK(process::alive(target.id()));
            }
    }

    TEST_CASE("a signal that was ignored when pmcstat was started is ignored, by it and its command") {
        for (const int signal : ending_signals) {
            CAPTURE(signal);
            const std::string file = fresh("ready");
            process::Setting setting = once_there(file, [&](pid_t pid) { kill(-pid, signal); });
            setting.in_child = [=] { std::signal(signal, SIG_IGN); };
            setting.own_group = true;
            const Outcome run = pmcstat_leaving_nothing(
                {"-e", "task-clock", "--", "sh", "-c", "touch " + file + "; sleep 0.1; exit 5"}, setting);
            CHECK(run.status == 5);
            CHECK(contains(run.err, "task-clock"));
            process::Setting alone = once_waiting([&](pid_t pid) { kill(pid, signal); });
            alone.in_child = setting.in_child;
            CHECK(pmcstat_leaving_nothing(with(all_or_this(), {"--timeout", "100"}), alone).status == 124);
        }
    }

    TEST_CASE("a signal that was blocked when pmcstat was started waits in the command, and ends pmcstat alone") {
        for (const int signal : ending_signals) {
            CAPTURE(signal);
            process::Setting setting = once_waiting([&](pid_t pid) { kill(pid, signal); });
            setting.in_child = [=] {
                sigset_t set;
                sigemptyset(&set);
                sigaddset(&set, signal);
                sigprocmask(SIG_BLOCK, &set, nullptr);
            };
            const Outcome run = pmcstat_leaving_nothing({"-e", "task-clock", "--", "sleep", "0.2"}, setting);
            CHECK(run.status == 0);
            CHECK(contains(run.err, "task-clock"));
            CHECK(pmcstat_leaving_nothing(all_or_this(), setting).status == 128 + signal);
        }
    }

    TEST_CASE("less usual signals that end a process: passed on, the report, and nothing left") {
        for (const int signal : {SIGXCPU, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGRTMIN, SIGRTMAX}) {
            CAPTURE(signal);
            const std::string file = fresh("ready");
            const Outcome run = pmcstat_leaving_nothing(
                {"-e", "task-clock", "--", "sh", "-c",
                 "trap 'exit 6' " + std::to_string(signal) + "; touch " + file + "; while :; do sleep 0.02; done"},
                once_there(file, [&](pid_t pid) { kill(pid, signal); }));
            CHECK(run.status == 6);
            CHECK(contains(run.err, "task-clock"));
            const Outcome alone = pmcstat_leaving_nothing({"-e", "task-clock", "-a", "--timeout", "20000"},
                                                          once_waiting([&](pid_t pid) { kill(pid, signal); }));
            CHECK(alone.status == 128 + signal);
            CHECK(contains(alone.err, "task-clock"));
        }
    }

    TEST_CASE("where signals by pidfd are denied they reach the command all the same") {
        for (const int error : {ENOSYS, EPERM}) {
            process::Setting setting;
            setting.in_child = [=] { fault::deny_signals_by_pidfd(error); };
            const Outcome run =
                pmcstat_leaving_nothing({"-e", "task-clock", "--timeout", "100", "--", "sleep", "50"}, setting);
            CHECK(run.status == 124);
            CHECK(contains(run.err, "task-clock"));
            CHECK_FALSE(contains(run.err, "did not reach"));
        }
    }

    TEST_CASE("that a signal did not reach a command of another user's is told, once") {
        process::Setting setting;
        setting.in_child = [] { fault::give_up_killing(); };
        std::vector<std::string> arguments = {"-e", "task-clock", "--timeout", "100"};
        if (geteuid() == 0)
            arguments.insert(arguments.end(), {"--user", "nobody"});
        arguments.insert(arguments.end(), {"--", "sleep", "1"});
        const Outcome run = pmcstat_leaving_nothing(arguments, setting);
        CHECK(run.status == 124);
        CHECK(contains(run.err, "task-clock"));
        const std::size_t first = run.err.find("did not reach the command");
        CHECK((first != std::string::npos) == (geteuid() == 0));
        CHECK((geteuid() != 0 || run.err.find("did not reach the command", first + 1) == std::string::npos));
    }

    TEST_CASE("two signals at once are both passed on; the status is the command's") {
        const std::string file = fresh("ready");
        const std::string script = "trap 'i=x' INT; trap 't=x' TERM; touch " + file +
                                   "; while [ \"$i$t\" != xx ]; do sleep 0.02; done; exit 8";
        const auto both = [](pid_t pid) {
            kill(pid, SIGINT);
            kill(pid, SIGTERM);
        };
        CHECK(pmcstat_leaving_nothing({"-e", "task-clock", "--", "sh", "-c", script}, once_there(file, both)).status ==
              8);
        const int status = pmcstat_leaving_nothing(all_or_this(), once_waiting(both)).status;
        CHECK((status == 130 || status == 143));
    }

    TEST_CASE("a thousand signals are no harm: intervals add up, and the command goes on") {
        for (const int signal : ending_signals) {
            CAPTURE(signal);
            const std::string file = fresh("ready");
            const std::string end = fresh("end");
            const Outcome run = pmcstat_leaving_nothing(
                {"-e", "page-faults", "-I", "5", "--summary", "--format", "json", "--", "sh", "-c",
                 "trap '' " + std::to_string(signal) + "; touch " + file + "; while ! test -e " + end +
                     "; do sleep 0.01; done; exit 7"},
                once_there(file, [&](pid_t pid) {
                    for (int i = 0; i < 1000; ++i) {
                        kill(pid, signal);
                        usleep(50);
                    }
                    close(open(end.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
                }));
            CHECK(run.status == 7);
            const Json result = Json::parse(run.err);
            std::uint64_t sum = 0;
            std::uint64_t total = 0;
            for (const Json& sample : result["samples"])
                (sample.value("summary", false) ? total : sum) += sample["events"][0]["raw"].get<std::uint64_t>();
            CHECK(sum == total);
            CHECK(total > 0);
            CHECK(result["samples"].size() > 5);
        }
    }

    TEST_CASE("SIGPIPE that somebody sends ends nothing: it is of pipes, and those are errors") {
        const std::string file = fresh("ready");
        const auto send = [](pid_t pid) { kill(pid, SIGPIPE); };
        CHECK(pmcstat_leaving_nothing({"-e", "task-clock", "--", "sh", "-c", "touch " + file + "; sleep 0.1; exit 5"},
                                      once_there(file, send))
                  .status == 5);
        const fault::Target target("exec sleep 50");
        for (const std::vector<std::string>& what :
             {std::vector<std::string>{"-a"}, std::vector<std::string>{"-p", target.pid()}}) {
            const std::vector<std::string> arguments = with({"-e", "task-clock", "--timeout", "200"}, what);
            if (fault::are_refused(arguments))
                continue;
            CHECK(pmcstat_leaving_nothing(arguments, once_waiting(send)).status == 124);
            CHECK(process::alive(target.id()));
        }
    }

    TEST_CASE("whose report nobody reads any more is 125, whatever was counted") {
        const fault::Target target("exec sleep 50");
        for (const std::vector<std::string>& what :
             {std::vector<std::string>{"-a"}, std::vector<std::string>{"-p", target.pid()},
              std::vector<std::string>{"--", "true"}})
            for (const std::vector<std::string>& times :
                 {std::vector<std::string>{"-I", "20"}, std::vector<std::string>{}}) {
                process::Setting setting;
                if (times.empty() && what.front() != "--")
                    setting = once_waiting([](pid_t pid) { kill(pid, SIGINT); });
                setting.in_child = [] {
                    int ends[2];
                    if (pipe(ends) == 0 && close(ends[0]) == 0)
                        dup2(ends[1], STDERR_FILENO);
                };
                const std::vector<std::string> arguments = with(with({"-e", "task-clock"}, times), what);
                if (fault::are_refused(arguments))
                    continue;
                CHECK(pmcstat_leaving_nothing(arguments, setting).status == 125);
            }
        CHECK(process::alive(target.id()));
    }
}
