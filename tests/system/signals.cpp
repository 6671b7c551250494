#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <unistd.h>

using process::pmcstat;

namespace {

/// Runs `pmcstat sh -c SCRIPT`, waits until the script is READY, then lets `act` loose on pmcstat.
struct Disturbed {
    Outcome outcome;
    pid_t command = 0;
};

Disturbed disturb(std::string script, const std::function<void(pid_t pmcstat, pid_t command)>& act,
                  std::vector<std::string> options = {"-e", "task-clock"}) {
    const std::string file = process::scratch() + "/pid";
    unlink(file.c_str());
    const std::string word = "READY";
    const bool becomes_sleep = script.ends_with("exec sleep 50");
    script.replace(script.find(word), word.size(), "echo $$ > " + file + ".new; mv " + file + ".new " + file);
    options.insert(options.end(), {"--", "sh", "-c", std::move(script)});
    Disturbed disturbed;
    process::Setting setting;
    setting.while_running = [&](pid_t pid) {
        REQUIRE(process::eventually([&] { return process::exists(file); }));
        disturbed.command = static_cast<pid_t>(std::atoi(process::read_file(file).c_str()));
        // The shell itself may take a signal otherwise than the program that follows it.
        const std::string command_line = "/proc/" + std::to_string(disturbed.command) + "/cmdline";
        if (becomes_sleep)
            REQUIRE(process::eventually([&] { return process::read_file(command_line).starts_with("sleep"); }));
        act(pid, disturbed.command);
    };
    // What one that is killed leaves goes with the test's own folder.
    setting.in_child = [] { setenv("TMPDIR", process::scratch().c_str(), 1); };
    setting.own_group = true;
    disturbed.outcome = pmcstat(options, setting);
    return disturbed;
}

/// Runs `pmcstat COMMAND` on a terminal of its own, and types Ctrl-C once the file is there.
Outcome press_ctrl_c(std::vector<std::string> command, const std::string& file) {
    unlink(file.c_str());
    const fault::Terminal terminal;
    process::Setting setting;
    setting.in_child = [&] { terminal.take(); };
    setting.while_running = [&](pid_t) {
        REQUIRE(process::eventually([&] { return process::exists(file); }));
        terminal.type(fault::Terminal::ctrl_c);
    };
    command.insert(command.begin(), {"-e", "task-clock", "--"});
    return pmcstat(std::move(command), setting);
}

} // namespace

