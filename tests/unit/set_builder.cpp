#include "metric/set_builder.hpp"
#include "test_tree.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <vector>

/// Machines with several core types: whatever needs a core's event is there once for each.
namespace {

using namespace pmc;
using pmc::test::captured;

using Names = std::vector<std::string>;

MetricDef metric_of(std::string_view id, std::string_view formula, std::vector<std::string_view> needs = {}) {
    return {.id = id,
            .title = id,
            .variants = {{.needs = std::move(needs), .values = {{.id = id, .label = id, .formula = formula}}}}};
}

/// The big cores' table has more than the small ones'.
Tables made_up() {
    return make_tables(
        {{.id = "big",
          .match = {"GenuineIntel-6-97"},
          .core_pmu = "cpu_core",
          .width = 6,
          .counters = {.generic = 8, .fixed_cycles = 1, .fixed_instructions = 1},
          .events = {{.role = "cycles", .terms = "event=0x3c"},
                     {.role = "instructions", .terms = "event=0xc0"},
                     {.role = "llc_misses", .terms = "event=0x2e,umask=0x41"},
                     {.role = "slots", .terms = "event=0xa4,umask=0x1"}}},
         {.id = "small",
          .match = {"GenuineIntel-6-97"},
          .core_pmu = "cpu_atom",
          .width = 5,
          .counters = {.generic = 2},
          .events = {{.role = "cycles", .terms = "event=0x3c"},
                     {.role = "instructions", .terms = "event=0xc0"},
                     {.role = "llc_misses", .terms = "event=0x2e,umask=0x4f", .quality = "approx", .counts = "more"}}},
         {.id = "a72",
          .match = {"midr-41-d08"},
          .events = {{.role = "cycles", .terms = "event=0x11"}, {.role = "instructions", .terms = "event=0x8"}}},
         {.id = "generic",
          .events = {{.role = "cycles", .generic = "cycles"},
                     {.role = "instructions", .generic = "instructions"},
                     {.role = "task_clock", .pmu = "software", .generic = "task-clock"}}}},
        {metric_of("ipc", "instructions / cycles"), metric_of("mpki", "1000 * llc_misses / instructions"),
         metric_of("per_slot", "instructions / (width * cycles)"), metric_of("used", "slots / cycles"),
         metric_of("unknown", "nothing / cycles"), metric_of("cpu", "task_clock / (1e9 * seconds)"),
         metric_of("frequency", "cycles / (1e9 * group_seconds)"),
         metric_of("three", "(llc_misses + instructions) / cycles")},
        {{"cycles", "cycles"},
         {"instructions", "instructions"},
         {"llc_misses", "LLC misses"},
         {"slots", "slots"},
         {"nothing", "nothing"},
         {"task_clock", "task clock", "ns"}});
}

MetricSet parsed(std::string_view list, const Machine& machine = captured("alderlake")) {
    Expected<MetricSet> set = MetricSet::parse(list, machine, made_up());
    INFO(std::string(list));
    if (!set)
        FAIL(set.error().what());
    return std::move(*set);
}

std::string with_core(const std::string& name, const std::string& core) {
    return core.empty() ? name : name + "@" + core;
}

/// "ipc@cpu_core"; what is not available has a '!'.
Names values(const MetricSet& set) {
    Names all;
    for (const PlannedMetric& metric : set.state().metrics) {
        for (const PlannedValue& value : metric.values)
            all.push_back((metric.unavailable ? "!" : "") + with_core(value.id, metric.core));
    }
    return all;
}

Names events(const MetricSet& set) {
    Names all;
    for (std::size_t i = 0; i < set.events().size(); ++i) {
        const Event& event = set.events()[i];
        const bool lost = event.unavailable || set.state().lost[i];
        all.push_back((lost ? "!" : "") + with_core(event.name, event.core));
    }
    return all;
}

/// The events of each group.
std::vector<Names> groups(const MetricSet& set) {
    const Names names = events(set);
    std::vector<Names> all;
    for (const PlannedGroup& group : set.state().plan.groups) {
        Names members;
        for (const std::size_t event : group.events)
            members.push_back(names[event]);
        all.push_back(members);
    }
    return all;
}

/// Counts of all that the plan has: event i counts 1000 × (i + 1); a group ran for the share that its PMU's cores had.
Counts counts_of(const MetricSet& set, std::uint64_t on_big_ns, std::uint64_t on_small_ns) {
    const std::uint64_t enabled = on_big_ns + on_small_ns;
    Counts counts;
    for (std::size_t group = 0; group < set.state().plan.groups.size(); ++group) {
        for (const std::size_t index : set.state().plan.groups[group].events) {
            const Event& event = set.events()[index];
            const std::uint64_t running = event.core == "cpu_core"   ? on_big_ns
                                          : event.core == "cpu_atom" ? on_small_ns
                                                                     : enabled;
            counts.push_back(
                {index, static_cast<int>(group), Count(running == 0 ? 0 : 1000 * (index + 1), enabled, running), {}});
        }
    }
    return counts;
}

const MetricValue& value(const Sample& sample, std::string_view id, std::string_view core) {
    const auto found =
        std::ranges::find_if(sample.metrics, [&](const MetricValue& one) { return one.id == id && one.core == core; });
    REQUIRE(found != sample.metrics.end());
    return *found;
}

} // namespace

