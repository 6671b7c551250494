#include "table/tables_state.hpp"
#include "test_tree.hpp"

#include <pmc/catalog.hpp>

#include <algorithm>
#include <cctype>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace pmc;
using pmc::test::captured;
using pmc::test::ScratchTree;

namespace {

template <typename Info, typename Field>
const Info* find(const std::vector<Info>& list, std::string_view name, Field field) {
    const auto found = std::ranges::find(list, name, field);
    return found == list.end() ? nullptr : &*found;
}

const MetricInfo::Role& role_of(const MetricInfo::OnCore& core, std::string_view name) {
    const MetricInfo::Role* role = find(core.roles, name, &MetricInfo::Role::role);
    REQUIRE(role != nullptr);
    return *role;
}

Machine described(std::string_view cpu, const Tables& tables = Tables::builtin()) {
    Expected<Machine> machine = tables.machine(cpu);
    REQUIRE(machine);
    return *machine;
}

/// An AMD table with one metric of a core and one of a PMU beside it, and a kernel name with a trap.
Tables made_up() {
    const auto value = [](std::string_view id, std::string_view formula, bool optional = false) {
        return MetricValueDef{
            .id = id, .label = id, .unit = "%", .formula = formula, .better = "lower", .optional = optional};
    };
    MetricDef cache{.id = "cache", .title = "a cache", .read = "-", .source = "a manual", .variants = {}, .also = {}};
    cache.variants.push_back({.needs = {"best"}, .lets = {}, .values = {value("cache.ratio", "best")}});
    cache.variants.push_back({.needs = {"hits", "misses"},
                              .lets = {{"all", "hits + misses"}},
                              .values = {value("cache.ratio", "misses / all"), value("cache.other", "rare", true)}});
    MetricDef memory{.id = "memory", .title = "traffic", .read = "-", .source = "-", .variants = {}, .also = {}};
    memory.variants.push_back({.needs = {"reads"}, .lets = {}, .values = {value("memory", "64 * reads / seconds")}});
    MetricDef lacking{.id = "lacking", .title = "none", .read = "-", .source = "-", .variants = {}, .also = {}};
    lacking.variants.push_back({.needs = {"best", "rare"}, .lets = {}, .values = {value("lacking", "best / rare")}});
    lacking.variants.push_back({.needs = {"hits", "rare"}, .lets = {}, .values = {value("lacking", "hits / rare")}});

    CpuTable zen{.id = "zen", .title = "Zen", .match = {"AuthenticAMD-25-11"}, .pfm = "amd64_zen"};
    zen.events = {
        {.role = "hits", .terms = "event=0x1", .pfm = "HITS", .on = "0-3", .counts = "hits of Zen"},
        {.role = "reads", .pmu = "amd_umc", .terms = "event=0xa", .scale = 64, .unit = "B", .scope = "package"}};
    CpuTable generic{.id = "generic", .title = "generic"};
    generic.events = {
        {.role = "misses", .generic = "cache-misses", .quality = "proxy", .counts = "what the kernel takes"}};
    generic.names = {{"cache-misses", "GenuineIntel", "misses of the L3"},
                     {"cache-misses", "AuthenticAMD", "misses of the second level"}};
    return make_tables({zen, generic}, {cache, memory, lacking},
                       {{.role = "hits", .title = "hits"},
                        {.role = "misses", .title = "misses"},
                        {.role = "best", .title = "best"},
                        {.role = "rare", .title = "rare"},
                        {.role = "reads", .title = "reads", .unit = "B"}});
}

Machine made_up_zen() {
    const std::string pmus = "/sys/bus/event_source/devices/";
    return Machine::from_files(
        {{"/arch", "x86_64"},
         {"/sys/devices/system/cpu/online", "0"},
         {"/proc/cpuinfo", "processor : 0\nvendor_id : AuthenticAMD\ncpu family : 25\nmodel : 17\n"
                           "model name : Zen\nstepping : 1\n"},
         {pmus + "cpu/type", "4"},
         {pmus + "cpu/format/event", "config:0-7,32-35"},
         {pmus + "amd_umc/type", "20"},
         {pmus + "amd_umc/cpumask", "0"},
         {pmus + "amd_umc/format/event", "config:0-7"}});
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
            CHECK(!metric.source.empty());
            REQUIRE(metric.cores.size() == 1);
            CHECK(!metric.cores[0].values.empty());
            CHECK(!metric.cores[0].roles.empty());
        }
    }

    TEST_CASE("a metric is listed with its formulas and the events that it counts here") {
        const std::vector<MetricInfo> metrics = list_metrics("llc", captured("neoverse-n1"));
        const MetricInfo* llc = find(metrics, "llc", &MetricInfo::id);
        REQUIRE(llc != nullptr);
        CHECK(!llc->unavailable);
        CHECK(llc->exact);
        const MetricInfo::OnCore& core = llc->cores.front();
        CHECK(core.pmu == "armv8_pmuv3_0");
        CHECK(core.table == "neoverse-n1");
        REQUIRE(core.values.size() == 2);
        CHECK(core.values[1].id == "llc.mpki");
        CHECK(core.values[1].unit == "misses/kinsn");
        CHECK(core.values[1].better == "lower");
        CHECK(core.values[1].formula == "1000 * llc_misses / instructions");
        const MetricInfo::Role& misses = role_of(core, "llc_misses");
        CHECK(misses.title == "LLC misses");
        CHECK(misses.encoding == "armv8_pmuv3_0/event=0x37/");
        CHECK(misses.pfm == "arm_n1::LL_CACHE_MISS_RD");
        CHECK(misses.table == "neoverse-n1");
        CHECK(misses.counts.find("missed the last-level cache") != std::string::npos);
        CHECK(!misses.unavailable);
    }

    TEST_CASE("a CPU that is not here is listed like one that is") {
        const auto encodings = [](const Machine& machine) {
            std::vector<std::string> all;
            for (const MetricInfo& metric : list_metrics("", machine)) {
                all.push_back(metric.id + (metric.unavailable ? " no" : " yes"));
                for (const MetricInfo::Role& role : metric.cores.front().roles)
                    all.push_back(role.role + " " + role.encoding + " " + role.counts);
            }
            return all;
        };
        CHECK(encodings(described("neoverse-n1")) == encodings(captured("neoverse-n1")));
        CHECK(encodings(described("midr-41-d0c")) == encodings(captured("neoverse-n1")));
    }

    TEST_CASE("every CPU with a table has the metrics that are about cycles and instructions") {
        for (const Tables::Cpu& cpu : Tables::builtin().cpus()) {
            if (cpu.match.empty())
                continue;
            INFO(cpu.id);
            const Machine machine = described(cpu.id);
            CHECK(Catalog::cpu_of(machine).table == cpu.id);
            const MetricInfo ipc = list_metrics("ipc", machine).at(0);
            CHECK(ipc.id == "ipc");
            CHECK(!ipc.unavailable);
            CHECK(role_of(ipc.cores.front(), "cycles").table == cpu.id);
        }
    }

    TEST_CASE("the variant that is taken is shown, with its lets and where its events come from") {
        const MetricInfo cache = list_metrics("cache", made_up_zen(), made_up()).at(0);
        CHECK(!cache.unavailable);
        const MetricInfo::OnCore& core = cache.cores.front();
        CHECK(core.variant == 2);
        CHECK(core.quality == "proxy");
        CHECK(core.values.at(0).formula == "misses / all");
        REQUIRE(core.lets.size() == 1);
        CHECK(core.lets[0].name == "all");
        CHECK(core.lets[0].formula == "hits + misses");
        CHECK(role_of(core, "hits").table == "zen");
        CHECK(role_of(core, "hits").pfm == "amd64_zen::HITS");
        CHECK(role_of(core, "hits").counters == "0-3");
        CHECK(role_of(core, "misses").table == "generic");
        CHECK(role_of(core, "misses").quality == "proxy");
        CHECK(role_of(core, "misses").pfm.empty());
    }

    TEST_CASE("an optional value that stays away says why") {
        const MetricInfo cache = list_metrics("cache", made_up_zen(), made_up()).at(0);
        REQUIRE(cache.cores.front().values.size() == 2);
        CHECK(!cache.cores.front().values[0].unavailable);
        const Reason& why = cache.cores.front().values[1].unavailable;
        CHECK(why.cause == Cause::not_on_this_cpu);
    }

    TEST_CASE("of a metric that no variant makes, the nearest is shown with all that it lacks") {
        const MetricInfo lacking = list_metrics("lacking", made_up_zen(), made_up()).at(0);
        CHECK(lacking.unavailable.cause == Cause::not_on_this_cpu);
        CHECK(lacking.unavailable.evidence.starts_with("needs rare: "));
        const MetricInfo::OnCore& core = lacking.cores.front();
        CHECK(core.variant == 2);
        CHECK(!role_of(core, "hits").unavailable);
        CHECK(role_of(core, "rare").unavailable.cause == Cause::not_on_this_cpu);
        CHECK(role_of(core, "rare").encoding.empty());
    }

    TEST_CASE("on a machine that is not here, what counts for a socket is available") {
        const MetricInfo memory = list_metrics("memory", made_up_zen(), made_up()).at(0);
        CHECK(!memory.unavailable);
        CHECK(memory.cores.front().scope == "package");
        const MetricInfo::Role& reads = role_of(memory.cores.front(), "reads");
        CHECK(reads.encoding == "amd_umc/event=0xa/");
        CHECK(reads.scale == 64);
        CHECK(reads.unit == "B");
        CHECK(!reads.unavailable);
    }

    TEST_CASE("a role that is one mode of another has its event") {
        const MetricInfo share = list_metrics("kernel_share", captured("neoverse-n1")).at(0);
        const MetricInfo::Role& kernel = role_of(share.cores.front(), "kernel_cycles");
        CHECK(kernel.mode == "kernel");
        CHECK(kernel.encoding == "armv8_pmuv3_0/event=0x11/");
    }

    TEST_CASE("a metric that can't be counted here says why") {
        const MetricInfo on_qemu = list_metrics("LLC", captured("qemu-n1")).at(0);
        CHECK(on_qemu.unavailable.cause == Cause::not_on_this_cpu);
        CHECK(on_qemu.cores.front().values.size() == 2);
        CHECK(role_of(on_qemu.cores.front(), "llc_misses").unavailable.cause == Cause::not_on_this_cpu);
        CHECK(!role_of(on_qemu.cores.front(), "instructions").unavailable);
        CHECK(list_metrics("ipc", captured("kvm-no-pmu")).at(0).unavailable.cause == Cause::no_virtual_pmu);
    }

    TEST_CASE("words are looked for in ids, titles, values and roles, in any case") {
        const Machine machine = captured("neoverse-n1");
        CHECK(find(list_metrics("MISPREDICTED", machine), "branch", &MetricInfo::id) != nullptr);
        CHECK(find(list_metrics("mpki", machine), "llc", &MetricInfo::id) != nullptr);
        CHECK(find(list_metrics("stall-backend", machine), "stalls", &MetricInfo::id) != nullptr);
        CHECK(find(list_metrics("page walks", machine), "dtlb", &MetricInfo::id) != nullptr);
        CHECK(find(list_metrics("executed architecturally", machine), "branch", &MetricInfo::id) != nullptr);
        CHECK(find(list_metrics("hits of Zen", made_up_zen(), made_up()), "cache", &MetricInfo::id) != nullptr);
        CHECK(list_metrics("no such word", machine).empty());
    }

    TEST_CASE("a metric's id, or that of one of its values, names it exactly") {
        const Machine machine = captured("neoverse-n1");
        for (const char* const word : {"llc", "LLC", "llc.mpki", "llc.miss-ratio"}) {
            for (const MetricInfo& metric : list_metrics(word, machine))
                CHECK(metric.exact == (metric.id == "llc"));
        }
        for (const MetricInfo& metric : list_metrics("ll", machine))
            CHECK(!metric.exact);
        for (const MetricInfo& metric : list_metrics("", machine))
            CHECK(!metric.exact);
    }

    TEST_CASE("the kernel's names tell what they are on the CPU of this vendor") {
        const std::vector<EventInfo> events = list_events("cache-misses", made_up_zen(), made_up());
        const EventInfo* misses = find(events, "cache-misses", &EventInfo::name);
        REQUIRE(misses != nullptr);
        CHECK(misses->counts == "misses of the second level");
        CHECK(find(list_events("second level", made_up_zen(), made_up()), "cache-misses", &EventInfo::name) != nullptr);
        CHECK(list_events("misses of the L3", made_up_zen(), made_up()).empty());
    }

    TEST_CASE("an event of the table that has a kernel event's name is listed once, as -e takes it") {
        const std::vector<EventInfo> events = list_events("", captured("neoverse-n1"));
        CHECK(std::ranges::count(events, "cycles", &EventInfo::name) == 1);
        CHECK(std::ranges::count(events, "branch_misses", &EventInfo::name) == 0);
        CHECK(std::ranges::count(events, "branch-misses", &EventInfo::name) == 1);
    }

    TEST_CASE("sources that need loading are left out on request") {
        const std::vector<EventInfo> events =
            list_events("", captured("neoverse-n1"), Tables::builtin(), {false, false, false});
        CHECK(!events.empty());
        for (const EventInfo& event : events) {
            CHECK(event.source != "sysfs PMU");
            CHECK(event.source != "tracepoint");
            CHECK(event.source != "libpfm4");
        }
    }

    TEST_CASE("for a metric's id nothing is loaded") {
        const Machine machine = captured("neoverse-n1");
        const Catalog llc = catalog("llc", machine);
        CHECK(!llc.is_complete);
        CHECK(std::ranges::count(llc.events, "libpfm4", &EventInfo::source) == 0);
        CHECK(catalog("ll_", machine).is_complete);
        CHECK(llc.cpu.id.starts_with("midr-41-d0c"));
        CHECK(llc.cpu.table == "neoverse-n1");
        CHECK(!llc.no_pmu);
        CHECK(catalog("llc", captured("kvm-no-pmu")).no_pmu.cause == Cause::no_virtual_pmu);
    }

    TEST_CASE("tracepoints that could not be searched are told of, with what to do; those not asked for are not") {
        ScratchTree tree("neoverse-n1");
        const Catalog unreadable = catalog("sched_switch", tree.machine());
        CHECK(unreadable.no_tracepoints.cause == Cause::no_tracefs);
        CHECK(!unreadable.no_tracepoints.remedy.empty());
        CHECK(unreadable.to_json().find("\"no_tracepoints\"") != std::string::npos);
        CHECK(!catalog("llc", tree.machine()).no_tracepoints);
        CHECK(!catalog("sched_switch", tree.machine(), Tables::builtin(), {false, false, false}).no_tracepoints);

        tree.write("/sys/kernel/tracing/events/sched/sched_switch/id", "314\n");
        const Catalog readable = catalog("sched_switch", tree.machine());
        CHECK(!readable.no_tracepoints);
        CHECK(find(readable.events, "sched:sched_switch", &EventInfo::name) != nullptr);
        CHECK(readable.to_json().find("no_tracepoints") == std::string::npos);
    }

    TEST_CASE("a machine without a PMU is told what its CPU's events would be") {
        const MetricInfo ipc = list_metrics("ipc", captured("kvm-no-pmu")).at(0);
        const MetricInfo::Role& cycles = role_of(ipc.cores.front(), "cycles");
        CHECK(cycles.unavailable.cause == Cause::no_virtual_pmu);
        CHECK(!cycles.encoding.empty());
        CHECK(!cycles.table.empty());
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
