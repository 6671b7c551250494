#include "event/resolver.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <linux/perf_event.h>
#include <set>

namespace {

using namespace pmc;
using pmc::test::captured;

Event resolved(std::string_view name, const Machine& machine = captured("zen4")) {
    INFO(name);
    Resolved event = resolve_generic(name, machine);
    REQUIRE(event.has_value());
    REQUIRE(event->has_value());
    return **event;
}

bool is_generic(std::string_view name) {
    return resolve_generic(name, captured("zen4")).has_value();
}

} // namespace

TEST_SUITE("generic") {
    TEST_CASE("hardware events have the kernel's numbers") {
        CHECK(resolved("cycles").config == PERF_COUNT_HW_CPU_CYCLES);
        CHECK(resolved("cpu-cycles").config == PERF_COUNT_HW_CPU_CYCLES);
        CHECK(resolved("instructions").config == PERF_COUNT_HW_INSTRUCTIONS);
        CHECK(resolved("cache-references").config == PERF_COUNT_HW_CACHE_REFERENCES);
        CHECK(resolved("cache-misses").config == PERF_COUNT_HW_CACHE_MISSES);
        CHECK(resolved("branches").config == PERF_COUNT_HW_BRANCH_INSTRUCTIONS);
        CHECK(resolved("branch-instructions").config == PERF_COUNT_HW_BRANCH_INSTRUCTIONS);
        CHECK(resolved("branch-misses").config == PERF_COUNT_HW_BRANCH_MISSES);
        CHECK(resolved("bus-cycles").config == PERF_COUNT_HW_BUS_CYCLES);
        CHECK(resolved("idle-cycles-frontend").config == PERF_COUNT_HW_STALLED_CYCLES_FRONTEND);
        CHECK(resolved("stalled-cycles-backend").config == PERF_COUNT_HW_STALLED_CYCLES_BACKEND);
        CHECK(resolved("ref-cycles").config == PERF_COUNT_HW_REF_CPU_CYCLES);

        const Event event = resolved("branch-misses");
        CHECK(event.type == PERF_TYPE_HARDWARE);
        CHECK(event.pmu == "cpu");
        CHECK(event.encoding == "hardware/config=0x5/");
        CHECK(event.source == EventSource::generic);
        CHECK_FALSE(event.is_software());
    }

    TEST_CASE("software events have the kernel's numbers, and clocks count nanoseconds") {
        CHECK(resolved("page-faults").config == PERF_COUNT_SW_PAGE_FAULTS);
        CHECK(resolved("faults").config == PERF_COUNT_SW_PAGE_FAULTS);
        CHECK(resolved("cs").config == PERF_COUNT_SW_CONTEXT_SWITCHES);
        CHECK(resolved("migrations").config == PERF_COUNT_SW_CPU_MIGRATIONS);
        CHECK(resolved("minor-faults").config == PERF_COUNT_SW_PAGE_FAULTS_MIN);
        CHECK(resolved("major-faults").config == PERF_COUNT_SW_PAGE_FAULTS_MAJ);
        CHECK(resolved("alignment-faults").config == PERF_COUNT_SW_ALIGNMENT_FAULTS);
        CHECK(resolved("emulation-faults").config == PERF_COUNT_SW_EMULATION_FAULTS);
        CHECK(resolved("dummy").config == PERF_COUNT_SW_DUMMY);
        CHECK(resolved("bpf-output").config == 10);
        CHECK(resolved("cgroup-switches").config == 11);
        CHECK(resolved("cpu-clock").unit == "ns");

        const Event event = resolved("task-clock");
        CHECK(event.type == PERF_TYPE_SOFTWARE);
        CHECK(event.config == PERF_COUNT_SW_TASK_CLOCK);
        CHECK(event.unit == "ns");
        CHECK(event.pmu == "software");
        CHECK(event.encoding == "software/config=0x1/");
        CHECK(event.source == EventSource::software);
        CHECK(event.is_software());
    }

    TEST_CASE("cache events are a cache, an operation and a result") {
        CHECK(resolved("L1-dcache-loads").config == 0x0);
        CHECK(resolved("L1-dcache-load-misses").config == 0x10000);
        CHECK(resolved("L1-dcache-store-misses").config == 0x10100);
        CHECK(resolved("L1-icache-prefetches").config == 0x201);
        CHECK(resolved("LLC-load-misses").config == 0x10002);
        CHECK(resolved("LLC-prefetch-misses").config == 0x10202);
        CHECK(resolved("dTLB-stores").config == 0x103);
        CHECK(resolved("iTLB-load-misses").config == 0x10004);
        CHECK(resolved("branch-loads").config == 0x5);
        CHECK(resolved("node-store-misses").config == 0x10106);
        CHECK(resolved("LLC-loads").type == PERF_TYPE_HW_CACHE);
        CHECK(resolved("LLC-loads").encoding == "cache/config=0x2/");
        CHECK(resolved("LLC-loads").source == EventSource::cache);
    }

    TEST_CASE("what a cache can't do is no event") {
        for (const char* name : {"L1-icache-stores", "iTLB-stores", "iTLB-prefetches", "branch-stores",
                                 "branch-prefetch-misses", "L1-dcache", "LLC", "LLC-", "L2-loads"})
            CHECK_FALSE(is_generic(name));
    }

    TEST_CASE("hyphens count as underscores everywhere, capitals as small letters in cache events only") {
        CHECK(resolved("branch_misses").config == PERF_COUNT_HW_BRANCH_MISSES);
        CHECK(resolved("page_faults").config == PERF_COUNT_SW_PAGE_FAULTS);
        CHECK(resolved("llc_load_misses").config == 0x10002);
        CHECK(resolved("l1-DCACHE-loads").config == 0);
        CHECK_FALSE(is_generic("CYCLES"));
        CHECK_FALSE(is_generic("Page-Faults"));
    }

    TEST_CASE("the name stays as it was asked for") {
        CHECK(resolved("branch_misses").name == "branch_misses");
    }

    TEST_CASE("other names are not generic") {
        for (const char* name : {"", "cycle", "cyclesx", "ipc", "r1a2", "cycles:u", "cpu/cycles/"})
            CHECK_FALSE(is_generic(name));
    }

    TEST_CASE("with several core types the PMU's type stands in the upper half, for hardware and cache events") {
        const Machine hybrid = captured("alderlake");
        REQUIRE(hybrid.is_hybrid());
        const CoreType& big = hybrid.core_types().front();
        const std::uint64_t type = hybrid.pmu(big.pmu)->type;
        CHECK(resolved("instructions", hybrid).config == (type << 32 | PERF_COUNT_HW_INSTRUCTIONS));
        CHECK(resolved("LLC-load-misses", hybrid).config == (type << 32 | 0x10002));
        CHECK(resolved("instructions", hybrid).pmu == big.pmu);
        CHECK(resolved("page-faults", hybrid).config == PERF_COUNT_SW_PAGE_FAULTS);

        const CoreType& small = hybrid.core_types().back();
        const Resolved on_small = resolve_generic("cycles", hybrid, small);
        REQUIRE(on_small.has_value());
        CHECK((*on_small)->config == std::uint64_t{hybrid.pmu(small.pmu)->type} << 32);
        CHECK((*on_small)->pmu == small.pmu);
    }

    TEST_CASE("with one core type there is nothing in the upper half") {
        CHECK(resolved("instructions", captured("neoverse-n1")).config == PERF_COUNT_HW_INSTRUCTIONS);
        CHECK(resolved("instructions", captured("neoverse-n1")).pmu == "armv8_pmuv3_0");
        CHECK(resolved("cycles", captured("kvm-no-pmu")).config == 0);
        CHECK(resolved("cycles", captured("kvm-no-pmu")).pmu == "cpu");
    }

    TEST_CASE("every name of the list resolves, to an event of its own, with a description") {
        std::set<std::pair<std::uint32_t, std::uint64_t>> seen;
        const std::vector<GenericName> names = generic_names();
        CHECK(names.size() == 10 + 12 + 32);
        for (const GenericName& name : names) {
            const Event event = resolved(name.name);
            CHECK(seen.emplace(event.type, event.config).second);
            CHECK(event.description == name.description);
            CHECK_FALSE(name.description.empty());
        }
        CHECK(std::ranges::count(names, "cache event", &GenericName::kind) == 32);
    }
}
