#include "machine/core_type.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pmc;
using pmc::test::captured;

namespace {

using Names = std::vector<std::string>;

Names pmus(const Machine& machine) {
    Names names;
    for (const CoreType* core : cores_apart(machine))
        names.push_back(core->pmu);
    return names;
}

constexpr const char* core_pmu = "/sys/bus/event_source/devices/armv8_cortex_a72";

} // namespace

TEST_SUITE("core_type") {
    TEST_CASE("core types with PMUs of their own are counted apart") {
        CHECK(pmus(captured("alderlake")) == Names{"cpu_core", "cpu_atom"});
        CHECK(pmus(captured("biglittle")).size() == 2);
        CHECK(core_apart(captured("alderlake"), "cpu_atom") == "cpu_atom");
        CHECK(core_apart(captured("alderlake"), "software").empty());
    }

    TEST_CASE("one kind of core, and a machine without a PMU, have nothing to tell apart") {
        for (const char* const machine : {"zen4", "neoverse-n1", "sapphirerapids", "kvm-no-pmu"}) {
            CHECK(pmus(captured(machine)).empty());
            CHECK(core_apart(captured(machine), "cpu").empty());
        }
    }

    TEST_CASE("a core type without a PMU is apart from those with one") {
        test::ScratchTree tree("biglittle");
        tree.remove(core_pmu);
        const Machine machine = tree.machine();
        REQUIRE(machine.core_types().size() == 2);
        CHECK(pmus(machine) == Names{"armv8_cortex_a53"});
        CHECK(main_core(machine).pmu == "armv8_cortex_a53");
    }

    TEST_CASE("core types that share one PMU need not be told apart") {
        test::ScratchTree tree("biglittle");
        tree.remove(core_pmu).remove("/sys/bus/event_source/devices/armv8_cortex_a53/cpus");
        const Machine machine = tree.machine();
        CHECK(pmus(machine).empty());
    }
}
