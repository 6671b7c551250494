#include <pmc/metric_set.hpp>

#include "counter/open_event.hpp"
#include "fake_kernel.hpp"
#include "metric/metric_set_state.hpp"
#include "test_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace pmc;
using pmc::test::captured;

namespace {

/// A machine of which no file can be read.
Machine nowhere() {
    return Machine::from_tree("/nonexistent");
}

MetricSet parsed(std::string_view list, const Machine& machine) {
    Expected<MetricSet> set = MetricSet::parse(list, machine);
    INFO(std::string(list));
    if (!set)
        FAIL(set.error().what());
    return std::move(*set);
}

Error error(std::string_view list) {
    Expected<MetricSet> set = MetricSet::parse(list, captured("neoverse-n1"));
    INFO(std::string(list));
    REQUIRE(!set);
    return set.error();
}

std::vector<std::string> names(const MetricSet& set) {
    std::vector<std::string> names;
    for (const Event& event : set.events())
        names.push_back(event.name);
    return names;
}

std::vector<std::string> value_ids(const MetricSet& set) {
    std::vector<std::string> ids;
    for (const PlannedMetric& metric : set.state().metrics) {
        for (const PlannedValue& value : metric.values)
            ids.push_back(value.id);
    }
    return ids;
}

const PlannedMetric& metric(const MetricSet& set, std::string_view id) {
    const auto& metrics = set.state().metrics;
    const auto found = std::ranges::find(metrics, id, &PlannedMetric::id);
    REQUIRE(found != metrics.end());
    return *found;
}

const Event& event(const MetricSet& set, std::string_view name) {
    const auto found = std::ranges::find(set.events(), name, &Event::name);
    REQUIRE(found != set.events().end());
    return *found;
}

/// Counts of all that the plan has: event i counts 1000 × (i + 1), all the time.
Counts full_counts(const MetricSet& set) {
    Counts counts;
    const std::vector<PlannedGroup>& groups = set.state().plan.groups;
    for (std::size_t group = 0; group < groups.size(); ++group) {
        for (const std::size_t index : groups[group].events)
            counts.push_back({index, static_cast<int>(group), Count(1000 * (index + 1), 1'000'000, 1'000'000), {}});
    }
    return counts;
}

using Names = std::vector<std::string>;

} // namespace

