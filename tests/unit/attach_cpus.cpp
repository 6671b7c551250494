// CPUs of captured machines, on a kernel that is made up.
#include <doctest/doctest.h>

#include "session/attach_cpus.hpp"

#include "fake_kernel.hpp"
#include "test_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <linux/perf_event.h>
#include <set>
#include <string>
#include <vector>

using pmc::Attached;
using pmc::Cause;
using pmc::CountedOn;
using pmc::CounterSet;
using pmc::Counts;
using pmc::CpuAttachment;
using pmc::MetricSet;
using pmc::Rows;
using pmc::Sample;
using pmc::Target;
using pmc::test::captured;

namespace {

Sample sample_of(const MetricSet& set, Attached& attached, std::size_t row, CountedOn on = CountedOn::cpu) {
    Counts counts;
    attached.counters.read();
    attached.counters.counts(row, CounterSet::Since::start, counts);
    Sample sample;
    evaluate(set.state(), counts, 1, sample, on);
    return sample;
}

const pmc::MetricValue& value(const Sample& sample, const std::string& id) {
    const auto found = std::ranges::find(sample.metrics, id, &pmc::MetricValue::id);
    REQUIRE(found != sample.metrics.end());
    return *found;
}

} // namespace

TEST_SUITE("attach_cpus") {
    TEST_CASE("each core type's events are opened on its own CPUs") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const MetricSet set = *MetricSet::parse("ipc", captured("alderlake"));
        CpuAttachment cpus(set.state(), {.all_cpus = true, .rows = Rows::cpu});
        auto attached = cpus.attach();
        REQUIRE(attached);
        CHECK(attached->rows.size() == 24);
        CHECK(kernel.opens().size() == 2 * 24);
        std::set<int> big;
        std::set<int> small;
        for (const fake::OpenCall& call : kernel.opens())
            (call.attr.type == captured("alderlake").pmu("cpu_core")->type ? big : small).insert(call.cpu);
        CHECK(big.size() == 16);
        CHECK(*big.rbegin() == 15);
        CHECK(small.size() == 8);
        CHECK(*small.begin() == 16);
    }

    TEST_CASE("of some CPUs, those; one that is not there is a note, and none that is there an error") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const MetricSet set = *MetricSet::parse("cycles", captured("sapphirerapids"));
        CpuAttachment some(set.state(), {.cpus = {3, 1, 99, 1}});
        const auto attached = some.attach();
        REQUIRE(attached);
        REQUIRE(attached->rows.size() == 1);
        CHECK(attached->rows[0].scope == "system");
        CHECK(attached->rows[0].id == "1,3");
        CHECK(attached->rows[0].cpus == 2);
        REQUIRE(attached->notes.size() == 1);
        CHECK(attached->notes[0].starts_with("CPU 99: "));
        CpuAttachment none(set.state(), {.cpus = {99}});
        CHECK(none.attach().error().reason().cause == Cause::cpu_offline);
    }

    TEST_CASE("what counts for a socket is opened once, on all units of its PMU, whatever the number of CPUs") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const MetricSet set = *MetricSet::parse("uncore_imc/cas_count_read/,cycles", captured("sapphirerapids"));
        CpuAttachment cpus(set.state(), {.all_cpus = true});
        auto attached = cpus.attach();
        REQUIRE(attached);
        std::vector<std::uint32_t> units;
        for (const fake::OpenCall& call : kernel.opens())
            if (call.attr.type == 30 || call.attr.type == 31) {
                units.push_back(call.attr.type);
                CHECK(call.cpu == 0);
            }
        CHECK(units == std::vector<std::uint32_t>{30, 31});
        SUBCASE("in rows of CPUs it stands in one, and the others say where it belongs") {
            CpuAttachment rows(set.state(), {.all_cpus = true, .rows = Rows::cpu});
            auto by_cpu = rows.attach();
            REQUIRE(by_cpu);
            CHECK(sample_of(set, *by_cpu, 0).events[0].has_value());
            CHECK(sample_of(set, *by_cpu, 1).events[0].reason.cause == Cause::counts_elsewhere);
            CHECK(sample_of(set, *by_cpu, 1).events[1].has_value());
        }
    }

    TEST_CASE("whoever may not count others is told so, and nothing stays open") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const MetricSet set = *MetricSet::parse("cycles,page-faults", captured("sapphirerapids"));
        kernel.fail_open_if([](const fake::OpenCall& call) { return call.cpu >= 0 ? EACCES : 0; });
        CpuAttachment cpus(set.state(), {.all_cpus = true});
        const auto attached = cpus.attach();
        REQUIRE_FALSE(attached);
        CHECK(attached.error().message().starts_with("CPU 0: "));
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("on a CPU a metric of time says that idling is in it; of a task's it need not") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const MetricSet set = *MetricSet::parse("cpu,frequency,ipc", captured("sapphirerapids"));
        CpuAttachment cpus(set.state(), {.all_cpus = true});
        auto attached = cpus.attach();
        REQUIRE(attached);
        const Sample sample = sample_of(set, *attached, 0);
        for (const char* const id : {"cpu", "frequency"}) {
            CHECK(value(sample, id).quality == "proxy");
            CHECK(value(sample, id).note.find("idles") != std::string::npos);
        }
        CHECK(value(sample, "ipc").quality == "exact");
        CHECK(value(sample_of(set, *attached, 0, CountedOn::task), "cpu").quality == "exact");
    }

    TEST_CASE("CPUs that go and come are followed; who is not among the wanted is not") {
        fake::Kernel kernel{fake::Kernel::made_up};
        pmc::test::ScratchTree tree("sapphirerapids");
        const auto online = [&](const char* list) { tree.write("/sys/devices/system/cpu/online", list); };
        online("0-1");
        const MetricSet set = *MetricSet::parse("cycles", tree.machine());
        CpuAttachment cpus(set.state(), {.all_cpus = true, .rows = Rows::cpu});
        auto attached = cpus.attach();
        REQUIRE(attached);
        REQUIRE(attached->rows.size() == 2);
        kernel.set_times(500, 500);
        attached->counters.read();
        online("0");
        CHECK_FALSE(cpus.follow(*attached, true));
        CHECK(kernel.live() == 1);
        CHECK(sample_of(set, *attached, 1).events[0].has_value());
        REQUIRE(attached->notes.size() == 1);
        CHECK(attached->notes[0] == "CPU 1 went offline: it is counted while it is there");
        online("0-2");
        kernel.set_times(900, 900);
        attached->counters.read();
        CHECK(cpus.follow(*attached, true));
        CHECK(kernel.live() == 3);
        REQUIRE(attached->rows.size() == 3);
        CHECK(attached->rows[2].id == "2");
    }
}
