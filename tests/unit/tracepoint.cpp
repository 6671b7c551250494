#include "event/resolver.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <linux/perf_event.h>
#include <unistd.h>

namespace {

using namespace pmc;

/// A machine in a folder of its own, deleted in the end.
class Tree {
public:
    Tree() {
        char name[] = "/tmp/pmc-tracepoint-XXXXXX";
        REQUIRE(mkdtemp(name) != nullptr);
        root_ = name;
    }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;
    ~Tree() { std::filesystem::remove_all(root_); }

    Tree& with(const std::string& path, const std::string& content) {
        const std::filesystem::path file = root_ + path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << content;
        return *this;
    }
    [[nodiscard]] Machine machine() const { return Machine::from_tree(root_); }

private:
    std::string root_;
};

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
        Tree tree;
        const Machine machine = tree.with(tracing + "/sched/sched_switch/id", "314\n").machine();
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
        Tree tree;
        const Machine machine = tree.with("/sys/kernel/debug/tracing/events/irq/irq_handler_entry/id", "77").machine();
        CHECK(resolved("irq:irq_handler_entry", machine).config == 77);
    }

    TEST_CASE("a name that a readable tracefs does not have is left to others") {
        Tree tree;
        const Machine machine = tree.with(tracing + "/sched/sched_switch/id", "314").machine();
        CHECK_FALSE(resolve_tracepoint("sched:nonsense", machine).has_value());
        CHECK_FALSE(resolve_tracepoint("INST_RETIRED:ANY", machine).has_value());
    }

    TEST_CASE("where tracefs can't be read, the name of a tracepoint is not available, with what to do") {
        Tree tree;
        const Machine machine = tree.machine();
        const Event event = resolved("sched:sched_switch", machine);
        CHECK(event.unavailable.cause == Cause::blocked);
        CHECK(event.unavailable.evidence.find("tracefs") != std::string::npos);
        CHECK(event.unavailable.remedy.find("mount -t tracefs") != std::string::npos);
        CHECK(event.type == PERF_TYPE_TRACEPOINT);
    }

    TEST_CASE("names written in capitals are a CPU vendor's, whether tracefs can be read or not") {
        Tree tree;
        CHECK_FALSE(resolve_tracepoint("INST_RETIRED:ANY", tree.machine()).has_value());
    }

    TEST_CASE("a tracepoint that exists, but whose id can't be read, is not available") {
        Tree tree;
        const Machine machine = tree.with(tracing + "/sched/sched_switch/format", "name: sched_switch").machine();
        CHECK(resolved("sched:sched_switch", machine).unavailable.cause == Cause::blocked);
    }

    TEST_CASE("other shapes are no tracepoints, and lead out of no folder") {
        Tree tree;
        const Machine machine = tree.with(tracing + "/sched/sched_switch/id", "314").with("/x/y/id", "1").machine();
        for (const char* name : {"sched", "sched:", ":sched_switch", "sched::sched_switch", "sched:sched_switch:u",
                                 "..:y", "sched:../../x/y", "sched:.", ""})
            CHECK_FALSE(resolve_tracepoint(name, machine).has_value());
    }

    TEST_CASE("all tracepoints are listed, and nothing else of the folder") {
        Tree tree;
        const Machine machine = tree.with(tracing + "/enable", "0")
                                    .with(tracing + "/header_page", "")
                                    .with(tracing + "/sched/enable", "0")
                                    .with(tracing + "/sched/filter", "none")
                                    .with(tracing + "/sched/sched_switch/id", "314")
                                    .with(tracing + "/irq/softirq_entry/id", "9")
                                    .with(tracing + "/ftrace/function/id", "1")
                                    .machine();
        CHECK(tracepoint_names(machine) == std::vector<std::string>{"irq:softirq_entry", "sched:sched_switch"});
        CHECK(tracepoint_names(Tree().machine()).empty());
    }
}