TEST_SUITE("metric_set") {
    TEST_CASE("the default set on Neoverse N1 takes its roles from its own table") {
        const MetricSet set = MetricSet::standard(captured("neoverse-n1"));
        CHECK(set.table() == "neoverse-n1");
        CHECK(value_ids(set) == Names{"cpu", "ipc", "frequency", "branch.miss_ratio", "branch.mpki", "llc.miss_ratio",
                                      "llc.mpki", "stalls.frontend", "stalls.backend"});
        CHECK(event(set, "llc_misses").encoding == "armv8_pmuv3_0/event=0x37/");
        CHECK(event(set, "branch_misses").config == 0x22);
        for (const PlannedMetric& planned : set.state().metrics)
            CHECK(!planned.unavailable);
    }

    TEST_CASE("what was named is told from what is standard, and values know which way they get better") {
        const MetricSet standard = MetricSet::standard(captured("neoverse-n1"));
        for (const PlannedMetric& planned : standard.state().metrics)
            CHECK_FALSE(planned.asked);
        const MetricSet named = MetricSet::parse("ipc,llc,frequency", captured("neoverse-n1")).value();
        REQUIRE(named.state().metrics.size() == 3);
        for (const PlannedMetric& planned : named.state().metrics)
            CHECK(planned.asked);
        CHECK(named.state().metrics[0].values[0].better == "higher");
        CHECK(named.state().metrics[1].values[0].better == "lower");
        CHECK(named.state().metrics[2].values[0].better.empty());
    }

    TEST_CASE("each metric's events are in one group, and no group needs more counters than there are") {
        const MetricSet set = MetricSet::standard(captured("neoverse-n1"));
        const MetricSet::State& state = set.state();
        for (const PlannedMetric& planned : state.metrics) {
            for (const Binding& binding : planned.bindings) {
                CHECK(binding.bundle == planned.bindings.front().bundle);
                const PlannedGroup& group = state.plan.groups.at(state.plan.group_of_bundle.at(binding.bundle));
                CHECK(std::ranges::count(group.events, binding.event) == 1);
            }
        }
        for (const PlannedGroup& group : state.plan.groups) {
            std::size_t takers = 0;
            for (const std::size_t index : group.events)
                takers += state.events[index].is_software() ? 0 : 1;
            CHECK(takers <= 7); // six, and the cycle counter
        }
    }

    TEST_CASE("with counts of all its events every metric of the default set has a value") {
        const MetricSet set = MetricSet::standard(captured("neoverse-n1"));
        Sample sample;
        evaluate(set.state(), full_counts(set), 1, sample);
        REQUIRE(sample.metrics.size() == value_ids(set).size());
        for (const MetricValue& value : sample.metrics) {
            INFO(value.id);
            CHECK(value.has_value());
            CHECK(value.coverage == 1);
            CHECK(!value.operands.empty());
        }
        REQUIRE(sample.metrics[0].also.size() == 3);
        CHECK(sample.metrics[0].also[0].title == "switches");
        CHECK(sample.metrics[0].operands[0].title == "task clock");
        CHECK(sample.metrics[0].operands[0].unit == "ns");
    }

    TEST_CASE("an architected event that the PMU does not list makes its metric unavailable, with the role's name") {
        const MetricSet set = MetricSet::standard(captured("qemu-n1"));
        CHECK(metric(set, "llc").unavailable.cause == Cause::not_on_this_cpu);
        CHECK(metric(set, "llc").unavailable.evidence.starts_with("needs llc_misses: "));
        CHECK(metric(set, "branch").unavailable.evidence.starts_with("needs branch_misses: "));
        CHECK(!metric(set, "ipc").unavailable);
        CHECK(!metric(set, "stalls").unavailable);

        Sample sample;
        evaluate(set.state(), full_counts(set), 1, sample);
        const auto mpki = std::ranges::find(sample.metrics, "llc.mpki", &MetricValue::id);
        REQUIRE(mpki != sample.metrics.end());
        CHECK(mpki->state == State::not_available);
        CHECK(mpki->metric == "llc");
    }

    TEST_CASE("an optional value drops out alone where its role is missing") {
        const MetricSet set = parsed("stalls", captured("neoverse-n1"));
        CHECK(value_ids(set) == Names{"stalls.frontend", "stalls.backend"});
        const MetricSet asked = parsed("stalls.memory", captured("neoverse-n1"));
        CHECK(value_ids(asked) == Names{"stalls.memory"});
        CHECK(metric(asked, "stalls").unavailable.evidence.starts_with("needs stall_memory: "));
    }

    TEST_CASE("the last-level cache is not what AMD's cache-misses counts: not available without a table") {
        test::ScratchTree tree("zen4");
        tree.write("/proc/cpuinfo",
                   "processor : 0\nvendor_id : AuthenticAMD\ncpu family : 21\nmodel : 2\nstepping : 0\n");
        const MetricSet set = parsed("llc", tree.machine());
        CHECK(set.table() == "generic");
        CHECK(metric(set, "llc").unavailable.cause == Cause::not_on_this_cpu);
    }

    TEST_CASE("on Zen 4 the last-level cache is told by the task's own fills, and labelled") {
        const MetricSet set = parsed("llc", captured("zen4"));
        CHECK(set.table() == "zen4");
        CHECK(event(set, "llc_misses").encoding == "cpu/event=0x43,umask=0xdc/");
        Sample sample;
        evaluate(set.state(), full_counts(set), 1, sample);
        CHECK(sample.metrics.front().quality == "approx");
        CHECK(sample.metrics.front().note.find("beyond the L3") != std::string::npos);
    }

    TEST_CASE("generic stand-ins are labelled") {
        test::ScratchTree tree("sapphirerapids");
        tree.write("/proc/cpuinfo",
                   "processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 69999\nstepping : 0\n");
        const MetricSet set = parsed("llc", tree.machine());
        Sample sample;
        evaluate(set.state(), full_counts(set), 1, sample);
        CHECK(sample.metrics.front().quality == "proxy");
        CHECK(sample.metrics.front().note.find("demand reads") != std::string::npos);
    }

    TEST_CASE("without a PMU all hardware is unavailable for the machine's reason, and software is not") {
        const MetricSet set =
            parsed("ipc,cycles,llc_misses,own_cpi=cycles/instructions,cpu,page-faults", captured("kvm-no-pmu"));
        CHECK(metric(set, "ipc").unavailable.cause == Cause::no_virtual_pmu);
        CHECK(metric(set, "own_cpi").unavailable.cause == Cause::no_virtual_pmu);
        CHECK(metric(set, "ipc").unavailable.evidence == metric(set, "own_cpi").unavailable.evidence);
        CHECK(event(set, "cycles").unavailable.cause == Cause::no_virtual_pmu);
        CHECK(event(set, "llc_misses").unavailable.cause == Cause::no_virtual_pmu);
        CHECK(!metric(set, "cpu").unavailable);
        CHECK(!event(set, "page-faults").unavailable);
        for (const PlannedGroup& group : set.state().plan.groups) {
            for (const std::size_t index : group.events)
                CHECK(set.events()[index].is_software());
        }
    }

    TEST_CASE("a free-running counter that opens is no hardware PMU") {
        const MetricSet set = parsed("msr/tsc/,ipc", captured("kvm-no-pmu"));
        CHECK(!event(set, "msr/tsc/").unavailable);
        CHECK(set.why_no_hardware().cause == Cause::no_virtual_pmu);
        CHECK(!parsed("cycles", captured("neoverse-n1")).why_no_hardware());
    }

    TEST_CASE("a tracepoint that can't be counted says nothing of the hardware") {
        const MetricSet set = parsed("sched:sched_switch,x=`sched:sched_wakeup`/2", captured("neoverse-n1"));
        CHECK(event(set, "sched:sched_switch").unavailable.cause == Cause::no_tracefs);
        CHECK(!set.why_no_hardware());
    }

    TEST_CASE("software events need nothing of the machine") {
        const MetricSet set = parsed("task-clock,cpu,switch_rate,page-fault-rate,minor-faults", nowhere());
        CHECK(set.table() == "generic");
        for (const Event& counted : set.events())
            CHECK(!counted.unavailable);
        for (const PlannedMetric& planned : set.state().metrics)
            CHECK(!planned.unavailable);
        CHECK(set.state().plan.groups.size() == 1);
    }

    TEST_CASE("what happens in the kernel is unavailable where only user mode is asked for, not 0") {
        const MetricSet set = parsed("context-switches:u,switch_rate:u,cpu:u,context-switches", nowhere());
        CHECK(event(set, "context-switches:u").unavailable.cause == Cause::needs_kernel_mode);
        CHECK(!event(set, "context-switches").unavailable);
        CHECK(metric(set, "switch_rate:u").unavailable.cause == Cause::needs_kernel_mode);
        CHECK(!metric(set, "cpu:u").unavailable);
        CHECK(metric(set, "cpu:u").also.size() == 1); // page faults
    }

    TEST_CASE("names may stand more than once, and count once") {
        const MetricSet set = parsed("ipc,cycles,ipc,cpu-cycles,cycles,ipc", captured("neoverse-n1"));
        CHECK(set.state().metrics.size() == 1);
        CHECK(names(set) == Names{"instructions", "cycles"});
        CHECK(set.state().asked == std::vector<bool>{false, true});
    }

    TEST_CASE("an event keeps the first of its names") {
        CHECK(names(parsed("cpu-cycles,cycles", captured("zen4"))) == Names{"cpu-cycles"});
        CHECK(names(parsed("faults,page-faults,page_fault_rate", nowhere())) ==
              Names{"faults", "task_clock", "major_faults"});
        // The user's name goes before that of a role.
        CHECK(names(parsed("page_fault_rate,page-faults,faults", nowhere())) ==
              Names{"page-faults", "task_clock", "major_faults"});
    }

    TEST_CASE("events of different modes are different events") {
        const MetricSet set = parsed("cycles:u,cycles:k,cycles", captured("zen4"));
        CHECK(names(set) == Names{"cycles:u", "cycles:k", "cycles"});
        CHECK(set.events()[0].has_mode);
        CHECK(set.events()[0].mode == Mode::user);
        CHECK(set.events()[1].mode == Mode::kernel);
        CHECK(!set.events()[2].has_mode);
    }

    TEST_CASE("Arm's generic branch-misses and the role branch_misses are not the same event") {
        const MetricSet set = parsed("branch-misses,branch", captured("neoverse-n1"));
        CHECK(names(set) == Names{"branch-misses", "branch_misses", "branches", "instructions"});
    }

    TEST_CASE("a modifier on a metric applies to all its events, and shows in its id") {
        const MetricSet set = parsed("ipc:u,ipc", captured("neoverse-n1"));
        CHECK(value_ids(set) == Names{"ipc:u", "ipc"});
        CHECK(names(set) == Names{"instructions:u", "cycles:u", "instructions", "cycles"});
        CHECK(event(set, "cycles:u").mode == Mode::user);
    }

    TEST_CASE("one value of a metric needs that value's events only; hyphens are underscores") {
        const MetricSet set = parsed("llc.mpki", captured("neoverse-n1"));
        CHECK(value_ids(set) == Names{"llc.mpki"});
        CHECK(names(set) == Names{"llc_misses", "instructions"});
        CHECK(value_ids(parsed("llc.miss-ratio", captured("neoverse-n1"))) == Names{"llc.miss_ratio"});
        CHECK(value_ids(parsed("llc.mpki,llc", captured("neoverse-n1"))) == Names{"llc.mpki", "llc.miss_ratio"});
        CHECK(value_ids(parsed("llc,llc.mpki", captured("neoverse-n1"))) == Names{"llc.miss_ratio", "llc.mpki"});
    }

    TEST_CASE("a group in braces is one kernel group, as it was asked for") {
        const MetricSet set = parsed("cycles,{instructions,cycles,task-clock}", captured("neoverse-n1"));
        const std::vector<PlannedGroup>& groups = set.state().plan.groups;
        const auto asked = std::ranges::find(groups, true, &PlannedGroup::explicit_group);
        REQUIRE(asked != groups.end());
        CHECK(asked->events.size() == 3);
        CHECK(std::ranges::count(groups, true, &PlannedGroup::explicit_group) == 1);
    }

    TEST_CASE("a metric in braces is counted in that group") {
        const MetricSet set = parsed("ipc,{llc,cycles}", captured("neoverse-n1"));
        const MetricSet::State& state = set.state();
        const PlannedMetric& llc = metric(set, "llc");
        CHECK(state.plan.groups[state.plan.group_of_bundle[llc.bindings[0].bundle]].explicit_group);
        Sample sample;
        evaluate(state, full_counts(set), 1, sample);
        for (const MetricValue& value : sample.metrics)
            CHECK(value.has_value());
    }

    TEST_CASE("a group in braces is counted together or not at all") {
        const MetricSet set = parsed("{cycles,llc_misses},instructions", captured("qemu-n1"));
        Sample sample;
        evaluate(set.state(), full_counts(set), 1, sample);
        REQUIRE(sample.events.size() == 3);
        CHECK(!sample.events[0].has_value());
        CHECK(sample.events[0].reason.evidence.find("llc_misses") != std::string::npos);
        CHECK(!sample.events[1].has_value());
        CHECK(sample.events[2].has_value());

        const MetricSet with_metric = parsed("{llc,cycles},cycles", captured("qemu-n1"));
        evaluate(with_metric.state(), full_counts(with_metric), 1, sample);
        REQUIRE(sample.events.size() == 1);
        CHECK(sample.events[0].has_value()); // it stands alone, too
    }

    TEST_CASE("a formula of the user is a metric over roles, generic names and events in backquotes") {
        const MetricSet set =
            parsed("own_cpi=cycles/instructions,x=`r1b`/ref_cycles + minor_faults*seconds", captured("neoverse-n1"));
        CHECK(value_ids(set) == Names{"own_cpi", "x"});
        CHECK(event(set, "cycles").encoding == "armv8_pmuv3_0/event=0x11/");
        CHECK(std::ranges::count(names(set), "minor_faults") == 1);
        CHECK(set.state().asked == std::vector<bool>(set.events().size(), false));

        Sample sample;
        evaluate(set.state(), full_counts(set), 1, sample);
        CHECK(sample.metrics[0].number == doctest::Approx(0.5));
        CHECK(sample.metrics[0].unit.empty());
        CHECK(sample.metrics[1].has_value());
    }

    TEST_CASE("a formula may use those before it") {
        const MetricSet set =
            parsed("own_cpi=cycles/instructions,twice=2*own_cpi,more=twice+own_cpi+cycles*0", captured("neoverse-n1"));
        Sample sample;
        evaluate(set.state(), full_counts(set), 1, sample);
        REQUIRE(sample.metrics.size() == 3);
        CHECK(sample.metrics[1].number == doctest::Approx(1));
        CHECK(sample.metrics[2].number == doctest::Approx(1.5));
        CHECK(names(set) == Names{"cycles", "instructions"});
    }

    TEST_CASE("a formula named like an event does not change what the event means to the formulas before it") {
        const MetricSet set = parsed("a=cycles/2,cycles=a*10,b=cycles+a", captured("neoverse-n1"));
        Sample sample;
        evaluate(set.state(), full_counts(set), 1, sample);
        REQUIRE(sample.metrics.size() == 3);
        CHECK(sample.metrics[0].number == 500);
        CHECK(sample.metrics[1].number == 5'000);
        CHECK(sample.metrics[2].number == 5'500);
    }

    TEST_CASE("a formula of hardware and software events is counted in two groups") {
        const MetricSet set = parsed("hz=cycles/task_clock", captured("neoverse-n1"));
        CHECK(set.state().plan.groups.size() == 2);
        Sample sample;
        evaluate(set.state(), full_counts(set), 1, sample);
        CHECK(sample.metrics[0].number == doctest::Approx(0.5));
    }

    TEST_CASE("a formula of more events than there are counters is unavailable") {
        const MetricSet set = parsed("x=`r1`+`r2`+`r3`+`r4`+`r5`+`r8`+`r10`", captured("neoverse-n1"));
        CHECK(metric(set, "x").unavailable.cause == Cause::group_too_large);
        CHECK(set.events().empty());
        const MetricSet fits = parsed("x=`r1`+`r2`+`r3`+`r4`+`r5`+`r8`+cycles", captured("neoverse-n1"));
        CHECK(!metric(fits, "x").unavailable);
    }

    TEST_CASE("a formula with an event that can't be counted is unavailable, and names it") {
        const MetricSet set = parsed("x=llc_misses/cycles,y=x*2", captured("qemu-n1"));
        CHECK(metric(set, "x").unavailable.evidence.starts_with("needs llc_misses: "));
        CHECK(metric(set, "y").unavailable.evidence.starts_with("needs llc_misses: "));
    }

    TEST_CASE("errors are of syntax, of unknown names, and of misuse") {
        for (const char* list : {"", "ipc,,llc", "x=", "x=1+", "x=(cycles", "{cycles", "x=`cycles,instructions`"})
            CHECK(error(list).kind() == ErrorKind::syntax);
        CHECK(error("no-such-event").kind() == ErrorKind::unknown_name);
        CHECK(error("llc.nothing").kind() == ErrorKind::unknown_name);
        CHECK(error("x=no_such_event*2").kind() == ErrorKind::unknown_name);
        CHECK(error("ipc=cycles/2").kind() == ErrorKind::misuse);
        CHECK(error("seconds=cycles/2").kind() == ErrorKind::misuse);
        CHECK(error("x=cycles,x=instructions").kind() == ErrorKind::misuse);
        CHECK(error("x=2*ipc").kind() == ErrorKind::misuse);
    }

    TEST_CASE("formulas that stack up without end are refused") {
        std::string list = "a0=cycles";
        for (int i = 1; i < 400; ++i)
            list += ",a" + std::to_string(i) + "=a" + std::to_string(i - 1) + "+1";
        CHECK(error(list).kind() == ErrorKind::misuse);
    }

    TEST_CASE("the plan says which events are in which group, and what is missing") {
        const MetricSet set = parsed("task-clock,ipc,llc", captured("qemu-n1"));
        const std::vector<std::string> plan = set.plan();
        REQUIRE(plan.size() == 3);
        CHECK(plan[0] == "group 0  software     task-clock");
        CHECK(plan[1] == "group 1  armv8_pmuv3  instructions, cycles");
        CHECK(plan[2].starts_with("not available  llc: needs llc_misses: "));
    }

    TEST_CASE("a set on the host is made without an error, whatever it has") {
        const MetricSet set = MetricSet::standard();
        CHECK(value_ids(set).size() >= 9);
        CHECK(std::ranges::count(names(set), "task_clock") == 1);
    }

    TEST_CASE("software events of the host are made without a probe: the only call finds out the mode") {
        fake::Kernel kernel{fake::Kernel::made_up};
        reset_permitted_mode();
        const MetricSet set = parsed("task-clock,cpu,page_fault_rate", Machine::host());
        CHECK(kernel.opens().size() == 1);
        CHECK(kernel.live() == 0);
        CHECK(set.mode() == Mode::user_kernel);
        reset_permitted_mode();
    }

    TEST_CASE("where the kernel may not be counted, user mode is, and what happens in the kernel is unavailable") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall& call) { return call.attr.exclude_kernel ? 0 : EACCES; });
        reset_permitted_mode();
        const MetricSet set = parsed("context-switches,page-faults,cpu", Machine::host());
        reset_permitted_mode();
        CHECK(set.mode() == Mode::user);
        CHECK(event(set, "context-switches").unavailable.cause == Cause::needs_kernel_mode);
        CHECK(!event(set, "page-faults").unavailable);
        CHECK(metric(set, "cpu").also.size() == 1);
    }

    TEST_CASE("where nothing may be opened, all is unavailable for that one reason, without a call for each") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall&) { return EPERM; });
        reset_permitted_mode();
        const MetricSet set = MetricSet::standard();
        reset_permitted_mode();
        CHECK(kernel.opens().size() <= 3);
        CHECK(set.events().empty());
        for (const PlannedMetric& planned : set.state().metrics) {
            CHECK(planned.unavailable.cause == set.state().metrics.front().unavailable.cause);
            CHECK(planned.unavailable.error == EPERM);
        }
    }
}
