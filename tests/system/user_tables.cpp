#include "process.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>

using process::pmcstat;

namespace {

/// The example of docs/tables.md.
std::string example() {
    // Meson says where the examples are, the lab only where the sources.
    const char* const examples = std::getenv("PMC_EXAMPLES");
    const char* const source = std::getenv("PMC_SOURCE_ROOT");
    return examples != nullptr ? std::string(examples) + "/tables/my-tables.json"
                               : std::string(source != nullptr ? source : ".") + "/examples/tables/my-tables.json";
}

Json metric_of(const Outcome& outcome, const std::string& id) {
    REQUIRE(outcome.status == 0);
    return find_by(Json::parse(outcome.err)["samples"][0]["metrics"], "id", id);
}

} // namespace

TEST_SUITE("user tables") {
    TEST_CASE("a metric of one's own counts for real") {
        const Outcome outcome = pmcstat(
            {"--tables", example(), "--format", "json", "-e", "fault_time,fault_kinds,task-clock,page-faults", "true"});
        const Json metric = metric_of(outcome, "fault_time");
        const Json events = Json::parse(outcome.err)["samples"][0]["events"];
        const double clock = find_by(events, "name", "task-clock")["raw"];
        const double faults = find_by(events, "name", "page-faults")["raw"];
        CHECK(faults > 0);
        CHECK(metric["value"].get<double>() == doctest::Approx(clock / 1e3 / faults));
        CHECK(metric["unit"] == "us");
        const double minor = metric_of(outcome, "fault_kinds.minor")["value"];
        const double major = metric_of(outcome, "fault_kinds.major")["value"];
        CHECK(minor + major == doctest::Approx(100));
    }

    TEST_CASE("it is listed, reported under its label, and can be standard") {
        const Outcome list = pmcstat({"list", "--tables", example(), "fault_time"});
        CHECK(list.status == 0);
        CHECK(contains(list.out, "task_clock / 1e3 / page_faults"));
        CHECK(contains(pmcstat({"--tables", example(), "-e", "fault-time", "true"}).err, "\n  fault time "));
        CHECK(contains(pmcstat({"--tables", example(), "true"}).err, "\n  cpi "));
        CHECK_FALSE(contains(pmcstat({"true"}).err, "\n  cpi "));
    }

    TEST_CASE("of several files the last is uppermost, over those of PMC_TABLES") {
        const auto file = [](const std::string& name) {
            const std::string path = process::scratch() + "/" + name + ".json";
            std::ofstream(path) << R"({"metrics": {"who": {"title": "a", "read": "b", "source": "c", "unit": ")" << name
                                << R"(", "label": "l", "formula": "task_clock"}}})";
            return path;
        };
        process::Setting setting;
        const std::string in_environment = file("environment");
        setting.in_child = [&] { setenv("PMC_TABLES", in_environment.c_str(), 1); };
        const std::vector<std::string> count = {"--format", "json", "-e", "who", "true"};
        const auto unit_with = [&](std::vector<std::string> options) {
            options.insert(options.end(), count.begin(), count.end());
            return metric_of(pmcstat(options, setting), "who")["unit"];
        };
        CHECK(unit_with({}) == "environment");
        CHECK(unit_with({"--tables", file("one")}) == "one");
        CHECK(unit_with({"--tables", file("one"), "--tables", file("two")}) == "two");
    }

    TEST_CASE("the command inherits PMC_TABLES as it is, and its own options stay its own") {
        process::Setting setting;
        const std::string path = example();
        setting.in_child = [&] { setenv("PMC_TABLES", path.c_str(), 1); };
        CHECK(pmcstat({"-e", "fault_time", "sh", "-c", "echo $PMC_TABLES"}, setting).out == path + "\n");
        CHECK(pmcstat({"--tables", path, "echo", "--tables", "/no/such/file"}).out == "--tables /no/such/file\n");
    }
}
