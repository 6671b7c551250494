#include "metric/metric_set_state.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <initializer_list>
#include <string>
#include <vector>

using namespace pmc;

namespace {

constexpr std::uint64_t second = 1'000'000'000;

Event hardware(std::string name, std::uint64_t config, std::string pmu = "armv8_pmuv3") {
    Event event;
    event.name = std::move(name);
    event.type = 8;
    event.config = config;
    event.pmu = std::move(pmu);
    event.encoding = event.pmu + "/event/";
    return event;
}

Event software(std::string name, std::string unit = {}) {
    Event event;
    event.name = std::move(name);
    event.type = 1;
    event.pmu = "software";
    event.unit = std::move(unit);
    return event;
}

Formula formula(std::string_view text) {
    return Formula::parse(text).value();
}

/// A set made by hand: its events are one bundle and one group unless a test says otherwise.
struct Set {
    explicit Set(std::vector<Event> events) {
        state.events = std::move(events);
        state.asked.assign(state.events.size(), false);
        state.lost.resize(state.events.size());
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i < state.events.size(); ++i)
            all.push_back(i);
        state.bundles = {{all, false}};
        state.plan.groups = {{all, false}};
        state.plan.group_of_bundle = {0};
    }

    PlannedMetric& metric(const std::string& id, std::string_view text, std::string unit = {}) {
        PlannedMetric planned;
        planned.id = id;
        planned.values.push_back({id, id, std::move(unit), formula(text)});
        for (std::size_t i = 0; i < state.events.size(); ++i)
            planned.bindings.push_back({state.events[i].name, i, 0, nullptr});
        state.metrics.push_back(std::move(planned));
        return state.metrics.back();
    }

    Sample evaluate(const Counts& counts, double seconds = 2) const {
        Sample sample;
        pmc::evaluate(state, counts, seconds, sample);
        return sample;
    }

    MetricValue value(const Counts& counts, double seconds = 2) const {
        const Sample sample = evaluate(counts, seconds);
        REQUIRE(!sample.metrics.empty());
        return sample.metrics.front();
    }

    MetricSet::State state;
};

Set ipc() {
    Set set({hardware("instructions", 8), hardware("cycles", 17)});
    set.metric("ipc", "instructions / cycles", "insn/cycle");
    return set;
}

GroupCount count(std::size_t event, std::uint64_t raw, std::uint64_t enabled = second, std::uint64_t running = second,
                 int group = 0) {
    return {event, group, Count(raw, enabled, running), {}};
}

} // namespace

