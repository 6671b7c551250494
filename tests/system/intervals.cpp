#include "process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <map>
#include <sstream>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using process::pmcstat;

namespace {

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        all.push_back(line);
    return all;
}

std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at)
        ++count;
    return count;
}

std::uint64_t raw(const Json& sample, const std::string& event) {
    return find_by(sample["events"], "name", event)["raw"];
}

} // namespace

TEST_SUITE("intervals") {
    TEST_CASE("each interval begins where the last one ended, and all add up to the summary") {
        const Outcome outcome = pmcstat({"-e", "task-clock,page-faults", "-I", "20", "--summary", "--format", "ndjson",
                                         "--", "sh", "-c", "for i in 1 2 3 4 5 6; do sleep 0.03; done"});
        REQUIRE(outcome.status == 0);
        std::vector<Json> samples;
        for (const std::string& line : lines(outcome.err))
            samples.push_back(Json::parse(line));
        REQUIRE(samples.size() >= 4);
        const Json summary = samples.back();
        samples.pop_back();
        CHECK(summary["summary"] == true);
        double end = 0;
        std::uint64_t clock = 0;
        std::uint64_t faults = 0;
        for (const Json& sample : samples) {
            CHECK(sample["start_s"] == end);
            CHECK(sample["end_s"] > sample["start_s"]);
            end = sample["end_s"];
            clock += raw(sample, "task-clock");
            faults += raw(sample, "page-faults");
        }
        CHECK(clock == raw(summary, "task-clock"));
        CHECK(faults == raw(summary, "page-faults"));
    }

    TEST_CASE("the rows of all CPUs add up over the intervals as well") {
        const Outcome outcome = pmcstat(
            {"-e", "task-clock,context-switches", "-A", "-I", "20", "--count", "3", "--summary", "--format", "json"});
        REQUIRE(outcome.status == 0);
        const Json result = Json::parse(outcome.err);
        std::map<std::string, std::uint64_t> parts;
        std::map<std::string, std::uint64_t> totals;
        for (const Json& sample : result["samples"])
            (sample.value("summary", false) ? totals : parts)[sample["id"]] += raw(sample, "context-switches");
        CHECK(parts == totals);
        CHECK(result["samples"].size() == 4 * totals.size());
    }

    TEST_CASE("--count ends it without a command; a command runs on to its end and keeps its status") {
        const Outcome all = pmcstat({"-e", "task-clock", "-a", "-I", "10", "--count", "3"});
        CHECK(all.status == 0);
        CHECK(times(all.err, "\n  +0.") == 3);
        const std::string witness = process::scratch() + "/ran-on";
        unlink(witness.c_str());
        const Outcome command = pmcstat({"-e", "task-clock", "-I", "10", "--count", "2", "--", "sh", "-c",
                                         "sleep 0.3; touch " + witness + "; exit 4"});
        CHECK(command.status == 4);
        CHECK(process::exists(witness));
        CHECK(times(command.err, "\n  +0.") == 2);
    }

    TEST_CASE("the last, partial interval is reported") {
        const Outcome outcome = pmcstat({"-e", "task-clock", "-I", "60000", "--format", "ndjson", "sleep", "0.05"});
        REQUIRE(lines(outcome.err).size() == 1);
        CHECK(Json::parse(outcome.err)["end_s"] >= 0.05);
    }

    TEST_CASE("after missed intervals a longer one comes, and no empty ones") {
        process::Setting setting;
        setting.while_running = [](pid_t pid) {
            usleep(200'000);
            kill(pid, SIGSTOP);
            usleep(300'000);
            kill(pid, SIGCONT);
            usleep(200'000);
            kill(pid, SIGINT);
        };
        const Outcome outcome = pmcstat({"-e", "task-clock", "-a", "-I", "20", "--format", "ndjson"}, setting);
        CHECK(outcome.status == 130);
        double longest = 0;
        double end = 0;
        for (const std::string& line : lines(outcome.err)) {
            const Json sample = Json::parse(line);
            const double length = sample["end_s"].get<double>() - sample["start_s"].get<double>();
            CHECK(sample["start_s"] == end);
            CHECK(length > 0);
            longest = std::max(longest, length);
            end = sample["end_s"];
        }
        CHECK(longest >= 0.28);
    }

    TEST_CASE("Ctrl-C prints what was counted since, and the summary") {
        process::Setting setting;
        setting.while_running = [](pid_t pid) {
            usleep(300'000);
            kill(pid, SIGINT);
            kill(pid, SIGINT); // impatient
        };
        const Outcome outcome = pmcstat({"-e", "task-clock", "-a", "-I", "60000", "--summary"}, setting);
        CHECK(outcome.status == 130);
        CHECK(contains(outcome.err, "  +0."));
        CHECK(contains(outcome.err, "\n\npmcstat: CPUs"));
    }

    TEST_CASE("what is written line by line is there at once, also in a file") {
        const std::string file = process::scratch() + "/stream";
        process::Setting setting;
        std::string early;
        setting.while_running = [&](pid_t) {
            process::eventually([&] { return lines(process::read_file(file)).size() >= 3; });
            early = process::read_file(file);
        };
        const Outcome outcome =
            pmcstat({"-e", "task-clock", "-a", "-I", "20", "--format", "csv", "-o", file, "--", "sleep", "1"}, setting);
        CHECK(outcome.status == 0);
        CHECK(early.starts_with("run,scope,"));
        CHECK(process::read_file(file).starts_with(early));
        CHECK(process::read_file(file).size() > early.size());
    }

    TEST_CASE("perf's shapes have perf's number of fields, and its time in front") {
        const std::vector<std::string> what = {"-a", "-e", "task-clock,context-switches", "-I", "100"};
        std::vector<std::string> ours = {"-x,", "--count", "2"};
        ours.insert(ours.end(), what.begin(), what.end());
        const std::vector<std::string> mine = lines(pmcstat(ours).err);
        REQUIRE(mine.size() == 4);
        for (const std::string& line : mine) {
            CHECK(std::count(line.begin(), line.end(), ',') == 7);
            CHECK(line.starts_with("     0."));
        }
    }

    TEST_CASE("prom: the file is whole at every moment and has the totals so far") {
        const std::string file = process::scratch() + "/pmc.prom";
        process::Setting setting;
        std::string early;
        setting.while_running = [&](pid_t) {
            process::eventually([&] { return process::exists(file); });
            early = process::read_file(file);
        };
        const Outcome outcome = pmcstat(
            {"-e", "task-clock", "-a", "-I", "50", "--format", "prom", "-o", file, "--", "sleep", "0.5"}, setting);
        CHECK(outcome.status == 0);
        CHECK(contains(early, "pmc_task_clock_seconds_total"));
        CHECK(early.ends_with("pmc_series_dropped_total 0\n"));
        CHECK(process::read_file(file) != early);
    }

    TEST_CASE("--spark shows how it went; on a terminal with UTF-8, in blocks") {
        const Outcome plain = pmcstat({"-e", "task-clock", "-a", "-I", "20", "--count", "4", "--spark"});
        CHECK(contains(plain.err, "  task-clock  ["));
        CHECK_FALSE(contains(plain.err, "▁"));
        const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        REQUIRE(grantpt(terminal) == 0);
        REQUIRE(unlockpt(terminal) == 0);
        const std::string name = ptsname(terminal);
        process::Setting setting;
        const int slave = open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC); // keeps what is not read yet
        setting.in_child = [&] {
            setenv("LC_ALL", "C.UTF-8", 1);
            const winsize size{50, 100, 0, 0};
            ioctl(slave, TIOCSWINSZ, &size);
            dup2(slave, STDERR_FILENO);
        };
        CHECK(pmcstat({"-e", "task-clock", "-a", "-I", "20", "--count", "4", "--spark"}, setting).status == 0);
        std::string screen(4096, '\0');
        const ssize_t size = read(terminal, screen.data(), screen.size());
        CHECK(contains(screen.substr(0, size > 0 ? static_cast<std::size_t>(size) : 0), "█"));
        close(slave);
        close(terminal);
    }

    TEST_CASE("an output that fails ends the counting, not the command") {
        const auto closed = [] {
            int ends[2];
            if (pipe(ends) == 0 && close(ends[0]) == 0)
                dup2(ends[1], STDOUT_FILENO);
        };
        process::Setting setting;
        setting.in_child = closed;
        const std::vector<std::string> options = {"-e", "task-clock", "-I", "20", "-o", "/dev/stdout"};
        const auto with = [&](std::vector<std::string> more) {
            more.insert(more.begin(), options.begin(), options.end());
            return pmcstat(more, setting);
        };
        const Outcome all = with({"-a"});
        CHECK(all.status == 125);
        CHECK(lines(all.err).size() == 2); // the error and its hint
        const std::string witness = process::scratch() + "/went-on";
        unlink(witness.c_str());
        const Outcome command = with({"--", "sh", "-c", "sleep 0.3; touch " + witness});
        CHECK(command.status == 125);
        CHECK(process::exists(witness));
        CHECK(with({"--", "sh", "-c", "sleep 0.1; exit 3"}).status == 3);
    }

    TEST_CASE("a full disk is an error of a line") {
        const Outcome outcome = pmcstat({"-e", "task-clock", "-a", "-I", "20", "-o", "/dev/full"});
        CHECK(outcome.status == 125);
        CHECK(contains(outcome.err, "No space left"));
    }

    TEST_CASE("what has no meaning is refused") {
        const std::vector<std::vector<std::string>> wrong = {{"-I", "0"},
                                                             {"-I", "-10"},
                                                             {"-I", "99999999999999999999"},
                                                             {"-I", "abc"},
                                                             {"--count", "2"},
                                                             {"--summary"},
                                                             {"--spark"},
                                                             {"-I", "10", "--count", "0"},
                                                             {"-D", "junk"},
                                                             {"-D", "-1"},
                                                             {"--passes", "-I", "10"},
                                                             {"-I", "10", "--spark", "--format", "json"}};
        for (std::vector<std::string> arguments : wrong) {
            CAPTURE(arguments.front());
            arguments.insert(arguments.end(), {"--", "true"});
            const Outcome outcome = pmcstat(arguments);
            CHECK(outcome.status == 125);
            CHECK(outcome.err.starts_with("pmcstat: error: "));
        }
    }

    TEST_CASE("-D begins later: times and counts are of what came after") {
        const Outcome outcome =
            pmcstat({"-e", "task-clock", "-D", "300", "--format", "json", "--", "sh", "-c", "sleep 0.5"});
        REQUIRE(outcome.status == 0);
        const Json sample = Json::parse(outcome.err)["samples"][0];
        CHECK(sample["end_s"] > 0);
        CHECK(sample["end_s"] < 10);
        const Outcome never = pmcstat({"-e", "task-clock", "-D", "60000", "--", "true"});
        CHECK(never.status == 0);
        CHECK(contains(never.err, "not counted"));
    }
}
