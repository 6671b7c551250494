#include "process.hpp"

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using process::pmcstat;

namespace {

/// Two fifos, as a test harness makes them for perf stat --control.
class Harness {
public:
    Harness() {
        for (const std::string& path : {commands_, replies_}) {
            unlink(path.c_str());
            REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        }
        commands_fd_ = open(commands_.c_str(), O_RDWR | O_CLOEXEC);
        replies_fd_ = open(replies_.c_str(), O_RDWR | O_CLOEXEC);
    }
    Harness(const Harness&) = delete;
    Harness& operator=(const Harness&) = delete;
    ~Harness() {
        close(commands_fd_);
        close(replies_fd_);
    }

    [[nodiscard]] std::string option() const { return "fifo:" + commands_ + ',' + replies_; }
    void send(std::string_view text) const {
        REQUIRE(write(commands_fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    /// Five bytes, as perf sends them; within ten seconds.
    [[nodiscard]] std::string reply() const {
        std::string text;
        pollfd readable{replies_fd_, POLLIN, 0};
        while (text.size() < 5 && poll(&readable, 1, 10'000) == 1) {
            char c = 0;
            if (read(replies_fd_, &c, 1) != 1)
                break;
            text += c;
        }
        return text;
    }
    [[nodiscard]] bool is_silent() const {
        pollfd readable{replies_fd_, POLLIN, 0};
        return poll(&readable, 1, 100) == 0;
    }
    std::string asked(std::string_view command) const {
        send(command);
        return reply();
    }

private:
    std::string commands_ = process::scratch() + "/control", replies_ = process::scratch() + "/ack";
    int commands_fd_ = -1, replies_fd_ = -1;
};

const std::string ack("ack\n\0", 5);

process::Setting during(const std::function<void()>& act) {
    process::Setting setting;
    setting.while_running = [=](pid_t) { act(); };
    return setting;
}

} // namespace

TEST_SUITE("control") {
    TEST_CASE("perf stat answers on the wire as pmcstat does") {
        // The witness: Debian's perf, by the same harness.
        const Harness harness;
        const auto talk = [&] {
            CHECK(harness.asked("ping\n") == ack);
            CHECK(harness.asked("enable\n") == ack);
            CHECK(harness.asked("disable\n") == ack);
            harness.send("no-such-command\n");
            CHECK(harness.is_silent());
        };
        SUBCASE("pmcstat") {
            CHECK(pmcstat({"-e", "task-clock", "-D", "-1", "--control", harness.option(), "sleep", "1"}, during(talk))
                      .status == 0);
        }
        SUBCASE("perf") {
            CHECK(process::run(
                      {"perf", "stat", "-e", "task-clock", "-D", "-1", "--control", harness.option(), "sleep", "1"},
                      during(talk))
                      .status == 0);
        }
    }

    TEST_CASE("only what runs between enable and disable is counted") {
        const Harness harness;
        const Outcome never =
            pmcstat({"-a", "-e", "task-clock", "-D", "-1", "--control", harness.option(), "sleep", "0.2"},
                    during([&] { CHECK(harness.asked("ping\n") == ack); }));
        CHECK(never.status == 0);
        CHECK(contains(never.err, "not counted"));
        const Outcome some = pmcstat({"-C", "0", "-e", "task-clock", "-D", "-1", "--format", "json", "--control",
                                      harness.option(), "sleep", "1"},
                                     during([&] {
                                         CHECK(harness.asked("enable\n") == ack);
                                         usleep(100'000);
                                         CHECK(harness.asked("disable\n") == ack);
                                     }));
        const Json event = Json::parse(some.err)["samples"][0]["events"][0];
        CHECK(event["raw"] >= 100'000'000);
        CHECK(event["raw"] < 1'000'000'000);
    }

    TEST_CASE("commands may come in pieces, and several at once") {
        const Harness harness;
        const Outcome outcome = pmcstat({"-a", "-e", "task-clock", "--control", harness.option()}, during([&] {
                                            harness.send("pi");
                                            CHECK(harness.is_silent());
                                            CHECK(harness.asked("ng\n") == ack);
                                            CHECK(harness.asked("disable\nenable\n") == ack);
                                            CHECK(harness.reply() == ack);
                                            CHECK(harness.asked("stop\n") == ack);
                                        }));
        CHECK(outcome.status == 0); // by stop
        CHECK(contains(outcome.err, "task-clock"));
    }

    TEST_CASE("stop ends the counting of a command, not the command") {
        const Harness harness;
        const Outcome outcome = pmcstat(
            {"-e", "task-clock", "-I", "20", "--control", harness.option(), "--", "sh", "-c", "sleep 0.5; exit 6"},
            during([&] {
                CHECK(harness.asked("stop\n") == ack);
                CHECK(harness.asked("ping\n") == ack);
            }));
        CHECK(outcome.status == 6);
    }

    TEST_CASE("intervals begin with enable") {
        const Harness harness;
        const Outcome outcome = pmcstat({"-a", "-e", "task-clock", "-D", "-1", "-I", "20", "--count", "2", "--format",
                                         "ndjson", "--control", harness.option()},
                                        during([&] {
                                            usleep(200'000);
                                            CHECK(harness.asked("enable\n") == ack);
                                        }));
        CHECK(outcome.status == 0);
        const Json first = Json::parse(outcome.err.substr(0, outcome.err.find('\n')));
        CHECK(first["start_s"] == 0);
        CHECK(first["events"][0]["raw"] > 0);
    }

    TEST_CASE("by descriptors; when the other side closes them, counting goes on") {
        std::array<int, 2> commands{};
        REQUIRE(pipe2(commands.data(), O_CLOEXEC) == 0);
        process::Setting setting;
        setting.in_child = [&] { dup2(commands[0], 7); };
        setting.while_running = [&](pid_t) {
            close(commands[0]);
            REQUIRE(write(commands[1], "enable\n", 7) == 7);
            close(commands[1]);
        };
        const Outcome outcome = pmcstat(
            {"-C", "0", "-e", "task-clock", "-D", "-1", "--format", "json", "--control", "fd:7", "sleep", "0.3"},
            setting);
        CHECK(outcome.status == 0);
        CHECK(Json::parse(outcome.err)["samples"][0]["events"][0]["raw"] > 0);
    }

    TEST_CASE("a fifo that is not there is an error, and is not made") {
        const std::string path = process::scratch() + "/no-such-fifo";
        for (const std::string& option : {"fifo:" + path, std::string("fd:987"), std::string("junk")}) {
            const Outcome outcome = pmcstat({"-e", "task-clock", "--control", option, "true"});
            CHECK(outcome.status == 125);
            CHECK(outcome.err.starts_with("pmcstat: error: --control: "));
        }
        CHECK_FALSE(process::exists(path));
    }
}
