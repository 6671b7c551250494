#include <pmc/passes.hpp>

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace pmc;

namespace {

/// A part per list. Of software events, which every machine has.
Passes parts(const std::vector<std::string>& lists) {
    std::vector<MetricSet> sets;
    for (const std::string& list : lists) {
        Expected<MetricSet> set = MetricSet::parse(list);
        REQUIRE_MESSAGE(set, list);
        sets.push_back(std::move(*set));
    }
    return Passes(std::move(sets));
}

Result run(Passes& passes, const Command& command) {
    while (passes.has_next()) {
        Expected<Session> session = passes.start(command);
        REQUIRE(session);
        passes.add(session->finish());
    }
    return passes.result();
}

} // namespace

TEST_SUITE("passes") {
    TEST_CASE("one part is one run, and the document of any run") {
        Passes passes = parts({"page-faults,task-clock"});
        const Result result = run(passes, {{"true"}});
        CHECK(result.samples.size() == 1);
        CHECK(result.runs.empty());
        CHECK(result.plan == MetricSet::parse("page-faults,task-clock")->plan());
        CHECK_FALSE(passes.has_next());
    }

    TEST_CASE("each part is a run and a sample of its own, in one document") {
        Passes passes = parts({"page-faults", "task-clock,minor-faults", "cpu"});
        const Result result = run(passes, {{"true"}});
        REQUIRE(result.samples.size() == 3);
        REQUIRE(result.runs.size() == 3);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(result.samples[i].run == static_cast<int>(i));
            CHECK(result.samples[i].id == std::to_string(result.runs[i].pid));
        }
        CHECK(result.samples[0].id != result.samples[1].id);
        CHECK(result.samples[1].events[1].name == "minor-faults");
        CHECK(result.samples[2].metrics[0].id == "cpu");
        CHECK(result.run.pid == result.runs[2].pid);
    }

    TEST_CASE("the plan says which pass counts a group, and which one every pass counts") {
        CHECK(parts({"page-faults", "task-clock"}).plan() ==
              std::vector<std::string>{"pass 0  group 0  software  page-faults",
                                       "pass 1  group 0  software  task-clock"});
        CHECK(parts({"page-faults", "page-faults"}).plan() ==
              std::vector<std::string>{"each pass  group 0  software  page-faults"});
    }

    TEST_CASE("a run that fails is the last, and its status stands; what the others had to count says so") {
        Passes passes = parts({"page-faults", "task-clock,cpu", "minor-faults"});
        const Result result = run(passes, {{"sh", "-c", "exit 3"}});
        CHECK(result.run.status == 3);
        CHECK(result.runs.size() == 1);
        REQUIRE(result.samples.size() == 3);
        for (const std::size_t missing : {1U, 2U}) {
            for (const EventCount& event : result.samples[missing].events) {
                CHECK(event.count.state() == State::not_counted);
                CHECK(event.reason.evidence == "not run: the command ended with status 3 before");
            }
        }
        REQUIRE(!result.samples[1].metrics.empty());
        CHECK(result.samples[1].metrics[0].state == State::not_counted);
        CHECK(result.samples[1].metrics[0].reason.evidence.starts_with("not run: "));
    }

    TEST_CASE("passes may end before all have run") {
        Passes passes = parts({"page-faults", "task-clock"});
        Expected<Session> session = passes.start({{"true"}});
        REQUIRE(session);
        passes.add(session->finish());
        const Result result = passes.result();
        REQUIRE(result.samples.size() == 2);
        CHECK(result.samples[1].events[0].reason.evidence == "not run: the passes ended before");
    }

    TEST_CASE("a command that can't be started is an error, and one start too many too") {
        Passes passes = parts({"page-faults"});
        CHECK(passes.start({{"/nonexistent/command"}}).error().kind() == ErrorKind::command);
        CHECK(passes.start({{"true"}}).error().kind() == ErrorKind::misuse);
    }

    TEST_CASE("the document is the same after a trip through JSON") {
        Passes passes = parts({"page-faults", "task-clock"});
        const Result result = run(passes, {{"true"}});
        const Expected<Result> again = Result::from_json(result.to_json());
        REQUIRE(again);
        CHECK(again->to_json() == result.to_json());
        REQUIRE(again->runs.size() == 2);
        CHECK(again->runs[0].pid == result.runs[0].pid);
    }
}
