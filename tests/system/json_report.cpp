#include "process.hpp"

#include <doctest/doctest.h>

using process::pmcstat;

namespace {

Json report(std::vector<std::string> arguments, int status = 0) {
    arguments.insert(arguments.begin(), {"--format", "json"});
    const Outcome outcome = pmcstat(arguments);
    CAPTURE(outcome.err);
    REQUIRE(outcome.status == status);
    return Json::parse(outcome.err);
}

} // namespace

TEST_SUITE("json report") {
    TEST_CASE("it is valid and complete on any machine") {
        const Json json = report({"-e", "ipc,llc,task-clock", "--", "sleep", "0.1"});
        CHECK(json["schema"] == "pmcstat/1");
        CHECK(json["tool"].get<std::string>().starts_with("pmcstat "));
        CHECK(json["run"]["argv"] == Json({"sleep", "0.1"}));
        CHECK(json["run"]["status"] == 0);
        CHECK(json["run"]["elapsed_s"] >= 0.1);
        CHECK(json["run"]["max_rss_bytes"] > 100'000);
        CHECK(json["cpu"]["pmus"].size() >= 2);
        REQUIRE(json["samples"].size() == 1);
        const Json& sample = json["samples"][0];
        CHECK(sample["scope"] == "process");
        for (const char* const id : {"ipc", "llc.miss_ratio", "llc.mpki"}) {
            CAPTURE(id);
            const Json metric = find_by(sample["metrics"], "id", id);
            REQUIRE(metric.is_object());
            if (metric["value"].is_null()) {
                CHECK_FALSE(metric["reason"].get<std::string>().empty());
                CHECK(metric["state"].is_string());
            } else {
                CHECK(metric["coverage"] > 0);
            }
        }
        const Json clock = find_by(sample["events"], "name", "task-clock");
        CHECK(clock["raw"] > 0);
        CHECK(clock["raw"] < 100'000'000);
        CHECK(clock["unit"] == "ns");
    }

    TEST_CASE("task-clock and page faults are those of the command") {
        const Json json =
            report({"-e", "task-clock,page-faults,minor-faults", "--", process::program("workers"), "faults", "3000"});
        const Json& events = json["samples"][0]["events"];
        const auto faults = find_by(events, "name", "page-faults")["raw"].get<std::uint64_t>();
        CHECK(faults >= 3000);
        CHECK(faults < 3600);
        CHECK(find_by(events, "name", "minor-faults")["raw"] >= 3000);
    }

    TEST_CASE("threads and children are counted whole") {
        const std::string workers = process::program("workers");
        const auto clock_of = [&](const char* what) {
            const Json json = report({"-e", "task-clock", "--", workers, what, "4", "30000000"});
            const double clock_s =
                find_by(json["samples"][0]["events"], "name", "task-clock")["raw"].get<double>() * 1e-9;
            const double usage_s = json["run"]["user_s"].get<double>() + json["run"]["sys_s"].get<double>();
            CAPTURE(clock_s);
            CAPTURE(usage_s);
            // Two clocks of the kernel: the one counts switches exactly, the other is the scheduler's.
            CHECK(clock_s > 0.8 * usage_s - 0.03);
            CHECK(clock_s < 1.2 * usage_s + 0.03);
            return clock_s;
        };
        CHECK(clock_of("threads") > 0);
        CHECK(clock_of("forks") > 0);
    }

    TEST_CASE("with -i the children are left out") {
        const std::string workers = process::program("workers");
        const auto clock_ns = [&](const std::vector<std::string>& options) {
            std::vector<std::string> arguments = options;
            arguments.insert(arguments.end(), {"-e", "task-clock", "--", workers, "forks", "2", "60000000"});
            const Json json = report(arguments);
            CHECK(json["run"]["inherit"] == options.empty());
            return find_by(json["samples"][0]["events"], "name", "task-clock")["raw"].get<double>();
        };
        CHECK(clock_ns({"-i"}) < clock_ns({}) / 5);
    }

    TEST_CASE("context switches are counted where the kernel may be counted, and never a silent 0") {
        const Json json =
            report({"-e", "context-switches,context-switches:u", "--", process::program("workers"), "switches", "25"});
        const Json& events = json["samples"][0]["events"];
        const Json switches = find_by(events, "name", "context-switches");
        if (json["run"]["mode"] == "user+kernel") {
            CHECK(switches["raw"] >= 25);
        } else {
            CHECK(switches["raw"].is_null());
        }
        const Json user_only = find_by(events, "name", "context-switches:u");
        CHECK(user_only["raw"].is_null());
        CHECK(user_only["cause"] == "needs_kernel_mode");
    }

    TEST_CASE("a metric of one's own") {
        const Json json = report({"-e", "x=1000*page_faults/`minor-faults`", "--", "true"});
        const Json metric = find_by(json["samples"][0]["metrics"], "id", "x");
        CHECK(metric["value"].get<double>() >= 1000);
    }

    TEST_CASE("the status of the command stands in it") {
        CHECK(report({"-e", "task-clock", "--", "sh", "-c", "exit 3"}, 3)["run"]["status"] == 3);
        CHECK(report({"-e", "task-clock", "--", "sh", "-c", "kill -9 $$"}, 137)["run"]["status"] == 137);
    }

    TEST_CASE("an argument that is not UTF-8 keeps it valid") {
        const Json json = report({"-e", "task-clock", "--", "true", "\xff\xfe\n"});
        CHECK(json["run"]["argv"].size() == 2);
    }

    TEST_CASE("a locale with a decimal comma changes nothing") {
        process::Setting setting;
        setting.in_child = [] { setenv("LC_ALL", "fr_FR.UTF-8", 1); };
        const Outcome outcome = pmcstat({"--format", "json", "-e", "task-clock,cpu", "--", "true"}, setting);
        CHECK(Json::parse(outcome.err)["run"]["elapsed_s"] > 0);
    }
}
