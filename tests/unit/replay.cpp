#include <pmc/replay.hpp>

#include "metric/metric_set_state.hpp"
#include "table/tables_state.hpp"
#include "test_tree.hpp"

#include <pmc/metric_set.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <vector>

using namespace pmc;
using pmc::test::captured;

namespace {

Result read(std::string_view text) {
    Expected<Result> result = Result::from_json(text);
    if (!result)
        FAIL(result.error().what());
    return *std::move(result);
}

/// A document written by hand: only what must be there.
Result by_hand(std::string_view events, std::string_view cpu = R"("id": "midr-41-d0c")") {
    return read(std::string(R"({"schema": "pmcstat/1", "cpu": {)")
                    .append(cpu)
                    .append(R"(}, "samples": [{"end_s": 2, "events": [)")
                    .append(events)
                    .append("]}]}"));
}

Result again(const Result& recorded, std::string_view list = {}, const Tables& tables = Tables::builtin()) {
    Expected<Result> result = replay(recorded, list, tables);
    if (!result)
        FAIL(result.error().what());
    return *std::move(result);
}

const MetricValue& metric(const Result& result, std::string_view id, std::size_t sample = 0) {
    const std::vector<MetricValue>& metrics = result.samples.at(sample).metrics;
    const auto found = std::ranges::find(metrics, id, &MetricValue::id);
    INFO(std::string(id));
    REQUIRE(found != metrics.end());
    return *found;
}

const EventCount& event(const Result& result, std::string_view name) {
    const std::vector<EventCount>& events = result.samples.at(0).events;
    const auto found = std::ranges::find(events, name, &EventCount::name);
    INFO(std::string(name));
    REQUIRE(found != events.end());
    return *found;
}

/// The first line in which two texts differ, or nothing.
std::string difference(const std::string& a, const std::string& b) {
    const auto [in_a, in_b] = std::ranges::mismatch(a, b);
    if (in_a == a.end() && in_b == b.end())
        return {};
    const auto from = [](const std::string& text, std::string::const_iterator at) {
        const std::size_t place = static_cast<std::size_t>(at - text.begin());
        const std::size_t begin = place < 200 ? 0 : place - 200;
        return text.substr(begin, 300);
    };
    return from(a, in_a) + "\n<=>\n" + from(b, in_b);
}

/// What a run of `list` on a captured machine leaves behind: each group counts other numbers, for another share of the
/// time.
Result recorded_on(std::string_view tree, std::string_view list) {
    const Machine machine = captured(tree);
    Expected<MetricSet> set = MetricSet::parse(list, machine, Tables::builtin());
    REQUIRE(set);
    const MetricSet::State& state = set->state();
    Counts counts;
    for (std::size_t group = 0; group < state.plan.groups.size(); ++group) {
        const bool last = group + 1 == state.plan.groups.size() && group > 1;
        for (const std::size_t index : state.plan.groups[group].events) {
            const std::uint64_t running = last ? 0 : 1'000'000 - 1000 * group;
            counts.push_back({index, static_cast<int>(group), Count(1003 * (index + 1) + 7 * group, 1'000'000, running),
                              last ? Reason{Cause::never_scheduled, 0, "never on the PMU", "ask for less"} : Reason{}});
        }
    }
    Result result;
    result.tool = "pmcstat 9.9.9";
    result.host = {machine.kernel_release(), machine.arch(), "", 4, 2, machine.smt()};
    result.cpu = {"some CPU", machine.core_types().front().cpu_id, state.table, machine.pmu_names()};
    result.run.argv = {"./app"};
    result.run.mode = to_string(state.mode);
    result.plan = set->plan();
    Sample sample;
    sample.id = "77";
    sample.start_s = 0.25;
    sample.end_s = 1.75;
    evaluate(state, counts, sample.end_s - sample.start_s, sample);
    result.samples.push_back(std::move(sample));
    return result;
}

} // namespace

