#include <pmc/metric_set.hpp>

#include "metric/metric_set_state.hpp"
#include "test_tree.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace pmc;
using pmc::test::captured;

namespace {

MetricSet on_n1(const std::string& list) {
    Expected<MetricSet> set = MetricSet::parse(list, captured("neoverse-n1"));
    REQUIRE_MESSAGE(set, list);
    return std::move(*set);
}

std::set<std::string> counted(const MetricSet& set) {
    std::set<std::string> names;
    for (const PlannedGroup& group : set.state().plan.groups)
        for (const std::size_t event : group.events)
            names.insert(set.events().at(event).name);
    return names;
}

std::vector<std::string> metrics(const MetricSet& set) {
    std::vector<std::string> ids;
    for (const PlannedMetric& metric : set.state().metrics)
        ids.push_back(metric.id);
    return ids;
}

const std::string too_many = "cpu,ipc,branch,llc,r3:u,r3:k,r4:u,r4:k,task-clock";

} // namespace

TEST_SUITE("split") {
    TEST_CASE("what fits at once is one pass, the whole set") {
        const MetricSet set = on_n1("cpu,ipc,task-clock");
        const std::vector<MetricSet> passes = set.passes();
        REQUIRE(passes.size() == 1);
        CHECK(counted(passes[0]) == counted(set));
        CHECK(metrics(passes[0]) == metrics(set));
        CHECK(passes[0].plan() == set.plan());
    }

    TEST_CASE("no pass needs multiplexing, and together they count everything") {
        const MetricSet set = on_n1(too_many);
        REQUIRE(set.needs_multiplexing());
        const std::vector<MetricSet> passes = set.passes();
        REQUIRE(passes.size() == 2);
        std::set<std::string> all;
        for (const MetricSet& pass : passes) {
            CHECK_FALSE(pass.needs_multiplexing());
            const std::set<std::string> of_pass = counted(pass);
            CHECK(of_pass.contains("task-clock")); // software events are in every pass
            all.insert(of_pass.begin(), of_pass.end());
        }
        CHECK(all == counted(set));
    }

    TEST_CASE("each metric and each event that was asked for is reported by one pass, the first that has it") {
        const MetricSet set = on_n1(too_many);
        std::map<std::string, int> reported;
        for (const MetricSet& pass : set.passes()) {
            const MetricSet::State& state = pass.state();
            for (const PlannedMetric& metric : state.metrics) {
                ++reported[metric.id];
                const PlannedMetric& in_whole = *std::ranges::find(set.state().metrics, metric.id, &PlannedMetric::id);
                REQUIRE(metric.bindings.size() == in_whole.bindings.size());
                for (std::size_t i = 0; i < metric.bindings.size(); ++i) {
                    const Binding& binding = metric.bindings[i];
                    const PlannedGroup& group = state.plan.groups.at(state.plan.group_of_bundle.at(binding.bundle));
                    CHECK(std::ranges::count(group.events, binding.event) == 1);
                    CHECK(state.events.at(binding.event).name == set.events().at(in_whole.bindings[i].event).name);
                }
            }
            for (std::size_t event = 0; event < state.events.size(); ++event)
                reported[state.events[event].name] += state.asked[event] ? 1 : 0;
        }
        for (const char* const name : {"cpu", "ipc", "branch", "llc", "r3:u", "r3:k", "r4:u", "r4:k", "task-clock"})
            CHECK_MESSAGE(reported[name] == 1, name);
        CHECK(metrics(set.passes()[0]).front() == "cpu");
    }

    TEST_CASE("groups keep their numbers") {
        const MetricSet set = on_n1(too_many);
        for (const MetricSet& pass : set.passes())
            for (const std::string& line : pass.plan())
                CHECK_MESSAGE(std::ranges::count(set.plan(), line) == 1, line);
    }

    TEST_CASE("what is not available is reported once, by the first") {
        const std::vector<MetricSet> passes = on_n1(too_many + ",energy").passes();
        REQUIRE(passes.size() == 2);
        CHECK(std::ranges::count(metrics(passes[0]), "energy") == 1);
        CHECK(std::ranges::count(metrics(passes[1]), "energy") == 0);
    }

    TEST_CASE("explicit groups are a pass each") {
        CHECK(on_n1("{r08,r21},{r22,r23},{r24,r37},task-clock").passes().size() == 3);
        CHECK(on_n1("{task-clock,page-faults},{page-faults,minor-faults}").passes().size() == 1);
    }
}
