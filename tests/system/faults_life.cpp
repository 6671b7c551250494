#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using fault::pmcstat_leaving_nothing;
using process::program;

namespace fs = std::filesystem;

namespace {

std::uint64_t raw(const Json& sample, const std::string& event) {
    const Json value = find_by(sample["events"], "name", event)["raw"];
    return value.is_number() ? value.get<std::uint64_t>() : 0;
}

/// The open files of another process, and how many of them are counters.
struct Files {
    std::size_t all = 0, counters = 0;
};

Files files_of(pid_t pid) {
    Files files;
    std::error_code gone;
    for (const fs::directory_entry& file : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
        ++files.all;
        files.counters += contains(fs::read_symlink(file.path(), gone).string(), "[perf_event]") ? 1 : 0;
    }
    return files;
}

/// Lets a target that waits for this file go on, once it is being counted; and looks how many files pmcstat has then.
class Start {
public:
    Start() { unlink(file_.c_str()); }
    /// A script that waits for it.
    [[nodiscard]] std::string before(const std::string& command) const {
        return "while [ ! -e " + file_ + " ]; do sleep 0.01; done; exec " + command;
    }
    [[nodiscard]] process::Setting setting() {
        process::Setting setting;
        setting.while_running = [this](pid_t pmcstat) {
            CHECK(process::eventually([&] { return files_of(pmcstat).counters > 0; }));
            usleep(50'000); // and the rest of attaching
            std::ofstream(file_) << "go";
            while (process::alive(pmcstat)) {
                most_files_ = std::max(most_files_, files_of(pmcstat).all);
                usleep(2'000);
            }
        };
        return setting;
    }
    [[nodiscard]] std::size_t most_files() const { return most_files_; }

private:
    std::string file_ = process::scratch() + "/go";
    std::size_t most_files_ = 0;
};

constexpr std::uint64_t pages_of_children = 10'000; // a thousand children touch ten each
constexpr std::size_t few_files = 40;

/// A program's report of its own regions, as text.
process::Setting with_regions() {
    process::Setting setting;
    setting.in_child = [] {
        setenv("PMC_EVENTS", "task-clock", 1);
        setenv("PMC_REPORT", "-", 1);
    };
    return setting;
}

} // namespace

TEST_SUITE("faults life") {
    TEST_CASE("a command that ends at once has its status and its report, time after time") {
        for (int i = 0; i < 10; ++i) {
            const Outcome well = pmcstat_leaving_nothing({"-e", "task-clock:u", "--", "true"});
            CHECK(well.status == 0);
            CHECK(contains(well.err, "task-clock"));
            CHECK(pmcstat_leaving_nothing({"-e", "task-clock:u", "--", "sh", "-c", "exit 7"}).status == 7);
            CHECK(pmcstat_leaving_nothing({"-e", "task-clock:u", "--", "sh", "-c", "kill -9 $$"}).status == 137);
        }
    }

    TEST_CASE("a process that ends, or whose threads do, while it is attached to: counted, or said to be gone") {
        const std::vector<std::string> lives = {"exit 0", "exec sleep 0.01",
                                                "exec " + program("workers") + " threads 100 1000"};
        int counted = 0;
        int gone = 0;
        const auto attach = [&](const fault::Target& target, const process::Setting& setting) {
            const Outcome outcome = pmcstat_leaving_nothing({"-e", "task-clock:u", "-p", target.pid()}, setting);
            CAPTURE(outcome.err);
            const std::string who = "process " + target.pid();
            if (outcome.status == 0) {
                ++counted;
                CHECK(contains(outcome.err, "pmcstat: " + who));
                CHECK(contains(outcome.err, "task-clock"));
            } else {
                ++gone;
                CHECK(outcome.status == 125);
                CHECK(outcome.err.starts_with("pmcstat: error: " + who + ": "));
                CHECK(contains(outcome.err, "\n  hint: "));
            }
        };
        for (int round = 0; round < 45; ++round) {
            const fault::Target target(lives[static_cast<std::size_t>(round) % lives.size()]);
            usleep(static_cast<useconds_t>(round * 7 % 10) * 500);
            attach(target, {});
        }
        // What those met depends on the machine: one that certainly ends too late, and one too early.
        const int before = counted;
        Start start;
        attach(fault::Target(start.before("true")), start.setting());
        CHECK(counted == before + 1);
        const int lost = gone;
        const fault::Target over("exit 0");
        REQUIRE(process::eventually([&] { return !process::alive(over.id()); }));
        attach(over, {});
        CHECK(gone == lost + 1);
    }

    TEST_CASE("threads that end while their regions are measured are all in the report, and leave nothing") {
        const Outcome outcome = fault::run_leaving_nothing({program("life_work"), "threads", "500"}, with_regions());
        CHECK(outcome.status == 0);
        CHECK(outcome.out == "group: counted\nmeasure: counted\nwell\n");
        CHECK(contains(outcome.err, "  part   501 calls, 501 threads"));
        const Outcome growth = fault::run_leaving_nothing({program("region_work"), "threads", "500"}, with_regions());
        CHECK(growth.status == 0);
        CHECK(growth.out.starts_with("0 0 ")); // files, mappings
    }

    TEST_CASE("a thousand children of a command are in its counts, whether at once, in a chain or as threads") {
        Start start;
        std::ofstream(process::scratch() + "/go") << "go";
        process::Setting setting = start.setting();
        const std::vector<std::string> options = {"-e", "page-faults:u,task-clock:u", "--format", "json"};
        const auto counted = [&](std::vector<std::string> more) {
            more.insert(more.begin(), options.begin(), options.end());
            const Outcome outcome = pmcstat_leaving_nothing(std::move(more), setting);
            CAPTURE(outcome.err);
            REQUIRE(outcome.status == 0);
            return Json::parse(outcome.err)["samples"][0];
        };
        CHECK(raw(counted({"--", program("life_work"), "children", "1000"}), "page-faults:u") >= pages_of_children);
        CHECK(raw(counted({"-i", "--", program("life_work"), "children", "1000"}), "page-faults:u") <
              pages_of_children);
        // Each of the 500 makes one more.
        CHECK(raw(counted({"--", program("workers"), "forks", "500", "1000"}), "page-faults:u") > 1000);
        CHECK(raw(counted({"--", program("workers"), "threads", "1000", "1000"}), "page-faults:u") > 1000);
        CHECK(start.most_files() < few_files);
    }

    TEST_CASE("a thousand children that a process makes are in its counts, with no more files") {
        Start start;
        const fault::Target target(start.before(program("life_work") + " children 1000 >/dev/null"));
        const Outcome outcome =
            pmcstat_leaving_nothing({"-e", "page-faults:u", "--format", "json", "-p", target.pid()}, start.setting());
        CAPTURE(outcome.err);
        REQUIRE(outcome.status == 0);
        CHECK(raw(Json::parse(outcome.err)["samples"][0], "page-faults:u") >= pages_of_children);
        CHECK(start.most_files() < few_files);
    }

    TEST_CASE("a thousand children are in the counts of all CPUs, for who may count those") {
        const Outcome outcome = pmcstat_leaving_nothing(
            {"-e", "page-faults", "--format", "json", "-a", "--", program("life_work"), "children", "1000"});
        CAPTURE(outcome.err);
        if (outcome.status == 0)
            CHECK(raw(Json::parse(outcome.err)["samples"][0], "page-faults") >= pages_of_children);
        else
            CHECK((outcome.status == 125 && geteuid() != 0 && contains(outcome.err, "\n  hint: ")));
    }

    TEST_CASE("a program that makes a thousand children within a region counts on, by itself") {
        const Outcome outcome = fault::run_leaving_nothing({program("life_work"), "children", "1000"}, with_regions());
        CHECK(outcome.status == 0);
        CHECK(outcome.out == "group: counted\nmeasure: counted\nwell\n");
        CHECK(contains(outcome.err, "  part   1 call,"));
        CHECK_FALSE(contains(outcome.err, "not counted"));
    }
}
