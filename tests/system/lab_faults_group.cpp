// More events that are to be counted together than the PMU has counters: seven, one of them for cycles alone.
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <pmc/pmc.hpp>

#include <string>
#include <vector>

using fault::pmcstat_leaving_nothing;

namespace {

// All different, so that none can be left out. A stopped leader is overlooked by arm64 (6.1) when it looks whether the
// group fits: such a group opens, and never runs.
const std::vector<std::string> eight{"instructions:u",
                                     "instructions:k",
                                     "instructions",
                                     "stalled-cycles-frontend:u",
                                     "stalled-cycles-frontend:k",
                                     "stalled-cycles-backend:u",
                                     "stalled-cycles-backend:k",
                                     "stalled-cycles-backend"};

std::string braced(const std::vector<std::string>& events) {
    std::string list = "{";
    for (const std::string& event : events)
        list += (list == "{" ? "" : ",") + event;
    return list + '}';
}

/// What fits beside it is counted.
void check(const std::vector<std::string>& target) {
    std::vector<std::string> arguments{"--format", "json", "-e", braced(eight) + ",instructions:uk,task-clock"};
    arguments.insert(arguments.end(), target.begin(), target.end());
    arguments.insert(arguments.end(), {"--", "sh", "-c", "sleep 0.1; exit 5"});
    const Outcome outcome = pmcstat_leaving_nothing(arguments);
    CAPTURE(outcome.err);
    CHECK(outcome.status == 5);
    const Json result = Json::parse(outcome.err);
    const Json& events = result["samples"][0]["events"];
    for (const std::string& name : eight) {
        const Json event = find_by(events, "name", name);
        CHECK_MESSAGE((!event.contains("raw") || event["raw"].is_null()), event.dump());
        CHECK_MESSAGE(event["cause"] == "group_too_large", event.dump());
        CHECK_MESSAGE(event["remedy"] == "ask for fewer events together", event.dump());
    }
    for (const char* const name : {"instructions:uk", "task-clock"}) {
        const Json event = find_by(events, "name", name);
        CHECK_MESSAGE(event["raw"] > 0, event.dump());
    }
}

} // namespace

TEST_SUITE("lab faults group") {
    TEST_CASE("a group of eight on seven counters: a command has its status, the reason and the remedy are told") {
        check({});
    }

    TEST_CASE("a group of eight on seven counters: of a process it is not counted, and what else was asked for is") {
        const fault::Target busy("while :; do :; done");
        check({"-p", busy.pid()});
        CHECK(process::alive(busy.id()));
    }

    TEST_CASE("a group of eight on seven counters: of all CPUs it is not counted, and what else was asked for is") {
        check({"-a"});
    }

    TEST_CASE("a group of eight on seven counters: a program is told by each face of the library") {
        const fault::Holdings before = fault::Holdings::now();
        {
            const std::vector<std::string_view> names(eight.begin(), eight.end());
            const pmc::Expected<pmc::CounterGroup> group = pmc::CounterGroup::open(names);
            REQUIRE_FALSE(group);
            CHECK(group.error().kind() == pmc::ErrorKind::not_available);
            CHECK(group.error().reason().cause == pmc::Cause::group_too_large);
            CHECK(group.error().hint() == "ask for fewer events together");
            const pmc::Measurement measured = pmc::measure(braced(eight), [] {});
            for (const std::string& name : eight) {
                const pmc::MeasuredValue& value = measured[name];
                CHECK_FALSE(value.has_value());
                CHECK(value.reason.cause == pmc::Cause::group_too_large);
                CHECK(value.reason.remedy == "ask for fewer events together");
            }
            CHECK(measured.seconds().has_value());
        }
        CHECK(fault::Holdings::now() == before);
        const Outcome report =
            fault::run_leaving_nothing({process::program("region_work"), "pairs", "100"}, {.in_child = [] {
                                           setenv("PMC_EVENTS", braced(eight).c_str(), 1);
                                           setenv("PMC_REPORT", "-", 1);
                                       }});
        CAPTURE(report.err);
        CHECK(report.status == 0);
        CHECK(contains(report.err, "work   200 calls, 2 threads"));
        CHECK(contains(report.err, "too large for the PMU"));
    }
}