TEST_SUITE("set_builder") {
    TEST_CASE("a metric is bound on each core type, with its table's events and width") {
        const MetricSet set = parsed("ipc,mpki,per_slot");
        CHECK(values(set) == Names{"ipc@cpu_core", "ipc@cpu_atom", "mpki@cpu_core", "mpki@cpu_atom",
                                   "per_slot@cpu_core", "per_slot@cpu_atom"});
        CHECK(events(set) == Names{"instructions@cpu_core", "cycles@cpu_core", "instructions@cpu_atom",
                                   "cycles@cpu_atom", "llc_misses@cpu_core", "llc_misses@cpu_atom"});
        CHECK(set.events()[4].encoding == "cpu_core/event=0x2e,umask=0x41/");
        CHECK(set.events()[5].encoding == "cpu_atom/event=0x2e,umask=0x4f/");
        const std::vector<PlannedMetric>& metrics = set.state().metrics;
        CHECK(metrics[4].constants.front().second == 6);
        CHECK(metrics[5].constants.front().second == 5);
        CHECK(set.table() == "big+small");
    }

    TEST_CASE("no group has events of two core types, and each keeps within its own PMU's counters") {
        const MetricSet set = parsed("three,mpki");
        CHECK(values(set) == Names{"three@cpu_core", "!three@cpu_atom", "mpki@cpu_core", "mpki@cpu_atom"});
        CHECK(set.state().metrics[1].unavailable.cause == Cause::group_too_large);
        for (const PlannedGroup& group : set.state().plan.groups) {
            for (const std::size_t event : group.events)
                CHECK(set.events()[event].core == set.events()[group.events.front()].core);
        }
    }

    TEST_CASE("what one core type's table lacks is not available for that core type alone") {
        const MetricSet set = parsed("used");
        CHECK(values(set) == Names{"used@cpu_core", "!used@cpu_atom"});
        const Reason& reason = set.state().metrics[1].unavailable;
        CHECK(reason.cause == Cause::not_on_this_cpu);
        CHECK(reason.evidence.find("table small") != std::string::npos);
        const Names plan = set.plan();
        CHECK(std::ranges::any_of(
            plan, [](const std::string& line) { return line.starts_with("not available  used (cpu_atom): "); }));
        CHECK(values(parsed("used,used")) == Names{"used@cpu_core", "!used@cpu_atom"});
    }

    TEST_CASE("what is missing everywhere for one reason is one row without a core") {
        test::ScratchTree tree("alderlake");
        tree.remove("/sys/bus/event_source/devices/cpu_core").remove("/sys/bus/event_source/devices/cpu_atom");
        CHECK(values(parsed("ipc,cycles", tree.machine())) == Names{"!ipc"});
        CHECK(events(parsed("ipc,cycles", tree.machine())) == Names{"!cycles"});
    }

    TEST_CASE("software events, and metrics of them, are there once and without a core") {
        const MetricSet set = parsed("cpu,task-clock,page-faults,ipc");
        CHECK(values(set) == Names{"cpu", "ipc@cpu_core", "ipc@cpu_atom"});
        CHECK(events(set) == Names{"task-clock", "page-faults", "instructions@cpu_core", "cycles@cpu_core",
                                   "instructions@cpu_atom", "cycles@cpu_atom"});
    }

    TEST_CASE("bare names of events are events of each core type; a named PMU is that one") {
        CHECK(events(parsed("branch-misses")) == Names{"branch-misses@cpu_core", "branch-misses@cpu_atom"});
        CHECK(events(parsed("r1a2:u")) == Names{"r1a2:u@cpu_core", "r1a2:u@cpu_atom"});
        CHECK(events(parsed("llc_misses")) == Names{"llc_misses@cpu_core", "llc_misses@cpu_atom"});
        CHECK(events(parsed("LLC-loads")) == Names{"LLC-loads@cpu_core", "LLC-loads@cpu_atom"});
        CHECK(events(parsed("cpu_core/event=0x3c/")) == Names{"cpu_core/event=0x3c/@cpu_core"});
        const MetricSet set = parsed("r1a2");
        CHECK(set.events()[0].type == 4);
        CHECK(set.events()[1].type == 10);
        CHECK(set.state().asked == std::vector<bool>{true, true});
    }

    TEST_CASE("a role that one table lacks is an event of the others") {
        const MetricSet set = parsed("slots");
        CHECK(events(set) == Names{"slots@cpu_core", "!slots@cpu_atom"});
        CHECK(set.events()[1].unavailable.evidence.find("table small") != std::string::npos);
        const Expected<MetricSet> none = MetricSet::parse("no_such_thing", captured("alderlake"), made_up());
        REQUIRE(!none);
        CHECK(none.error().kind() == ErrorKind::unknown_name);
    }

    TEST_CASE("a formula is bound on each core type, and sees the earlier ones of its own") {
        const MetricSet set = parsed("x=instructions/cycles,y=1/x");
        CHECK(values(set) == Names{"x@cpu_core", "x@cpu_atom", "y@cpu_core", "y@cpu_atom"});
        for (const PlannedMetric& metric : set.state().metrics) {
            for (const Binding& binding : metric.bindings)
                CHECK(set.events()[binding.event].core == metric.core);
        }
        CHECK(values(parsed("s=task_clock/1e9")) == Names{"s"});
        CHECK(values(parsed("s=slots/cycles,t=2*s")) ==
              Names{"s@cpu_core", "!s@cpu_atom", "t@cpu_core", "!t@cpu_atom"});
    }

    TEST_CASE("a PMU that is named in a formula or a group is the one that all of it is counted on") {
        CHECK(values(parsed("x=`cpu_atom/event=0xc5/`/2,y=x*cycles")) == Names{"x@cpu_atom", "y@cpu_atom"});
        CHECK(values(parsed("x=`cpu_atom/event=0xc5/`+cycles+instructions")) == Names{"!x@cpu_atom"});
        CHECK(events(parsed("x=`cpu_atom/event=0x3c/`/instructions")) ==
              Names{"cpu_atom/event=0x3c/@cpu_atom", "instructions@cpu_atom"});
        const MetricSet set = parsed("{cpu_atom/event=0xc5/,cycles}");
        CHECK(groups(set) == std::vector<Names>{{"cpu_atom/event=0xc5/@cpu_atom", "cycles@cpu_atom"}});
        CHECK(values(parsed("x=`cpu_atom/event=0x3c/`/`cpu_core/event=0x3c/`")) == Names{"x"});
    }

    TEST_CASE("a group in braces is one group on each core type, software events included") {
        const MetricSet set = parsed("{ipc,task-clock}");
        CHECK(groups(set) == std::vector<Names>{{"instructions@cpu_core", "cycles@cpu_core", "task-clock@cpu_core"},
                                                {"instructions@cpu_atom", "cycles@cpu_atom", "task-clock@cpu_atom"}});
        CHECK(groups(parsed("{task-clock,page-faults}")) == std::vector<Names>{{"task-clock", "page-faults"}});
    }

    TEST_CASE("a group that one core type can't count is lost on that one alone") {
        const MetricSet set = parsed("{slots,cycles}");
        CHECK(events(set) == Names{"slots@cpu_core", "cycles@cpu_core", "!slots@cpu_atom", "!cycles@cpu_atom"});
        CHECK(groups(set).size() == 1);
    }

    TEST_CASE("groups that fit on the PMU together are one turn") {
        const MetricSet set = parsed("{cycles,instructions},{branches,branch-misses}");
        const std::vector<std::size_t>& turns = set.state().turns;
        REQUIRE(groups(set).size() == 4);
        REQUIRE(turns.size() == 4);
        // The big cores have counters for both, the small ones for one of them.
        for (std::size_t i = 0; i < 4; ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                const bool both_big =
                    groups(set)[i].front().ends_with("core") && groups(set)[j].front().ends_with("core");
                CHECK((turns[i] == turns[j]) == both_big);
            }
        }
        CHECK(parsed("ipc", captured("sapphirerapids")).state().turns.empty());
    }

    TEST_CASE("big.LITTLE is no different: a table for one, the fall-back for the other") {
        const MetricSet set = parsed("ipc,r8", captured("biglittle"));
        CHECK(values(set) == Names{"ipc@armv8_cortex_a53", "ipc@armv8_cortex_a72"});
        CHECK(set.table() == "generic+a72");
        for (const PlannedMetric& metric : set.state().metrics)
            CHECK_FALSE(metric.unavailable);
        CHECK(std::ranges::count(events(set), "r8@armv8_cortex_a53") == 1);
        CHECK(std::ranges::count(events(set), "r8@armv8_cortex_a72") == 1);
    }

    TEST_CASE("the default set has every metric on both core types of Alder Lake, software ones once") {
        const MetricSet set = MetricSet::standard(captured("alderlake"));
        CHECK(set.table() == "alderlake-p+alderlake-e");
        Names per_core;
        for (const std::string& value : values(set)) {
            INFO(value);
            CHECK_FALSE(value.starts_with("!"));
            if (value.ends_with("@cpu_core"))
                per_core.push_back(value.substr(0, value.find('@')));
        }
        CHECK(std::ranges::count(values(set), "cpu") == 1);
        CHECK(std::ranges::count(per_core, "ipc") == 1);
        CHECK(std::ranges::count(values(set), "ipc@cpu_atom") == 1);
        CHECK(set.state().turns.size() == set.state().plan.groups.size());
    }

    TEST_CASE("machines with one core type name none") {
        const MetricSet set = parsed("ipc,cycles,x=cycles/instructions,{branches,page-faults}", captured("zen4"));
        for (const PlannedMetric& metric : set.state().metrics)
            CHECK(metric.core.empty());
        for (const Event& event : set.events())
            CHECK(event.core.empty());
    }

    TEST_CASE("values are those of the time on each core type") {
        const MetricSet set = parsed("ipc,frequency,cpu");
        Sample sample;
        evaluate(set.state(), counts_of(set, 750'000, 250'000), 1, sample);
        CHECK(value(sample, "ipc", "cpu_core").value() == doctest::Approx(1000.0 / 2000.0));
        CHECK(value(sample, "ipc", "cpu_core").coverage == 1);
        CHECK(value(sample, "ipc", "cpu_atom").value() == doctest::Approx(3000.0 / 4000.0));
        CHECK(value(sample, "frequency", "cpu_core").value() == doctest::Approx(2000.0 / 750'000));
        CHECK(value(sample, "frequency", "cpu_atom").value() == doctest::Approx(4000.0 / 250'000));
        CHECK(value(sample, "cpu", "").has_value());
        CHECK(sample.events.at(0).core == "cpu_core");
        CHECK(sample.events.at(0).count.enabled_ns() == 750'000);
    }

    TEST_CASE("a task that never was on the small cores has values of the big ones, and a reason") {
        const MetricSet set = parsed("ipc");
        Sample sample;
        evaluate(set.state(), counts_of(set, 1'000'000, 0), 1, sample);
        CHECK(value(sample, "ipc", "cpu_core").has_value());
        const MetricValue& small = value(sample, "ipc", "cpu_atom");
        CHECK(small.state == State::not_counted);
        CHECK(small.reason.cause == Cause::never_ran);
        CHECK(small.reason.evidence.find("cpu_atom") != std::string::npos);
    }
}