TEST_SUITE("evaluate") {
    TEST_CASE("a ratio is made of its two counts") {
        const MetricValue value = ipc().value({count(0, 9'843), count(1, 6'112)});
        CHECK(value.id == "ipc");
        CHECK(value.unit == "insn/cycle");
        CHECK(value.state == State::counted);
        CHECK(value.number == doctest::Approx(9'843.0 / 6'112.0));
        CHECK(value.coverage == 1);
        CHECK(value.quality == "exact");
        CHECK(value.scope == "task");
        CHECK(value.source == "measured");
        CHECK(value.note.empty());
        REQUIRE(value.operands.size() == 2);
        CHECK(value.operands[0].role == "instructions");
        CHECK(value.operands[0].value == 9'843);
        CHECK(value.operands[1].role == "cycles");
    }

    TEST_CASE("multiplexed counts are scaled, and their coverage is told") {
        const MetricValue value = ipc().value({count(0, 300, 100, 30), count(1, 600, 100, 30)});
        CHECK(value.number == doctest::Approx(0.5));
        CHECK(value.coverage == doctest::Approx(0.3));
        CHECK(value.operands[0].value == doctest::Approx(1'000));
    }

    TEST_CASE("the least coverage of its events is that of the metric") {
        Set set({hardware("a", 1), hardware("b", 2)});
        set.metric("m", "a / b");
        CHECK(set.value({count(0, 10), count(1, 10, 100, 25)}).coverage == doctest::Approx(0.25));
    }

    TEST_CASE("an event that never ran makes the metric not counted, with its reason, never 0") {
        Counts counts{count(0, 0, second, 0), count(1, 600)};
        counts[0].reason = {Cause::never_scheduled, 0, "opened, but never on the PMU", ""};
        const MetricValue value = ipc().value(counts);
        CHECK(value.state == State::not_counted);
        CHECK(value.reason.cause == Cause::never_scheduled);
        CHECK(!value.has_value());
        CHECK(value.operands.empty());
    }

    TEST_CASE("an event that could not be opened makes the metric not available, with its reason") {
        Counts counts{count(0, 5), {1, 0, Count(0, 0, 0, State::not_available), {Cause::counters_busy, 0, "busy", ""}}};
        const MetricValue value = ipc().value(counts);
        CHECK(value.state == State::not_available);
        CHECK(value.reason.cause == Cause::counters_busy);
    }

    TEST_CASE("what was never read is not available and says so") {
        const MetricValue value = ipc().value({count(0, 5)});
        CHECK(value.state == State::not_available);
        CHECK(value.reason.cause == Cause::part_missing);
        CHECK(value.reason.evidence.find("cycles") != std::string::npos);
    }

    TEST_CASE("a division by zero has no value and names what was zero") {
        const MetricValue value = ipc().value({count(0, 5), count(1, 0)});
        CHECK(value.state == State::not_available);
        CHECK(value.reason.cause == Cause::division_by_zero);
        CHECK(value.reason.evidence == "division by zero: cycles is 0");
    }

    TEST_CASE("an unavailable metric keeps its reason, one value for each of its own") {
        Set set = ipc();
        set.state.metrics[0].unavailable = {Cause::no_virtual_pmu, 0, "no PMU", "get one"};
        set.state.metrics[0].values.push_back({"ipc.other", "other", "%", formula("1")});
        const Sample sample = set.evaluate({});
        REQUIRE(sample.metrics.size() == 2);
        CHECK(sample.metrics[1].id == "ipc.other");
        CHECK(sample.metrics[1].state == State::not_available);
        CHECK(sample.metrics[1].reason.cause == Cause::no_virtual_pmu);
    }

    TEST_CASE("a metric takes its counts from its own bundle's group, not from another") {
        Set set = ipc();
        set.state.plan.groups.push_back({{1}, false});
        const MetricValue value =
            set.value({count(1, 1, second, second, 1), count(0, 100, 100, 50), count(1, 200, 100, 50)});
        CHECK(value.number == doctest::Approx(0.5));
        CHECK(value.coverage == doctest::Approx(0.5));
    }

    TEST_CASE("an event that is counted in several groups is told once, with the best coverage") {
        Set set = ipc();
        set.state.plan.groups.push_back({{1}, false});
        const Sample sample = set.evaluate({count(0, 100, 100, 50), count(1, 200, 100, 50), count(1, 900, 100, 90, 1)});
        REQUIRE(sample.events.size() == 2);
        CHECK(sample.events[1].name == "cycles");
        CHECK(sample.events[1].count.raw() == 900);
        CHECK(sample.events[1].group == 1);
        CHECK(sample.events[0].group == 0);
        CHECK(sample.events[0].encoding == "armv8_pmuv3/event/");
    }

    TEST_CASE("an event that can't be counted is told with its reason and no group") {
        Set set = ipc();
        set.state.events[1].unavailable = {Cause::not_on_this_cpu, 2, "no such event", ""};
        set.state.asked[1] = true;
        const Sample sample = set.evaluate({count(0, 100)});
        CHECK(sample.events[1].count.state() == State::not_available);
        CHECK(sample.events[1].reason.cause == Cause::not_on_this_cpu);
        CHECK(sample.events[1].group == -1);
        CHECK(sample.events[1].asked);
        CHECK(!sample.events[0].asked);
    }

    TEST_CASE("an event that was lost with its group says with which") {
        Set set = ipc();
        set.state.lost[0] = {Cause::not_on_this_cpu, 0, "lost with cycles", ""};
        CHECK(set.evaluate({}).events[0].reason.evidence == "lost with cycles");
    }

    TEST_CASE("an event's scale and unit apply to its value and in formulas") {
        Set set({software("task_clock", "ns")});
        set.metric("cpu", "task_clock / (1e9 * seconds)", "CPUs");
        set.state.events[0].scale = 2;
        const Sample sample = set.evaluate({count(0, 1'500'000'000)}, 3);
        CHECK(sample.events[0].value() == 3e9);
        CHECK(sample.events[0].unit == "ns");
        CHECK(sample.metrics[0].number == doctest::Approx(1));
        REQUIRE(sample.metrics[0].operands.size() == 2);
        CHECK(sample.metrics[0].operands[0].unit == "ns");
        CHECK(sample.metrics[0].operands[1].role == "seconds");
        CHECK(sample.metrics[0].operands[1].value == 3);
        CHECK(sample.metrics[0].operands[1].unit == "s");
    }

    TEST_CASE("a frequency is cycles over the time that their group was on, not over the sample") {
        Set set({hardware("cycles", 17)});
        set.metric("frequency", "cycles / (1e9 * group_seconds)", "GHz");
        CHECK(set.value({count(0, 3'000'000'000, second, second)}, 10).number == doctest::Approx(3));
        // Half of the time on the PMU: scaled, it is the same.
        CHECK(set.value({count(0, 1'500'000'000, second, second / 2)}, 10).number == doctest::Approx(3));
    }

    TEST_CASE("a target that took no time gives no value for what is per second") {
        Set set({software("task_clock", "ns")});
        set.metric("cpu", "task_clock / (1e9 * seconds)");
        CHECK(set.value({count(0, 5)}, 0).reason.cause == Cause::division_by_zero);
    }

    TEST_CASE("the worst quality and the widest scope of the roles are the metric's, with a note on each inexact one") {
        static constexpr RoleEvent misses{.role = "llc_misses",
                                          .pmu = "",
                                          .terms = "",
                                          .generic = "",
                                          .only = "",
                                          .pfm = "",
                                          .sysfs = "",
                                          .on = "",
                                          .quality = "proxy",
                                          .scope = "l3",
                                          .counts = "reads only"};
        static constexpr RoleEvent refs{.role = "llc_refs",
                                        .pmu = "",
                                        .terms = "",
                                        .generic = "",
                                        .only = "",
                                        .pfm = "",
                                        .sysfs = "",
                                        .on = "",
                                        .quality = "exact",
                                        .scope = "task",
                                        .counts = "all"};
        Set set({hardware("llc_misses", 1), hardware("llc_refs", 2)});
        PlannedMetric& metric = set.metric("llc", "100 * llc_misses / llc_refs", "%");
        metric.bindings[0].role = &misses;
        metric.bindings[1].role = &refs;
        const MetricValue value = set.value({count(0, 1), count(1, 4)});
        CHECK(value.number == 25);
        CHECK(value.quality == "proxy");
        CHECK(value.scope == "l3");
        CHECK(value.note == "llc_misses: reads only");
        CHECK(value.operands[0].title == "LLC misses");
    }

    TEST_CASE("lets are parts of formulas; each sees those before it") {
        Set set({hardware("ops", 1), hardware("cycles", 2)});
        PlannedMetric& metric = set.metric("retiring", "100 * ops / slots", "%");
        metric.lets.push_back({"slots", formula("width * cycles")});
        metric.constants.emplace_back("width", 8);
        const MetricValue value = set.value({count(0, 40), count(1, 10)});
        CHECK(value.number == doctest::Approx(50));
        REQUIRE(value.operands.size() == 2);
        CHECK(value.operands[1].role == "slots");
        CHECK(value.operands[1].value == 80);
    }

    TEST_CASE("a division by zero within a let is one of the metric") {
        Set set({hardware("a", 1), hardware("b", 2)});
        PlannedMetric& metric = set.metric("m", "1 + half");
        metric.lets.push_back({"ratio", formula("a / b")});
        metric.lets.push_back({"half", formula("ratio / 2")});
        CHECK(set.value({count(0, 1), count(1, 0)}).reason.cause == Cause::division_by_zero);
        CHECK(set.value({count(0, 4), count(1, 1)}).number == 3);
    }

    TEST_CASE("a count that only a let uses is looked at too") {
        Set set({hardware("a", 1), hardware("b", 2)});
        PlannedMetric& metric = set.metric("m", "a / twice");
        metric.lets.push_back({"twice", formula("2 * b")});
        CHECK(set.value({count(0, 1), count(1, 1, 100, 0)}).state == State::not_counted);
        CHECK(set.value({count(0, 1), count(1, 1, 100, 40)}).coverage == doctest::Approx(0.4));
    }

    TEST_CASE("a count that a value does not use does not disturb it") {
        Set set({hardware("a", 1), hardware("b", 2)});
        set.metric("m", "a * 2");
        CHECK(set.value({count(0, 4), count(1, 0, 100, 0)}).number == 8);
    }

    TEST_CASE("a ratio across PMUs needs full coverage of both") {
        Set set({hardware("joules", 2, "power"), hardware("instructions", 8)});
        PlannedMetric& metric = set.metric("energy", "joules / instructions");
        set.state.bundles = {{{0}, false}, {{1}, false}};
        set.state.plan.groups = {{{0}, false}, {{1}, false}};
        set.state.plan.group_of_bundle = {0, 1};
        metric.bindings[1].bundle = 1;
        CHECK(set.value({count(0, 10), count(1, 5, second, second, 1)}).number == 2);
        const MetricValue partial = set.value({count(0, 10), count(1, 5, second, second / 2, 1)});
        CHECK(partial.state == State::not_counted);
        CHECK(partial.reason.cause == Cause::part_missing);
    }

    TEST_CASE("counts shown beside a metric are those that were counted, on its first value") {
        Set set({software("task_clock", "ns"), software("context_switches"), software("page_faults")});
        PlannedMetric& metric = set.metric("cpu", "task_clock / 1e9");
        metric.bindings.resize(1);
        metric.values.push_back({"cpu.other", "other", "", formula("task_clock")});
        metric.also = {{"context_switches", 1, 0, nullptr}, {"page_faults", 2, 0, nullptr}};
        const Sample sample = set.evaluate({count(0, 10), count(1, 212), count(2, 0, 0, 0)});
        REQUIRE(sample.metrics.size() == 2);
        REQUIRE(sample.metrics[0].also.size() == 1);
        CHECK(sample.metrics[0].also[0].role == "context_switches");
        CHECK(sample.metrics[0].also[0].value == 212);
        CHECK(sample.metrics[1].also.empty());
    }

    TEST_CASE("an overflow has no value") {
        Set set({hardware("a", 1)});
        set.metric("m", "a * 1e308 * 1e308");
        CHECK(!set.value({count(0, 4)}).has_value());
    }

    TEST_CASE("evaluating again replaces what the sample held") {
        const Set set = ipc();
        Sample sample;
        evaluate(set.state, {count(0, 1), count(1, 1)}, 1, sample);
        evaluate(set.state, {count(0, 1), count(1, 1)}, 1, sample);
        CHECK(sample.events.size() == 2);
        CHECK(sample.metrics.size() == 1);
    }
}
