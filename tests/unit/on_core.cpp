#include "metric/on_core.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pmc;

namespace {

constexpr std::uint64_t ms = 1'000'000;

Event event_of(const std::string& core, std::string name, std::uint32_t type = 4) {
    Event event;
    event.name = std::move(name);
    event.type = type;
    event.pmu = type == 1 ? "software" : core;
    event.core = core;
    return event;
}

/// A group for each of the events, in their order.
MetricSet::State set_of(std::vector<Event> events) {
    MetricSet::State set;
    for (std::size_t i = 0; i < events.size(); ++i)
        set.plan.groups.push_back({{i}, false});
    set.asked.assign(events.size(), true);
    set.lost.resize(events.size());
    set.events = std::move(events);
    return set;
}

GroupCount read_as(std::size_t event, std::uint64_t raw, std::uint64_t enabled_ns, std::uint64_t running_ns) {
    return {event, static_cast<int>(event), Count(raw, enabled_ns, running_ns), {}};
}

} // namespace

TEST_SUITE("on_core") {
    TEST_CASE("the time on a core type is what its groups, one after the other, ran") {
        CHECK(on_core_time({}) == 0);
        const std::vector<GroupTimes> one{{100, 40, 0}};
        CHECK(on_core_time(one) == 40);
        const std::vector<GroupTimes> two{{100, 20, 0}, {100, 30, 1}};
        CHECK(on_core_time(two) == 50);
    }

    TEST_CASE("it is never more than the time enabled") {
        const std::vector<GroupTimes> rounded{{100, 60, 0}, {100, 41, 1}};
        CHECK(on_core_time(rounded) == 100);
    }

    TEST_CASE("groups that can be on the PMU at once are one turn: their times are not added up") {
        const std::vector<GroupTimes> together{{100, 40, 0}, {100, 40, 0}};
        CHECK(on_core_time(together) == 40);
        const std::vector<GroupTimes> mixed{{100, 20, 0}, {100, 30, 1}, {100, 15, 0}};
        CHECK(on_core_time(mixed) == 50);
    }

    TEST_CASE("a task that was on such cores for a part of its time is counted in full, not scaled to the whole") {
        const MetricSet::State set = set_of({event_of("cpu_core", "cycles"), event_of("cpu_atom", "cycles")});
        const Counts counts =
            count_on_core(set, {read_as(0, 700, 100 * ms, 70 * ms), read_as(1, 90, 100 * ms, 30 * ms)});
        CHECK(counts[0].count.value() == 700);
        CHECK(counts[0].count.coverage() == 1);
        CHECK(counts[0].count.enabled_ns() == 70 * ms);
        CHECK(counts[1].count.value() == 90);
        CHECK(counts[1].count.coverage() == 1);
        CHECK(counts[1].count.enabled_ns() == 30 * ms);
    }

    TEST_CASE("groups that took turns are scaled to the time on their cores") {
        const MetricSet::State set =
            set_of({event_of("cpu_core", "cycles"), event_of("cpu_core", "branches"), event_of("cpu_atom", "cycles")});
        const Counts counts =
            count_on_core(set, {read_as(0, 600, 100 * ms, 30 * ms), read_as(1, 100, 100 * ms, 10 * ms),
                                read_as(2, 5, 100 * ms, 60 * ms)});
        CHECK(counts[0].count.value() == doctest::Approx(800));
        CHECK(counts[0].count.coverage() == doctest::Approx(0.75));
        CHECK(counts[1].count.value() == doctest::Approx(400));
        CHECK(counts[1].count.coverage() == doctest::Approx(0.25));
        CHECK(counts[2].count.value() == 5);
    }

    TEST_CASE("a task that never was on such a core is not counted there, and the reason says exactly this") {
        const MetricSet::State set = set_of({event_of("cpu_core", "cycles"), event_of("cpu_atom", "cycles")});
        Counts read{read_as(0, 700, 100 * ms, 100 * ms), read_as(1, 0, 100 * ms, 0)};
        read[1].reason = {Cause::never_scheduled, 0, "never on the PMU", "ask for less"};
        const Counts counts = count_on_core(set, read);
        CHECK(counts[1].count.state() == State::not_counted);
        CHECK(counts[1].reason.cause == Cause::never_ran);
        CHECK(counts[1].reason.evidence.find("never ran on a core of cpu_atom") != std::string::npos);
        CHECK(counts[1].reason.remedy.empty());
        CHECK_FALSE(counts[0].reason);
    }

    TEST_CASE("a group that got no turn while others of its PMU ran keeps its own reason") {
        const MetricSet::State set = set_of({event_of("cpu_core", "cycles"), event_of("cpu_core", "branches")});
        Counts read{read_as(0, 700, 100 * ms, 100 * ms), read_as(1, 0, 100 * ms, 0)};
        read[1].reason = {Cause::never_scheduled, 0, "never on the PMU", ""};
        const Counts counts = count_on_core(set, read);
        CHECK(counts[1].count.state() == State::not_counted);
        CHECK(counts[1].reason.cause == Cause::never_scheduled);
    }

    TEST_CASE("what could not be opened or read, or was never enabled, keeps its reason") {
        const MetricSet::State set = set_of({event_of("cpu_core", "a"), event_of("cpu_atom", "b")});
        Counts read{{0, 0, Count(0, 0, 0, State::not_available), {Cause::rejected, 22, "refused", ""}},
                    {1, 1, Count{}, {Cause::counters_busy, 0, "somebody holds them", ""}}};
        const Counts counts = count_on_core(set, read);
        CHECK(counts[0].count.state() == State::not_available);
        CHECK(counts[0].reason.cause == Cause::rejected);
        CHECK(counts[1].count.state() == State::not_counted);
        CHECK(counts[1].reason.cause == Cause::counters_busy);
    }

    TEST_CASE("all other counts stay as they are: multiplexed is multiplexed") {
        Event plain = event_of("", "cycles");
        plain.pmu = "cpu";
        const MetricSet::State set = set_of({plain, event_of("", "task-clock", 1)});
        const Counts counts =
            count_on_core(set, {read_as(0, 300, 100 * ms, 30 * ms), read_as(1, 50, 100 * ms, 100 * ms)});
        CHECK(counts[0].count.value() == doctest::Approx(1000));
        CHECK(counts[0].count.enabled_ns() == 100 * ms);
        CHECK(counts[1].count.value() == 50);
    }

    TEST_CASE("a software event in a core type's group has that group's times") {
        MetricSet::State set = set_of({event_of("cpu_atom", "cycles"), event_of("cpu_atom", "task-clock", 1)});
        set.plan.groups = {{{0, 1}, true}};
        Counts read{read_as(0, 90, 100 * ms, 30 * ms), read_as(1, 30 * ms, 100 * ms, 30 * ms)};
        read[1].group = 0;
        const Counts counts = count_on_core(set, read);
        CHECK(counts[1].count.value() == 30 * ms);
        CHECK(counts[1].count.coverage() == 1);
    }
}
