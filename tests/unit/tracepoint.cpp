#include "event/resolver.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <linux/perf_event.h>

namespace {

using namespace pmc;
using pmc::test::ScratchTree;

Event resolved(std::string_view name, const Machine& machine) {
    Resolved event = resolve_tracepoint(name, machine);
    REQUIRE(event.has_value());
    REQUIRE(event->has_value());
    return **event;
}

const std::string tracing = "/sys/kernel/tracing/events";

} // namespace

TEST_SUITE("tracepoint") {
    TEST_CASE("the id of a tracepoint is its config") {
        ScratchTree tree;
        const Machine machine = tree.write(tracing + "/sched/sched_switch/id", "314\n").machine();
        const Event event = resolved("sched:sched_switch", machine);
        CHECK(event.name == "sched:sched_switch");
        CHECK(event.type == PERF_TYPE_TRACEPOINT);
        CHECK(event.config == 314);
        CHECK(event.pmu == "tracepoint");
        CHECK(event.encoding == "tracepoint/config=0x13a/");
        CHECK(event.source == EventSource::tracepoint);
        CHECK_FALSE(event.unavailable);
    }

    TEST_CASE("tracefs below debugfs, where it used to be, does as well") {
        ScratchTree tree;
        const Machine machine = tree.write("/sys/kernel/debug/tracing/events/irq/irq_handler_entry/id", "77").machine();
        CHECK(resolved("irq:irq_handler_entry", machine).config == 77);
    }

    TEST_CASE("a name that a readable tracefs does not have is left to others") {
        ScratchTree tree;
        const Machine machine = tree.write(tracing + "/sched/sched_switch/id", "314").machine();
        CHECK_FALSE(resolve_tracepoint("sched:nonsense", machine).has_value());
        CHECK_FALSE(resolve_tracepoint("INST_RETIRED:ANY", machine).has_value());
    }

    TEST_CASE("where tracefs can't be read, the name of a tracepoint is not available, with what to do") {
        ScratchTree tree;
        const Machine machine = tree.machine();
        const Event event = resolved("sched:sched_switch", machine);
        CHECK(event.unavailable.cause == Cause::no_tracefs);
        CHECK(event.unavailable.evidence.find("tracefs") != std::string::npos);
        CHECK(event.unavailable.remedy.find("mount -t tracefs") != std::string::npos);
        CHECK(event.type == PERF_TYPE_TRACEPOINT);
    }

    TEST_CASE("names written in capitals are a CPU vendor's, whether tracefs can be read or not") {
        ScratchTree tree;
        CHECK_FALSE(resolve_tracepoint("INST_RETIRED:ANY", tree.machine()).has_value());
    }

    TEST_CASE("a tracepoint that exists, but whose id can't be read, is not available") {
        ScratchTree tree;
        const Machine machine = tree.write(tracing + "/sched/sched_switch/format", "name: sched_switch").machine();
        CHECK(resolved("sched:sched_switch", machine).unavailable.cause == Cause::no_tracefs);
    }

    TEST_CASE("other shapes are no tracepoints, and lead out of no folder") {
        ScratchTree tree;
        const Machine machine = tree.write(tracing + "/sched/sched_switch/id", "314").write("/x/y/id", "1").machine();
        for (const char* name : {"sched", "sched:", ":sched_switch", "sched::sched_switch", "sched:sched_switch:u",
                                 "..:y", "sched:../../x/y", "sched:.", ""})
            CHECK_FALSE(resolve_tracepoint(name, machine).has_value());
    }

    TEST_CASE("all tracepoints are listed, and nothing else of the folder") {
        ScratchTree tree;
        const Machine machine = tree.write(tracing + "/enable", "0")
                                    .write(tracing + "/header_page", "")
                                    .write(tracing + "/sched/enable", "0")
                                    .write(tracing + "/sched/filter", "none")
                                    .write(tracing + "/sched/sched_switch/id", "314")
                                    .write(tracing + "/irq/softirq_entry/id", "9")
                                    .write(tracing + "/ftrace/function/id", "1")
                                    .machine();
        CHECK(tracepoint_names(machine) == std::vector<std::string>{"irq:softirq_entry", "sched:sched_switch"});
        CHECK_FALSE(why_no_tracepoints(machine));
    }

    TEST_CASE("where tracefs can't be read none is listed, for that reason") {
        const ScratchTree tree;
        CHECK(tracepoint_names(tree.machine()).empty());
        CHECK(why_no_tracepoints(tree.machine()).cause == Cause::no_tracefs);
    }
}
