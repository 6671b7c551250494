#include "event/resolver.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <linux/perf_event.h>

namespace {

using namespace pmc;
using pmc::test::captured;

const RoleEvent my_cycles{.role = "my_cycles", .generic = "cycles"};

const Tables& made_up() {
    static const Tables tables = make_tables({
        {.id = "made-up",
         .match = {"AuthenticAMD-25", "GenuineIntel-6-8F", "midr-41-d0c"},
         .events =
             {{.role = "llc_misses", .terms = "event=0x43,umask=0xdc", .counts = "demand fills from beyond the L3"},
              {.role = "l3_misses", .pmu = "amd_l3", .terms = "event=0x4,umask=0x1", .scope = "l3"},
              {.role = "td_slots", .terms = "event=0x0,umask=0x5", .sysfs = "slots", .on = "fixed3"},
              {.role = "memory_read", .pmu = "uncore_imc", .terms = "event=0x5,umask=0xcf", .sysfs = "cas_count_read"},
              {.role = "memory_bytes", .pmu = "uncore_imc", .terms = "event=0x5,umask=0xcf", .scale = 64, .unit = "B"},
              {.role = "ll_read_misses", .terms = "event=0x37"},
              {.role = "broken", .terms = "nonsense=1"},
              {.role = "broken_generic", .generic = "nonsense"},
              {.role = "for_others", .terms = "event=0x1", .only = "HygonGenuine"}}},
        {.id = "generic",
         .events =
             {my_cycles,
              {.role = "my_loads", .generic = "LLC-loads", .counts = "what the kernel takes for last-level loads"}}},
    });
    return tables;
}

Event resolved(std::string_view name, const Machine& machine) {
    INFO(name);
    Resolved event = resolve_table(name, machine, made_up());
    REQUIRE(event.has_value());
    REQUIRE_MESSAGE(event->has_value(), event->error().message());
    return **event;
}

} // namespace