TEST_SUITE("signals") {
    TEST_CASE("a signal to pmcstat reaches the command, and the report is still printed") {
        for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
            CAPTURE(signal);
            const Disturbed run = disturb("READY; exec sleep 50", [&](pid_t pmcstat, pid_t) { kill(pmcstat, signal); });
            CHECK(run.outcome.status == 128 + signal);
            CHECK(contains(run.outcome.err, "task-clock"));
            CHECK_FALSE(process::alive(run.command));
        }
    }

    TEST_CASE("a command that handles the signal decides its own status") {
        const Disturbed run = disturb("trap 'exit 9' TERM; READY; while :; do sleep 0.05; done",
                                      [](pid_t pmcstat, pid_t) { kill(pmcstat, SIGTERM); });
        CHECK(run.outcome.status == 9);
        CHECK(contains(run.outcome.err, "task-clock"));
    }

    TEST_CASE("no descendant is left behind, not even an orphan") {
        const std::string file = process::scratch() + "/orphan";
        unlink(file.c_str());
        const Disturbed run = disturb("READY; sleep 50 & echo $! > " + file + "; wait", [&](pid_t pmcstat, pid_t) {
            REQUIRE(process::eventually([&] { return process::read_file(file).ends_with("\n"); }));
            kill(pmcstat, SIGTERM);
        });
        CHECK(run.outcome.status == 143);
        const auto orphan = static_cast<pid_t>(std::atoi(process::read_file(file).c_str()));
        CHECK(orphan > 1);
        CHECK_FALSE(process::alive(orphan));
    }

    TEST_CASE("Ctrl-C, which the terminal sends to the whole group, ends the command and prints the report") {
        const Disturbed run = disturb("READY; exec sleep 50", [](pid_t pmcstat, pid_t) { kill(-pmcstat, SIGINT); });
        CHECK(run.outcome.status == 130);
        CHECK(contains(run.outcome.err, "task-clock"));
        CHECK_FALSE(process::alive(run.command));
    }

    TEST_CASE("Ctrl-C at a terminal reaches the command once, also one that left the terminal's process group") {
        const std::string file = process::scratch() + "/ready";
        const Outcome once = press_ctrl_c(
            {"sh", "-c", "trap 'n=x$n' INT; touch " + file + "; sleep 0.2; sleep 0.2; test \"$n\" = x"}, file);
        CHECK(once.status == 0);
        const Outcome apart = press_ctrl_c({"setsid", "sh", "-c", "touch " + file + "; exec sleep 50"}, file);
        CHECK(apart.status == 130);
        CHECK(contains(apart.err, "task-clock"));
    }

    TEST_CASE("a signal that comes when the command has ended does not cost its status or the report") {
        fault::FullPipe pipe(process::scratch() + "/pipe");
        std::string text;
        const Disturbed run = disturb(
            "READY; exit 3",
            [&](pid_t pmcstat, pid_t command) {
                REQUIRE(process::eventually([&] { return !process::exists("/proc/" + std::to_string(command)); }));
                kill(pmcstat, SIGTERM);
                text = pipe.drain(); // begins to be filled again at once
            },
            {"-e", "task-clock", "-o", process::scratch() + "/pipe"});
        CHECK(run.outcome.status == 3);
        CHECK(contains(text + pipe.drain(), "task-clock"));
    }

    TEST_CASE("an alarm that was set for pmcstat reaches the command") {
        process::Setting setting;
        setting.in_child = [] { alarm(1); };
        const Outcome outcome = pmcstat({"-e", "task-clock", "sleep", "50"}, setting);
        CHECK(outcome.status == 128 + SIGALRM);
        CHECK(contains(outcome.err, "task-clock"));
    }

    TEST_CASE("a report into a closed pipe is a failure, not a death") {
        process::Setting setting;
        setting.in_child = [] {
            int ends[2];
            if (pipe(ends) == 0 && close(ends[0]) == 0)
                dup2(ends[1], STDERR_FILENO);
        };
        CHECK(pmcstat({"-e", "task-clock", "true"}, setting).status == 125);
        CHECK(pmcstat({"-e", "task-clock", "sh", "-c", "exit 3"}, setting).status == 3);
    }

    TEST_CASE("pmcstat killed outright takes the command with it") {
        const Disturbed run = disturb("READY; exec sleep 50", [](pid_t pmcstat, pid_t) { kill(pmcstat, SIGKILL); });
        CHECK(run.outcome.status == 137);
        CHECK(process::eventually([&] { return !process::alive(run.command); }));
    }

    TEST_CASE("a command that is stopped and continued is waited for") {
        const Disturbed run = disturb("READY; sleep 0.2; exit 4", [](pid_t, pid_t command) {
            kill(command, SIGSTOP);
            usleep(100'000);
            kill(command, SIGCONT);
        });
        CHECK(run.outcome.status == 4);
    }

    TEST_CASE("SIGUSR1 is passed on and ends nothing") {
        const Disturbed run = disturb("trap 'exit 6' USR1; READY; while :; do sleep 0.05; done",
                                      [](pid_t pmcstat, pid_t) { kill(pmcstat, SIGUSR1); });
        CHECK(run.outcome.status == 6);
    }

    TEST_CASE("the command's signal mask and dispositions are those that pmcstat was given") {
        const auto lines = [](const Outcome& outcome) { return outcome.out; };
        const std::vector<std::string> look = {"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"};
        std::vector<std::string> arguments = {"-e", "task-clock", "--"};
        arguments.insert(arguments.end(), look.begin(), look.end());
        const process::Setting plain;
        CHECK(lines(pmcstat(arguments, plain)) == lines(process::run(look, plain)));
        process::Setting odd;
        odd.in_child = [] {
            sigset_t set;
            sigemptyset(&set);
            sigaddset(&set, SIGTERM);
            sigaddset(&set, SIGUSR2);
            sigprocmask(SIG_BLOCK, &set, nullptr);
            std::signal(SIGHUP, SIG_IGN);
        };
        CHECK(lines(pmcstat(arguments, odd)) == lines(process::run(look, odd)));
    }

    TEST_CASE("a parent that ignores SIGCHLD does not cost the status") {
        process::Setting setting;
        setting.in_child = [] { std::signal(SIGCHLD, SIG_IGN); };
        CHECK(pmcstat({"-e", "task-clock", "sh", "-c", "exit 5"}, setting).status == 5);
    }

    TEST_CASE("no descriptor of pmcstat's is open in the command") {
        const std::vector<std::string> look = {"sh", "-c", "ls /proc/$$/fd"};
        const Outcome plain = process::run(look);
        const Outcome counted = pmcstat({"-e", "task-clock,page-faults,cycles", "--", "sh", "-c", "ls /proc/$$/fd"});
        CHECK(counted.out == plain.out);
    }
}