TEST_SUITE("replay") {
    TEST_CASE("a recording that is replayed comes out as it was, to the byte") {
        const char* const lists[] = {
            "cpu,ipc,frequency,branch,llc,dtlb,stalls,topdown",
            "cycles,instructions:u,ipc:u,cpi,ipc,llc.mpki,page-faults,branch.mpki",
            "{cycles,instructions,task-clock},ipc,{branch,stalls},l1d,l2,llc,itlb,dtlb,kernel_share",
            "a=instructions/cycles,b=1000*a,ipc,c=`cycles:u`/`page-faults`,switch_rate,flops,energy,memory_bandwidth",
            "cache-misses,L1-dcache-loads,r11,r8:k,branches,cpu-clock,dummy",
        };
        for (const char* const tree : {"neoverse-n1", "qemu-n1", "kvm-no-pmu", "zen4", "sapphirerapids", "alderlake"}) {
            for (const char* const list : lists) {
                const std::string what = std::string(tree) + " " + list;
                INFO(what);
                const std::string text = recorded_on(tree, list).to_json();
                CHECK(difference(text, again(read(text)).to_json()) == "");
            }
        }
    }

    TEST_CASE("the same list asked of the recording gives what the run gave") {
        for (const char* const list :
             {"cpu,ipc,branch,llc,stalls", "{cycles,instructions},ipc:u,x=instructions/cycles"}) {
            const Result run = recorded_on("neoverse-n1", list);
            CHECK(difference(run.to_json(), again(run, list).to_json()) == "");
        }
    }

    TEST_CASE("names are enough: of roles, of the kernel's events, with hyphens or underscores") {
        const Result result = again(by_hand(R"({"name": "cycles", "raw": 1000, "group": 0},
                                               {"name": "instructions", "raw": 1500, "group": 0},
                                               {"name": "llc-refs", "raw": 40, "group": 0},
                                               {"name": "llc_misses", "raw": 10, "group": 0},
                                               {"name": "task-clock", "raw": 1000000000, "unit": "ns"})"),
                                    "ipc,llc,cpu,frequency");
        CHECK(metric(result, "ipc").value() == 1.5);
        CHECK(metric(result, "ipc").coverage == 1);
        CHECK(metric(result, "ipc").group == 0);
        CHECK(metric(result, "llc.miss_ratio").value() == 25);
        CHECK(metric(result, "llc.mpki").value() == doctest::Approx(10 * 1000 / 1500.0));
        CHECK(metric(result, "cpu").value() == 0.5); // 1 s of 2 s
        CHECK(metric(result, "frequency").value() == doctest::Approx(1000 / 2e9));
        CHECK(result.cpu.table == "neoverse-n1");
        CHECK(result.plan == std::vector<std::string>{"group 0  cycles, instructions, llc-refs, llc_misses"});
    }

    TEST_CASE("a document that asks for nothing gives every event, and what of the standard metrics it can tell") {
        const Result result = again(by_hand(R"({"name": "cycles", "raw": 1000, "group": 0},
                                               {"name": "instructions", "raw": 1500, "group": 0})"));
        CHECK(result.samples[0].metrics.size() == 2);
        CHECK(metric(result, "ipc").value() == 1.5);
        CHECK(metric(result, "frequency").has_value());
        CHECK(event(result, "cycles").asked);
        CHECK(event(result, "instructions").asked);
    }

    TEST_CASE("cycles and instructions are the same under the kernel's name and under the table's code") {
        for (const char* const encoding : {"hardware/config=0x0/", "armv8_pmuv3/event=0x11/",
                                           "armv8_pmuv3_0/event=0x11/", "armv8_pmuv3_0/config=0x11/"}) {
            INFO(encoding);
            const Result recorded =
                by_hand(std::string(R"({"name": "whatever", "raw": 2000, "group": 3, "encoding": ")")
                            .append(encoding)
                            .append(R"("}, {"name": "instructions", "raw": 1000, "group": 3})"));
            const Result result = again(recorded, "ipc,cycles");
            CHECK(metric(result, "ipc").value() == 0.5);
            CHECK(event(result, "cycles").count.raw() == 2000);
        }
    }

    TEST_CASE("an event of another code is not what its name says") {
        const Result result =
            again(by_hand(R"({"name": "llc_misses", "raw": 10, "group": 0, "encoding": "armv8_pmuv3/event=0x17/"},
                             {"name": "my-refs", "raw": 40, "group": 0, "encoding": "armv8_pmuv3/event=0x36/"},
                             {"name": "r37", "raw": 20, "group": 0, "encoding": "armv8_pmuv3/config=0x37/"})"),
                  "llc.miss_ratio");
        CHECK(metric(result, "llc.miss_ratio").value() == 50);
    }

    TEST_CASE("a modifier is part of the name: modes are kept apart") {
        const Result recorded = by_hand(R"({"name": "cycles:u", "raw": 500, "group": 0},
                                           {"name": "instructions:u", "raw": 1500, "group": 0},
                                           {"name": "cycles:k", "raw": 250, "group": 1},
                                           {"name": "cycles", "raw": 1000, "group": 1})");
        const Result result = again(recorded, "ipc:u,ipc,kernel_share,cycles:u");
        CHECK(metric(result, "ipc:u").value() == 3);
        CHECK(metric(result, "ipc").reason.cause == Cause::not_recorded);
        CHECK(metric(result, "kernel_share").value() == 25);
        CHECK(event(result, "cycles:u").count.raw() == 500);
    }

    TEST_CASE("where the whole run counted user mode, :u says nothing new") {
        Result recorded = by_hand(R"({"name": "cycles", "raw": 500, "group": 0},
                                     {"name": "instructions", "raw": 1500, "group": 0})");
        CHECK_FALSE(metric(again(recorded, "ipc:u"), "ipc:u").has_value());
        recorded.run.mode = "user";
        CHECK(metric(again(recorded, "ipc:u"), "ipc:u").value() == 3);
    }

    TEST_CASE("what was not counted together has no value, and says so") {
        const Result recorded = by_hand(R"({"name": "cycles", "raw": 1000, "group": 0},
                                           {"name": "instructions", "raw": 1500, "group": 1},
                                           {"name": "page-faults", "raw": 7},
                                           {"name": "branches", "raw": 7},
                                           {"name": "branch_misses", "raw": 7})");
        const Result result = again(recorded, "ipc,x=instructions/cycles,y=`page-faults`/cycles,branch");
        CHECK(metric(result, "ipc").state == State::not_available);
        CHECK(metric(result, "ipc").reason.cause == Cause::not_recorded);
        CHECK(metric(result, "ipc").reason.evidence == "its events were recorded in different groups");
        CHECK(metric(result, "x").reason.evidence == "its events were recorded in different groups");
        CHECK(metric(result, "y").value() == doctest::Approx(0.007)); // software events are counted all the time
        CHECK_FALSE(metric(result, "branch.miss_ratio").has_value()); // of no group: with nothing
        const Result group = again(recorded, "{cycles,instructions},page-faults");
        CHECK_FALSE(event(group, "cycles").has_value());
        CHECK(event(group, "instructions").reason.evidence == "its events were recorded in different groups");
        CHECK(event(group, "page-faults").count.raw() == 7);
    }

    TEST_CASE("an event that several groups counted is taken from the metric's own") {
        const Result result = again(by_hand(R"({"name": "cycles", "raw": 1000, "group": 0,
                                                "others": [{"group": 1, "raw": 500, "enabled_ns": 10, "running_ns": 10}]},
                                               {"name": "instructions", "raw": 1500, "group": 1},
                                               {"name": "stall_frontend", "raw": 100, "group": 0},
                                               {"name": "stall_backend", "raw": 200, "group": 0})"),
                                    "ipc,stalls,cycles");
        CHECK(metric(result, "ipc").value() == 3);
        CHECK(metric(result, "ipc").group == 1);
        CHECK(metric(result, "stalls.frontend").value() == 10);
        CHECK(event(result, "cycles").count.raw() == 1000);
    }

    TEST_CASE("a multiplexed count is scaled as it was") {
        const Result result = again(by_hand(R"(
            {"name": "cycles", "raw": 1000, "group": 0, "enabled_ns": 2000, "running_ns": 1000},
            {"name": "instructions", "raw": 1500, "group": 0, "enabled_ns": 2000, "running_ns": 1000})"),
                                    "ipc,cycles");
        CHECK(metric(result, "ipc").value() == 1.5);
        CHECK(metric(result, "ipc").coverage == 0.5);
        CHECK(event(result, "cycles").value() == 2000);
    }

    TEST_CASE("what had no value then keeps its state and its reason") {
        const Result recorded = by_hand(R"json({"name": "cycles", "raw": 1000, "group": 0},
                       {"name": "instructions", "raw": null, "group": 0, "state": "not counted",
                        "reason": "never on the PMU", "cause": "never_scheduled", "remedy": "ask for less"},
                       {"name": "LLC-loads", "raw": null, "state": "not available", "asked": true,
                        "reason": "this CPU has no such event (errno ENOENT)", "cause": "not_on_this_cpu", "errno": 2})json");
        const Result result = again(recorded, "ipc,LLC-loads,x=`LLC-loads`/cycles");
        CHECK(metric(result, "ipc").state == State::not_counted);
        CHECK(metric(result, "ipc").reason.evidence == "never on the PMU");
        CHECK(event(result, "LLC-loads").count.state() == State::not_available);
        CHECK(event(result, "LLC-loads").reason.error == 2);
        CHECK(metric(result, "x").reason.evidence == "needs LLC-loads: this CPU has no such event (errno ENOENT)");
    }

    TEST_CASE("a metric whose events are not in the recording says so, and others are not touched") {
        const Result result = again(by_hand(R"({"name": "cycles", "raw": 1000, "group": 0},
                                               {"name": "instructions", "raw": 1500, "group": 0})"),
                                    "ipc,l1d,page-faults,branches");
        CHECK(metric(result, "ipc").has_value());
        CHECK(metric(result, "l1d.miss_ratio").reason.cause == Cause::not_recorded);
        CHECK(metric(result, "l1d.miss_ratio").reason.evidence == "needs l1d_misses: not in the recording");
        CHECK(event(result, "page-faults").reason.evidence == "not in the recording");
        CHECK_FALSE(event(result, "branches").has_value());
    }

    TEST_CASE("optional parts of a metric drop out where they were not recorded") {
        const Result result = again(by_hand(R"({"name": "llc_misses", "raw": 10, "group": 0},
                                               {"name": "llc_refs", "raw": 40, "group": 0},
                                               {"name": "instructions", "raw": 1000, "group": 1})"),
                                    "llc");
        REQUIRE(result.samples[0].metrics.size() == 1);
        CHECK(metric(result, "llc.miss_ratio").value() == 25);
    }

    TEST_CASE("what the fall-back counted before there was a table is still known, as what it was") {
        const Result recorded =
            by_hand(R"({"name": "branches", "raw": 100, "group": 0, "encoding": "hardware/config=0x4/"},
                       {"name": "branch_misses", "raw": 5, "group": 0, "encoding": "hardware/config=0x5/"})");
        CHECK(metric(again(recorded, "branch"), "branch.miss_ratio").value() == 5);
    }

    TEST_CASE("a CPU that no table knows: what the recording names can still be counted with") {
        const Result recorded = by_hand(R"({"name": "cycles", "raw": 1000, "group": 0},
                                           {"name": "instructions", "raw": 1500, "group": 0},
                                           {"name": "cpu/event=0xd1,umask=0x20/", "raw": 30, "group": 0,
                                            "encoding": "cpu/event=0xd1,umask=0x20/"},
                                           {"name": "SOME_UNIT::SOME_EVENT", "raw": 15, "group": 0},
                                           {"name": "td_slots", "raw": 6000, "group": 0})",
                                        R"("id": "CentaurHauls-7-1")");
        const Result result = again(recorded, "ipc,x=1000*`SOME_UNIT::SOME_EVENT`/`cpu/event=0xd1,umask=0x20/`,"
                                              "y=td_slots/cycles,topdown,cycles");
        CHECK(metric(result, "ipc").value() == 1.5);
        CHECK(metric(result, "x").value() == 500);
        CHECK(metric(result, "y").value() == 6);
        CHECK_FALSE(metric(result, "topdown.retiring").has_value());
        CHECK(event(result, "cycles").count.raw() == 1000);
    }

    TEST_CASE("a document without any identity of a CPU is replayed by the names in it") {
        const Result result = again(by_hand(R"({"name": "cycles", "raw": 1000, "group": 0},
                                               {"name": "instructions", "raw": 1500, "group": 0})",
                                            ""),
                                    "ipc");
        CHECK(metric(result, "ipc").value() == 1.5);
    }

    TEST_CASE("each sample has its own events") {
        Result recorded = by_hand(R"({"name": "cycles", "raw": 1000, "group": 0},
                                     {"name": "instructions", "raw": 1500, "group": 0})");
        Sample second = by_hand(R"({"name": "stall_frontend", "raw": 100, "group": 0},
                                   {"name": "stall_backend", "raw": 200, "group": 0},
                                   {"name": "cycles", "raw": 400, "group": 0},
                                   {"name": "UNIT::X", "raw": 5, "group": 0})")
                            .samples[0];
        second.run = 1;
        recorded.samples.push_back(second);
        const Result result = again(recorded, "ipc,stalls,UNIT::X");
        CHECK(metric(result, "ipc", 0).value() == 1.5);
        CHECK_FALSE(metric(result, "stalls.frontend", 0).has_value());
        CHECK_FALSE(metric(result, "ipc", 1).has_value());
        CHECK(metric(result, "stalls.frontend", 1).value() == 25);
        CHECK(result.samples[1].run == 1);
        const Result all = again(recorded);
        CHECK(metric(all, "ipc", 0).value() == 1.5);
        CHECK(metric(all, "stalls.backend", 1).value() == 50);
    }

    TEST_CASE("regions are evaluated like other samples, over their own time, and stay regions") {
        const Result recorded = read(R"({"schema": "pmcstat/1", "cpu": {"id": "midr-41-d0c"}, "samples": [
            {"end_s": 2, "events": [{"name": "cycles", "raw": 1000, "group": 0},
                                    {"name": "instructions", "raw": 2000, "group": 0}]},
            {"scope": "region", "id": "parse", "end_s": 0.5, "region": {"pid": 7, "calls": 3, "time_s": 0.5},
             "events": [{"name": "cycles", "raw": 100, "group": 0},
                        {"name": "instructions", "raw": 50, "group": 0}]}]})");
        const Result result = again(recorded, "ipc,own = instructions / seconds");
        CHECK(metric(result, "ipc").value() == 2);
        CHECK(metric(result, "ipc", 1).value() == 0.5);
        CHECK(metric(result, "own", 1).value() == 100);
        REQUIRE(result.samples[1].region);
        CHECK(result.samples[1].region->calls == 3);
        CHECK(result.samples[1].scope == "region");
    }

    TEST_CASE("a new table's metric makes sense of an old run") {
        static const Tables tables = make_tables(
            {{.id = "mine", .match = {"midr-41-d0c"}, .events = {{.role = "walks", .terms = "event=0x34"}}},
             {.id = "generic", .events = {{.role = "instructions", .generic = "instructions"}}}},
            {{.id = "walk_rate",
              .variants = {{.needs = {"walks", "instructions"},
                            .values = {{.id = "walk_rate", .label = "walks", .formula = "walks / instructions"}}}}}},
            {{.role = "walks"}, {.role = "instructions"}});
        const Result result = again(by_hand(R"({"name": "walks", "raw": 100, "group": 0},
                                               {"name": "instructions", "raw": 400, "group": 0})"),
                                    "walk_rate", tables);
        CHECK(metric(result, "walk_rate").value() == 0.25);
        CHECK(result.cpu.table == "mine");
    }

    TEST_CASE("a metric that no table knows any more stands as it was recorded") {
        Result recorded = by_hand(R"({"name": "cycles", "raw": 1000, "group": 0})");
        MetricValue old;
        old.id = old.metric = old.label = "bygone";
        old.state = State::counted;
        old.number = 42;
        recorded.samples[0].metrics.push_back(old);
        CHECK(metric(again(recorded), "bygone").value() == 42);
        const Expected<Result> asked = replay(recorded, "bygone");
        REQUIRE_FALSE(asked);
        CHECK(asked.error().kind() == ErrorKind::unknown_name);
    }

    TEST_CASE("a list that is wrong is an error, as for a run") {
        const Result recorded = by_hand(R"({"name": "cycles", "raw": 1000, "group": 0})");
        CHECK(replay(recorded, "ipc,,llc").error().kind() == ErrorKind::syntax);
        CHECK(replay(recorded, "nosuchthing").error().kind() == ErrorKind::unknown_name);
        CHECK(replay(recorded, "ipc=cycles").error().kind() == ErrorKind::misuse);
    }

    TEST_CASE("absurd numbers are no crash, and no value out of nothing") {
        const Result recorded = by_hand(R"({"name": "cycles", "raw": 18446744073709551615, "group": 2147483647,
                        "enabled_ns": 18446744073709551615, "running_ns": 1},
                       {"name": "instructions", "raw": 18446744073709551615, "group": 2147483647,
                        "enabled_ns": 18446744073709551615, "running_ns": 1},
                       {"name": "page-faults", "raw": 1, "group": -2147483648, "scale": 1e30},
                       {"name": "task-clock", "raw": 0, "group": -5}, {"name": "", "raw": 3}, {"name": "{,/`", "raw": 3})");
        const Result result = again(recorded, "ipc,cpu,page_fault_rate,cycles,page-faults");
        CHECK(metric(result, "ipc").has_value());
        CHECK(metric(result, "page_fault_rate").reason.cause == Cause::division_by_zero);
        (void)again(recorded);
        Result endless = recorded;
        endless.samples[0].end_s = 1e308;
        endless.samples[0].start_s = -1e308;
        (void)again(endless, "cpu,ipc");
        CHECK(again(read(R"({"schema": "pmcstat/1", "cpu": {}, "samples": []})")).samples.empty());
        (void)again(read(R"({"schema": "pmcstat/1", "cpu": {}, "samples": [{"end_s": 0, "events": []}]})"),
                    "ipc,cycles");
    }

    TEST_CASE("a recording of several core types keeps the values of each, and its groups tell them apart") {
        const Result recorded = recorded_on("alderlake", "ipc,task-clock");
        REQUIRE(std::ranges::count(recorded.samples.at(0).metrics, "ipc", &MetricValue::id) == 2);
        const Result same = again(recorded);
        CHECK(difference(same.to_json(), recorded.to_json()).empty());
        const Result asked = again(recorded, "ipc");
        for (const MetricValue& value : asked.samples.at(0).metrics) {
            const auto then = std::ranges::find_if(recorded.samples.at(0).metrics, [&](const MetricValue& old) {
                return old.id == value.id && old.core == value.core;
            });
            REQUIRE(then != recorded.samples.at(0).metrics.end());
            CHECK(value.number == then->number);
        }
        CHECK(std::ranges::count(asked.samples.at(0).metrics, "ipc", &MetricValue::id) == 2);
        // Another metric of the same counts, on each.
        const Result other = again(recorded, "cpi");
        REQUIRE(other.samples.at(0).metrics.size() == 2);
        for (const MetricValue& value : other.samples.at(0).metrics) {
            CHECK(value.has_value());
            CHECK(!value.core.empty());
        }
    }

    TEST_CASE("a role that is named and nothing else has its table's scale and unit") {
        const Result result =
            replay(*Result::from_json(R"({"schema": "pmcstat/1", "cpu": {"table": "zen4"}, "samples": [{"end_s": 1,
            "events": [{"name": "mem_reads", "raw": 1000000000, "group": 0}, {"name": "mem_writes", "raw": 1000000000, "group": 0},
                       {"name": "energy_package", "raw": 4294967296, "group": 1}]}]})"),
                   "memory_bandwidth,energy", Tables::builtin())
                .value();
        CHECK(metric(result, "memory_bandwidth.read").number == doctest::Approx(64));
        CHECK(metric(result, "energy.package").number == doctest::Approx(1));
        CHECK(metric(result, "energy.package").scope == "package");
    }

    TEST_CASE("numbers that can't be are refused with their place") {
        const auto refused = [](std::string_view event, std::string_view place) {
            const Expected<Result> result =
                Result::from_json(R"({"schema": "pmcstat/1", "cpu": {}, "samples": [{"end_s": 1, "events": [)" +
                                  std::string(event) + "]}]}");
            REQUIRE_FALSE(result.has_value());
            CHECK_MESSAGE(result.error().message().find(place) != std::string::npos, result.error().message());
        };
        refused(R"({"name": "x", "raw": 1, "scale": 0})", "samples[0].events[0].scale");
        refused(R"({"name": "x", "raw": 1, "scale": -2})", "samples[0].events[0].scale");
        refused(R"({"name": "x", "raw": 1, "scale": 1e308})", "samples[0].events[0].scale");
        refused(R"({"name": "x", "raw": 1, "enabled_ns": 1, "running_ns": 2})", "samples[0].events[0].running_ns");
    }

    TEST_CASE("of repeated runs the statistics are those of what was evaluated again") {
        Result recorded = by_hand(R"({"name": "cycles", "raw": 100, "group": 0},
                                     {"name": "instructions", "raw": 200, "group": 0})");
        recorded.runs.assign(2, recorded.run);
        recorded.repeats = Result::Repeats{2, 0, 0, 0, ""};
        recorded.samples.push_back(recorded.samples[0]);
        recorded.samples[1].run = 1;
        recorded.statistics = {{"gone", "", "", "", "", "measured", {2, 1, 1, 1, {1, 1, 0.5}}, {}}};
        const Result result = again(recorded, "ipc");
        const auto ipc = std::ranges::find(result.statistics, "ipc", &Statistic::name);
        REQUIRE(ipc != result.statistics.end());
        CHECK(ipc->summary.samples == 2);
        CHECK(ipc->summary.median == 2);
        CHECK(std::ranges::find(result.statistics, "gone", &Statistic::name) == result.statistics.end());
        recorded.repeats.reset();
        CHECK(again(recorded, "ipc").statistics.at(0).name == "gone");
    }
}