TEST_SUITE("table") {
    TEST_CASE("a role's terms go through the core PMU's formats") {
        const Event event = resolved("llc_misses", captured("zen4"));
        CHECK(event.name == "llc_misses");
        CHECK(event.type == 4);
        CHECK(event.config == 0xdc43);
        CHECK(event.pmu == "cpu");
        CHECK(event.encoding == "cpu/event=0x43,umask=0xdc/");
        CHECK(event.source == EventSource::table);
        CHECK(event.description == "demand fills from beyond the L3");
        CHECK_FALSE(event.unavailable);
    }

    TEST_CASE("hyphens count as underscores, and the name stays as it was asked for") {
        CHECK(resolved("llc-misses", captured("zen4")).config == 0xdc43);
        CHECK(resolved("llc-misses", captured("zen4")).name == "llc-misses");
    }

    TEST_CASE("the kernel's name is preferred where the PMU has it") {
        CHECK(resolved("td_slots", captured("sapphirerapids")).config == 0x400);
        CHECK(resolved("td_slots", captured("zen4")).config == 0x500);
        const Event memory = resolved("memory_read", captured("sapphirerapids"));
        CHECK(memory.unit == "MiB");
        CHECK(memory.scale == 6.103515625e-5);
        const Event bytes = resolved("memory_bytes", captured("sapphirerapids"));
        CHECK(bytes.unit == "B");
        CHECK(bytes.scale == 64);
    }

    TEST_CASE("a PMU of several units is named without the number") {
        CHECK(resolved("memory_bytes", captured("sapphirerapids")).pmu == "uncore_imc_0");
        CHECK(resolved("memory_bytes", captured("zen4")).unavailable.cause == Cause::not_on_this_cpu);
    }

    TEST_CASE("a role brings the counters that it can be on") {
        CHECK(resolved("td_slots", captured("sapphirerapids")).counters == "fixed3");
        CHECK(resolved("llc_misses", captured("zen4")).counters.empty());
    }

    TEST_CASE("a role on another PMU takes that PMU's type and CPUs") {
        const Event event = resolved("l3_misses", captured("zen4"));
        CHECK(event.type == 12);
        CHECK(event.config == 0x104);
        CHECK(event.cpus == std::vector<int>{0, 8, 16, 24});
    }

    TEST_CASE("a role whose PMU this machine lacks is known, but not available") {
        const Event event = resolved("l3_misses", captured("sapphirerapids"));
        CHECK(event.unavailable.cause == Cause::not_on_this_cpu);
        CHECK(event.unavailable.evidence.find("amd_l3") != std::string::npos);
        CHECK(event.encoding == "amd_l3/event=0x4,umask=0x1/");
    }

    TEST_CASE("without a core PMU a role is not available, for the machine's own reason") {
        const Machine machine = captured("kvm-no-pmu");
        const RoleEvent role{.role = "llc_misses", .terms = "event=0x2e,umask=0x41"};
        const Expected<Event> event = resolve_role(role, machine, machine.core_types().front());
        REQUIRE(event.has_value());
        CHECK(event->unavailable.cause != Cause::none);
        CHECK(event->encoding == "cpu/event=0x2e,umask=0x41/");
    }

    TEST_CASE("an Arm role that the PMU does not advertise is not available") {
        CHECK(resolved("ll_read_misses", captured("qemu-n1")).unavailable.cause == Cause::not_on_this_cpu);
        CHECK_FALSE(resolved("ll_read_misses", captured("neoverse-n1")).unavailable);
    }

    TEST_CASE("a generic role is the kernel's event, on the core type asked for") {
        const Event cycles = resolved("my_cycles", captured("zen4"));
        CHECK(cycles.type == PERF_TYPE_HARDWARE);
        CHECK(cycles.encoding == "hardware/config=0x0/");
        CHECK(cycles.source == EventSource::table);
        CHECK_FALSE(cycles.description.empty());
        CHECK(resolved("my_loads", captured("zen4")).description == "what the kernel takes for last-level loads");

        const Machine hybrid = captured("alderlake");
        const CoreType& small = hybrid.core_types().back();
        const Expected<Event> event = resolve_role(my_cycles, hybrid, small);
        REQUIRE(event.has_value());
        CHECK(event->pmu == small.pmu);
        CHECK(event->config == std::uint64_t{hybrid.pmu(small.pmu)->type} << 32);
    }

    TEST_CASE("a role is resolved on the core type asked for") {
        const Machine machine = captured("biglittle");
        for (const CoreType& core : machine.core_types()) {
            const RoleEvent role{.role = "cycles", .terms = "event=0x11"};
            const Expected<Event> event = resolve_role(role, machine, core);
            REQUIRE(event.has_value());
            CHECK(event->pmu == core.pmu);
            CHECK(event->type == machine.pmu(core.pmu)->type);
        }
    }

    TEST_CASE("what no table has, or has for another vendor only, is no role") {
        CHECK_FALSE(resolve_table("nonsense", captured("zen4"), made_up()).has_value());
        CHECK_FALSE(resolve_table("for_others", captured("zen4"), made_up()).has_value());
        CHECK_FALSE(resolve_table("", captured("zen4"), made_up()).has_value());
        CHECK_FALSE(resolve_table("llc_misses", captured("biglittle"), made_up()).has_value());
    }

    TEST_CASE("a table's mistake is an error, not a crash") {
        const Resolved terms = resolve_table("broken", captured("zen4"), made_up());
        REQUIRE(terms.has_value());
        REQUIRE_FALSE(terms->has_value());
        CHECK(terms->error().subject() == "broken");
        const Resolved generic = resolve_table("broken_generic", captured("zen4"), made_up());
        REQUIRE(generic.has_value());
        REQUIRE_FALSE(generic->has_value());
        CHECK(generic->error().kind() == ErrorKind::format);
    }
}
