// Reports for machines of what a PMU counts, beside perf's own.
#include "process.hpp"

#include <doctest/doctest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

using process::pmcstat;

namespace {

/// The fields of each line.
std::vector<std::vector<std::string>> table_of(const std::string& text) {
    std::vector<std::vector<std::string>> table;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line + ',');
        table.emplace_back();
        for (std::string field; std::getline(fields, field, ',');)
            table.back().push_back(field);
    }
    return table;
}

std::map<std::string, double> series_of(const std::string& text) {
    std::map<std::string, double> series;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with('#'))
            series[line.substr(0, line.rfind(' '))] = std::stod(line.substr(line.rfind(' ')));
    return series;
}

} // namespace

TEST_SUITE("lab forms") {
    TEST_CASE("-x: a metric's events are perf's lines, row by row, its value beside the first") {
        for (const char* const rows : {"-A", "--per-core", "--per-socket"}) {
            const Outcome theirs =
                process::run({"perf", "stat", "-a", rows, "-x,", "-e", "instructions,cycles", "--", "sleep", "0.1"});
            REQUIRE(theirs.status == 0);
            const Outcome ours = pmcstat({"-a", rows, "-x,", "-e", "ipc", "--", "sleep", "0.1"});
            REQUIRE_MESSAGE(ours.status == 0, ours.err);
            const auto expected = table_of(theirs.err);
            const auto table = table_of(ours.err);
            CAPTURE(ours.err);
            REQUIRE(table.size() == expected.size());
            bool has_metric = false;
            std::map<std::string, int> events;
            for (std::size_t i = 0; i < table.size(); ++i) {
                REQUIRE(table[i].size() == expected[i].size());
                CHECK(table[i][0] == expected[i][0]);
                ++events[table[i][table[i].size() - 5]];
                has_metric = has_metric || table[i].back() == "insn/cycle ipc";
            }
            CHECK(has_metric);
            CHECK(events["instructions"] == events["cycles"]);
            CHECK(events.size() == 2);
        }
    }

    TEST_CASE("prom: raw counts with their times, whose quotient is what the JSON has") {
        const std::string recording = process::scratch() + "/r.json";
        REQUIRE(pmcstat({"-e", "ipc", "--format", "json", "-o", recording, "--", "true"}).status == 0);
        const Outcome outcome = pmcstat({"--replay", recording, "--format", "prom"});
        REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
        auto series = series_of(outcome.err);
        const Json sample = Json::parse(process::read_file(recording))["samples"][0];
        for (const std::string name : {"cycles", "instructions"}) {
            const Json event = find_by(sample["events"], "name", name);
            const std::string place = "{scope=\"process\",";
            CHECK(series["pmc_" + name + "_total" + place + "mode=\"user+kernel\"}"] == event["raw"].get<double>());
            CHECK(series["pmc_event_running_seconds_total" + place + "event=\"" + name + "\"}"] ==
                  doctest::Approx(event["running_ns"].get<double>() * 1e-9));
            CHECK(series["pmc_event_supported{event=\"" + name + "\"}"] == 1);
        }
        CHECK(series["pmc_metric_supported{metric=\"ipc\"}"] == 1);
        CHECK(series["pmc_up"] == 1);
    }
}
