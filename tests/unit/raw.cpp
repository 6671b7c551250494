#include "event/resolver.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <linux/perf_event.h>

namespace {

using namespace pmc;
using pmc::test::captured;

Event resolved(std::string_view name, const Machine& machine) {
    Resolved event = resolve_raw(name, machine);
    REQUIRE(event.has_value());
    REQUIRE(event->has_value());
    return **event;
}

} // namespace

TEST_SUITE("raw") {
    TEST_CASE("r and hexadecimal digits are the config of the core's PMU") {
        const Event event = resolved("r1A2", captured("zen4"));
        CHECK(event.name == "r1A2");
        CHECK(event.type == PERF_TYPE_RAW);
        CHECK(event.config == 0x1a2);
        CHECK(event.pmu == "cpu");
        CHECK(event.encoding == "cpu/config=0x1a2/");
        CHECK(event.source == EventSource::raw);
        CHECK(resolved("rffffffffffffffff", captured("zen4")).config == ~std::uint64_t{0});
        CHECK(resolved("r0", captured("zen4")).config == 0);
    }

    TEST_CASE("with several core types it is the first one's PMU, by its type") {
        const Machine machine = captured("biglittle");
        REQUIRE(machine.is_hybrid());
        const Event event = resolved("r11", machine);
        CHECK(event.pmu == machine.core_types().front().pmu);
        CHECK(event.type == machine.pmu(event.pmu)->type);
        CHECK(event.type != PERF_TYPE_RAW);
    }

    TEST_CASE("an architected Arm code that the PMU does not list is not available") {
        CHECK(resolved("r37", captured("qemu-n1")).unavailable.cause == Cause::not_on_this_cpu);
        CHECK_FALSE(resolved("r8", captured("qemu-n1")).unavailable);
        CHECK_FALSE(resolved("r37", captured("neoverse-n1")).unavailable);
    }

    TEST_CASE("without a core PMU it is left to the kernel to say why") {
        CHECK(resolved("rc0", captured("kvm-no-pmu")).type == PERF_TYPE_RAW);
        CHECK_FALSE(resolved("rc0", captured("kvm-no-pmu")).unavailable);
    }

    TEST_CASE("more than 16 digits are an error") {
        const Resolved event = resolve_raw("r10000000000000000", captured("zen4"));
        REQUIRE(event.has_value());
        REQUIRE_FALSE(event->has_value());
        CHECK(event->error().kind() == ErrorKind::syntax);
    }

    TEST_CASE("other names are no raw codes") {
        for (const char* name : {"r", "", "rg", "R1a2", "ref-cycles", "r1a2:u", "1a2", "r 1", "r0x1"})
            CHECK_FALSE(resolve_raw(name, captured("zen4")).has_value());
    }
}
