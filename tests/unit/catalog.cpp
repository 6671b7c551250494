#include <pmc/catalog.hpp>

#include "test_tree.hpp"

#include <algorithm>
#include <cctype>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace pmc;
using pmc::test::captured;

namespace {

template <typename Info, typename Field>
const Info* find(const std::vector<Info>& list, std::string_view name, Field field) {
    const auto found = std::ranges::find(list, name, field);
    return found == list.end() ? nullptr : &*found;
}

} // namespace

TEST_SUITE("catalog") {
    TEST_CASE("all metrics are listed, in the order of the tables") {
        const std::vector<MetricInfo> metrics = list_metrics("", captured("neoverse-n1"));
        REQUIRE(metrics.size() >= 8);
        CHECK(metrics[0].id == "cpu");
        CHECK(metrics[1].id == "ipc");
        for (const MetricInfo& metric : metrics) {
            CHECK(!metric.title.empty());
            CHECK(!metric.read.empty());
            CHECK(!metric.values.empty());
        }
    }

    TEST_CASE("a metric is listed with its formulas and the events that it counts here") {
        const std::vector<MetricInfo> metrics = list_metrics("llc", captured("neoverse-n1"));
        REQUIRE(metrics.size() == 1);
        const MetricInfo& llc = metrics.front();
        CHECK(!llc.unavailable);
        REQUIRE(llc.values.size() == 2);
        CHECK(llc.values[1].id == "llc.mpki");
        CHECK(llc.values[1].unit == "misses/kinsn");
        CHECK(llc.values[1].formula == "1000 * llc_misses / instructions");
        CHECK(std::ranges::count(llc.events, "llc_misses = armv8_pmuv3_0/event=0x37/") == 1);
    }

    TEST_CASE("a metric that can't be counted here says why") {
        const std::vector<MetricInfo> on_qemu = list_metrics("LLC", captured("qemu-n1"));
        REQUIRE(on_qemu.size() == 1);
        CHECK(on_qemu[0].unavailable.cause == Cause::not_on_this_cpu);
        CHECK(on_qemu[0].events.empty());
        CHECK(on_qemu[0].values.size() == 2);
        CHECK(list_metrics("ipc", captured("kvm-no-pmu")).at(0).unavailable.cause == Cause::no_virtual_pmu);
    }

    TEST_CASE("words are looked for in ids, titles, values and roles, in any case") {
        const Machine machine = captured("neoverse-n1");
        CHECK(find(list_metrics("MISPREDICTED", machine), "branch", &MetricInfo::id) != nullptr);
        CHECK(find(list_metrics("mpki", machine), "llc", &MetricInfo::id) != nullptr);
        CHECK(find(list_metrics("stall-backend", machine), "stalls", &MetricInfo::id) != nullptr);
        CHECK(list_metrics("no such word", machine).empty());
    }

    TEST_CASE("events of every source are listed under the names that -e takes") {
        const std::vector<EventInfo> events = list_events("", captured("neoverse-n1"));
        const EventInfo* task_clock = find(events, "task-clock", &EventInfo::name);
        REQUIRE(task_clock != nullptr);
        CHECK(task_clock->source == "software event");
        CHECK(!task_clock->description.empty());
        CHECK(!task_clock->encoding.empty());
        CHECK(!task_clock->unavailable);

        const EventInfo* llc_misses = find(events, "llc_misses", &EventInfo::name);
        REQUIRE(llc_misses != nullptr);
        CHECK(llc_misses->source == "event of table neoverse-n1");
        CHECK(llc_misses->encoding == "armv8_pmuv3_0/event=0x37/");

        const EventInfo* sysfs = find(events, "armv8_pmuv3_0/br_pred/", &EventInfo::name);
        REQUIRE(sysfs != nullptr);
        CHECK(sysfs->source == "sysfs PMU");
        CHECK(sysfs->encoding.find("event=0x") != std::string::npos);
        CHECK(find(events, "L1-dcache-loads", &EventInfo::name) != nullptr);
    }

    TEST_CASE("an event that can't be counted here says why") {
        const EventInfo* misses = nullptr;
        const std::vector<EventInfo> on_qemu = list_events("llc_misses", captured("qemu-n1"));
        misses = find(on_qemu, "llc_misses", &EventInfo::name);
        REQUIRE(misses != nullptr);
        CHECK(misses->unavailable.cause == Cause::not_on_this_cpu);
        const std::vector<EventInfo> in_vm = list_events("cycles", captured("kvm-no-pmu"));
        REQUIRE(find(in_vm, "cycles", &EventInfo::name) != nullptr);
        CHECK(find(in_vm, "cycles", &EventInfo::name)->unavailable.cause == Cause::no_virtual_pmu);
    }

    TEST_CASE("a word restricts the list of events") {
        for (const EventInfo& event : list_events("page-faults", captured("kvm-no-pmu"))) {
            std::string text = event.name + " " + event.description;
            std::ranges::replace(text, '_', '-');
            std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
            CHECK(text.find("page-faults") != std::string::npos);
        }
        CHECK(list_events("no such word", captured("kvm-no-pmu")).empty());
    }
}
