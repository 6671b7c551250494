#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

using fault::pmcstat_leaving_nothing;
using process::program;

namespace {

/// A user who has nothing else here: limits are his alone.
void become_nobody_else() {
    static const auto nobody_else = static_cast<uid_t>(20'000 + getppid() % 40'000);
    if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(nobody_else) != 0 || setuid(nobody_else) != 0))
        _exit(99);
}

/// How many processes the bomb has made so far.
int made(const std::string& file) {
    int count = 0;
    std::ifstream(file, std::ios::binary).read(reinterpret_cast<char*>(&count), sizeof count);
    return count;
}

/// A bomb that is nobody's child but this test's, and ends with it, or by itself.
class Bomb {
public:
    explicit Bomb(std::string file) : file_(std::move(file)) {
        int ends[2];
        REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
        pid_ = fork();
        if (pid_ == 0) {
            if (dup(ends[1]) < 0) // each of its processes has it
                _exit(99);
            become_nobody_else();
            execl(program("bomb").c_str(), "bomb", file_.c_str(), "15", nullptr);
            _exit(127);
        }
        close(ends[1]);
        end_ = ends[0];
    }
    Bomb(const Bomb&) = delete;
    Bomb& operator=(const Bomb&) = delete;
    /// Ends them all, and waits for it.
    ~Bomb() {
        constexpr int over = -1'000'000'000;
        std::ofstream(file_, std::ios::binary | std::ios::in).write(reinterpret_cast<const char*>(&over), sizeof over);
        char byte = 0;
        while (read(end_, &byte, 1) > 0) {
        }
        close(end_);
        waitpid(pid_, nullptr, 0);
    }
    [[nodiscard]] std::string pid() const { return std::to_string(pid_); }
    [[nodiscard]] bool is_alive() const { return process::alive(pid_); }

private:
    std::string file_;
    pid_t pid_ = -1;
    int end_ = -1;
};

std::string bomb_file() {
    std::string file = process::scratch() + "/made";
    unlink(file.c_str());
    return file;
}

} // namespace

TEST_SUITE("faults bomb") {
    TEST_CASE("a fork bomb ends with --timeout: 124, its daemons too, though it makes more when it is told to end") {
        const std::string file = bomb_file();
        process::Setting setting;
        setting.in_child = become_nobody_else;
        const Outcome outcome = pmcstat_leaving_nothing(
            {"-e", "task-clock:u", "--timeout", "500", "--", program("bomb"), file, "40"}, setting);
        CAPTURE(outcome.err);
        CHECK(outcome.status == 124);
        CHECK(contains(outcome.err, "task-clock:u"));
        CHECK(made(file) > 20);
    }

    TEST_CASE("a daemon that the command made before --timeout ends too, but not one of an earlier run") {
        const std::string folder = process::scratch();
        const std::string left = folder + "/left";
        const auto daemon = [&](const std::string& name, const std::string& seconds) {
            return "(setsid sh -c 'echo $$ > " + folder + "/" + name + "; exec sleep " + seconds + "' &)";
        };
        const auto pid_in = [&](const std::string& name) {
            return static_cast<pid_t>(std::atoi(process::read_file(folder + "/" + name).c_str()));
        };
        const Outcome one = pmcstat_leaving_nothing(
            {"-e", "task-clock:u", "--timeout", "1000", "--", "sh", "-c", daemon("daemon", "50") + "; sleep 50"});
        CHECK(one.status == 124);
        REQUIRE(pid_in("daemon") > 1);
        CHECK_FALSE(process::alive(pid_in("daemon")));
        // The first run ends by itself, and what it leaves stays.
        unlink(left.c_str());
        const std::string two_runs = "if [ -e " + left + " ]; then sleep 50; else touch " + left + "; " +
                                     daemon("earlier", "50") + "; sleep 0.3; fi";
        const Outcome two =
            process::pmcstat({"-e", "task-clock:u", "-r", "2", "--timeout", "1500", "--", "sh", "-c", two_runs});
        CHECK(two.status == 124);
        REQUIRE(pid_in("earlier") > 1);
        CHECK(process::alive(pid_in("earlier")));
        kill(pid_in("earlier"), SIGKILL);
    }

    TEST_CASE("a fork bomb that is only counted goes on after --timeout: 124, and pmcstat ends nothing") {
        const std::string file = bomb_file();
        const Bomb bomb(file);
        REQUIRE(process::eventually([&] { return made(file) > 5; }));
        const Outcome attached = pmcstat_leaving_nothing({"-e", "task-clock:u", "--timeout", "500", "-p", bomb.pid()});
        CAPTURE(attached.err);
        CHECK(attached.status == 124);
        CHECK(contains(attached.err, "task-clock:u"));
        CHECK(bomb.is_alive());
        const Outcome all = pmcstat_leaving_nothing({"-e", "task-clock", "--timeout", "300", "-a"});
        CAPTURE(all.err);
        CHECK((all.status == 124 || (all.status == 125 && geteuid() != 0 && contains(all.err, "\n  hint: "))));
        CHECK(bomb.is_alive());
    }
}
