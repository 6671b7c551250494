#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <sstream>
#include <string>
#include <sys/time.h>
#include <unistd.h>
#include <vector>

using process::pmcstat_path;
using process::program;

namespace {

using Stepped = Outcome (*)(std::vector<std::string>);

constexpr double hour = 3600;

/// The time of day jumps forth and back in what is run, and in nothing else.
Outcome with_stepped_clock(std::vector<std::string> argv) {
    process::Setting setting;
    setting.in_child = [] {
        setenv("LD_PRELOAD", program("libstep_clock.so").c_str(), 1);
        setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    };
    return fault::run_leaving_nothing(std::move(argv), setting);
}

/// The machine's own clock jumps, and is put right again afterwards: for the lab alone.
Outcome with_machine_stepped(std::vector<std::string> argv) {
    const auto step = [](time_t seconds) {
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        now.tv_sec += seconds;
        CHECK(clock_settime(CLOCK_REALTIME, &now) == 0);
    };
    process::Setting setting;
    setting.while_running = [&](pid_t pid) {
        for (int i = 0; i < 20 && process::alive(pid); ++i) {
            step(i % 2 == 0 ? 3600 : -3600);
            usleep(100'000);
        }
    };
    return fault::run_leaving_nothing(std::move(argv), setting);
}

/// The samples, each of which begins where the one before it ended.
std::vector<Json> intervals(const Outcome& outcome) {
    std::vector<Json> samples;
    std::istringstream lines(outcome.err);
    for (std::string line; std::getline(lines, line);)
        samples.push_back(Json::parse(line));
    double end = 0;
    for (const Json& sample : samples) {
        CHECK(sample["start_s"] == end);
        CHECK(sample["end_s"] > sample["start_s"]);
        end = sample["end_s"];
    }
    CHECK(end > 0.3);
    CHECK(end < hour);
    return samples;
}

void check_command(Stepped stepped) {
    const Outcome outcome = stepped({pmcstat_path(), "-e", "task-clock:u", "-I", "50", "--format", "ndjson", "--", "sh",
                                     "-c", "sleep 0.5; exit 3"});
    CHECK(outcome.status == 3);
    CHECK(intervals(outcome).size() > 2);
    // Neither at once, nor an hour late.
    const Outcome timeout =
        stepped({pmcstat_path(), "-e", "task-clock:u", "--timeout", "400", "--format", "json", "--", "sleep", "50"});
    CHECK(timeout.status == 124);
    const double elapsed_s = Json::parse(timeout.err)["run"]["elapsed_s"];
    CHECK(elapsed_s >= 0.4);
    CHECK(elapsed_s < hour);
    // -D, too.
    const Outcome delay =
        stepped({pmcstat_path(), "-e", "task-clock:u", "-D", "200", "--format", "json", "--", "sleep", "0.5"});
    CHECK(delay.status == 0);
    CHECK(Json::parse(delay.err)["run"]["elapsed_s"] < 60);
}

void check_process(Stepped stepped) {
    const fault::Target target("while :; do sleep 0.01; done");
    const Outcome outcome = stepped({pmcstat_path(), "-e", "task-clock:u", "-I", "50", "--format", "ndjson",
                                     "--timeout", "500", "-p", target.pid()});
    CHECK(outcome.status == 124);
    CHECK(intervals(outcome).size() > 2);
    CHECK(process::alive(target.id()));
}

void check_cpus(Stepped stepped) {
    const Outcome outcome =
        stepped({pmcstat_path(), "-e", "task-clock", "-I", "50", "--count", "8", "--format", "ndjson", "-a"});
    if (outcome.status == 0) {
        CHECK(intervals(outcome).size() == 8);
    } else {
        CHECK(outcome.status == 125);
        CHECK(geteuid() != 0);
        CHECK(contains(outcome.err, "\n  hint: "));
    }
}

void check_program(Stepped stepped) {
    const std::string report = process::scratch() + "/clock.json";
    setenv("PMC_EVENTS", "task-clock", 1);
    setenv("PMC_REPORT", report.c_str(), 1);
    const Outcome outcome = stepped({program("life_work"), "sleeps", "400"});
    unsetenv("PMC_EVENTS");
    unsetenv("PMC_REPORT");
    CHECK(outcome.status == 0);
    CHECK(outcome.out == "group: counted\nmeasure: counted\nwell\n");
    const Json result = Json::parse(process::read_file(report));
    const Json& part = result["samples"][0];
    CHECK(part["region"]["time_s"] >= 0.4);
    CHECK(part["region"]["time_s"] < hour);
    CHECK(result["run"]["elapsed_s"] < hour);
}

} // namespace

TEST_SUITE("faults clock") {
    TEST_CASE("a command's times, intervals and --timeout are not those of a clock that is stepped") {
        check_command(with_stepped_clock);
    }
    TEST_CASE("nor are those of a process") {
        check_process(with_stepped_clock);
    }
    TEST_CASE("nor are those of CPUs") {
        check_cpus(with_stepped_clock);
    }
    TEST_CASE("nor are a region's and measure()'s") {
        check_program(with_stepped_clock);
    }
}

TEST_SUITE("lab faults clock") {
    TEST_CASE("the machine's clock is stepped: a command's times, intervals and --timeout stand") {
        check_command(with_machine_stepped);
    }
    TEST_CASE("the machine's clock is stepped: those of a process, of CPUs and of a region stand") {
        check_process(with_machine_stepped);
        check_cpus(with_machine_stepped);
        check_program(with_machine_stepped);
    }
}
