// A report whose reader takes nothing: a pager that waits for its user, a program that hangs.
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace {

/// Whether it waits in a write, the report's.
bool is_writing(pid_t pid) {
    const std::string call = process::read_file("/proc/" + std::to_string(pid) + "/syscall");
    return call.starts_with(std::to_string(SYS_write) + ' ');
}

/// Its report goes into a pipe that is full; `act` comes once it waits there.
Outcome stuck(std::vector<std::string> arguments, const std::function<void(pid_t, fault::FullPipe&)>& act) {
    fault::FullPipe pipe(process::scratch() + "/stuck");
    arguments.insert(arguments.begin(), {"-e", "task-clock", "-o", process::scratch() + "/stuck"});
    process::Setting setting;
    setting.while_running = [&](pid_t pid) {
        REQUIRE(process::eventually([&] { return is_writing(pid); }));
        act(pid, pipe);
    };
    return fault::pmcstat_leaving_nothing(std::move(arguments), setting);
}

} // namespace

TEST_SUITE("faults slow reader") {
    TEST_CASE("a signal while nobody reads the report ends the waiting; the command's status stands") {
        for (const int signal : {SIGINT, SIGTERM}) {
            CAPTURE(signal);
            const Outcome run = stuck({"--", "sh", "-c", "exit 3"}, [&](pid_t pid, auto&) { kill(pid, signal); });
            CHECK(run.status == 3);
            CHECK(contains(run.err, "pmcstat: error: the report is not whole: nobody read " + process::scratch()));
            CHECK(contains(run.err, "hint: "));
        }
    }

    TEST_CASE("a signal while nobody reads the intervals reaches the command") {
        for (const int signal : {SIGHUP, SIGQUIT}) {
            CAPTURE(signal);
            const Outcome run = stuck({"-I", "10", "--", "sleep", "50"}, [&](pid_t pid, auto&) { kill(pid, signal); });
            CHECK(run.status == 128 + signal);
            CHECK(contains(run.err, "nobody read"));
        }
    }

    TEST_CASE("without a command the lost report is the failure") {
        const std::vector<std::string> own = {"-I", "10", "-p", std::to_string(getpid())};
        for (const std::vector<std::string>& target : {std::vector<std::string>{"-I", "10", "-a"}, own}) {
            if (fault::are_refused(target))
                continue;
            const Outcome run = stuck(target, [&](pid_t pid, auto&) { kill(pid, SIGTERM); });
            CHECK(run.status == 125);
            CHECK(contains(run.err, "nobody read"));
        }
    }

    TEST_CASE("a reader that takes it in time loses nothing, and the signal costs no status") {
        std::string text;
        const Outcome run = stuck({"--", "sh", "-c", "exit 3"}, [&](pid_t pid, fault::FullPipe& pipe) {
            kill(pid, SIGTERM);
            REQUIRE(process::eventually([&] {
                text += pipe.drain();
                return contains(text, "  time ");
            }));
        });
        CHECK(run.status == 3);
        CHECK(run.err.empty());
    }

    TEST_CASE("--timeout reaches the command while nobody reads") {
        const std::string witness = process::scratch() + "/told";
        unlink(witness.c_str());
        const Outcome run = stuck({"-I", "10", "--timeout", "200", "--", "sh", "-c",
                                   "trap 'touch " + witness + "; exit 0' TERM; while :; do sleep 0.05; done"},
                                  [&](pid_t pid, fault::FullPipe& pipe) {
                                      CHECK(process::eventually([&] { return process::exists(witness); }));
                                      REQUIRE(process::eventually([&] {
                                          pipe.drain();
                                          return !process::alive(pid);
                                      }));
                                  });
        CHECK(run.status == 124);
    }

    TEST_CASE("--timeout that comes while nobody reads ends the waiting too") {
        const Outcome run = stuck({"-I", "10", "--timeout", "200", "--", "sleep", "50"}, [](auto, auto&) {});
        CHECK(run.status == 124);
        CHECK(contains(run.err, "nobody read"));
    }

    TEST_CASE("where nobody reads stderr, the error is not waited for either") {
        const std::string path = process::scratch() + "/stderr";
        const fault::FullPipe pipe(path);
        process::Setting setting;
        setting.in_child = [path] { dup2(open(path.c_str(), O_WRONLY | O_CLOEXEC), STDERR_FILENO); };
        setting.while_running = [](pid_t pid) {
            REQUIRE(process::eventually([&] { return is_writing(pid); }));
            kill(pid, SIGTERM);
        };
        CHECK(fault::pmcstat_leaving_nothing({"-e", "task-clock", "--", "sh", "-c", "exit 4"}, setting).status == 4);
    }
}
