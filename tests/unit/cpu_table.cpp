#include "event/cpu_table.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

using namespace pmc;

constexpr std::array<std::string_view, 2> big_match{"GenuineIntel-6-8F", "GenuineIntel-6-C?"};
constexpr std::array<std::string_view, 1> arm_match{"midr-41-d0c"};
constexpr std::array<RoleEvent, 2> big_events{{
    {.role = "llc_misses", .terms = "event=0x2e,umask=0x41"},
    {.role = "slots", .terms = "event=0x0,umask=0x4", .only = "GenuineIntel-6-CF"},
}};
constexpr std::array<RoleEvent, 4> generic_events{{
    {.role = "cycles", .generic = "cycles"},
    {.role = "llc_misses", .generic = "LLC-load-misses", .only = "GenuineIntel"},
    {.role = "stalls", .generic = "stalled-cycles-frontend", .only = "AuthenticAMD"},
    {.role = "stalls", .generic = "stalled-cycles-backend", .only = "midr"},
}};
constexpr std::array<CpuTable, 3> tables{{
    {.id = "big", .match = big_match, .events = big_events},
    {.id = "arm", .match = arm_match},
    {.id = "generic", .events = generic_events},
}};

} // namespace

TEST_SUITE("cpu_table") {
    TEST_CASE("a pattern of three parts ignores the stepping") {
        CHECK(cpu_id_matches("GenuineIntel-6-8F", "GenuineIntel-6-8F-8"));
        CHECK(cpu_id_matches("GenuineIntel-6-8F", "GenuineIntel-6-8F"));
        CHECK(cpu_id_matches("GenuineIntel-6-8F-8", "GenuineIntel-6-8F-8"));
        CHECK_FALSE(cpu_id_matches("GenuineIntel-6-8F-8", "GenuineIntel-6-8F-4"));
        CHECK_FALSE(cpu_id_matches("GenuineIntel-6-8F-8", "GenuineIntel-6-8F"));
    }

    TEST_CASE("parts match whole, in any case") {
        CHECK(cpu_id_matches("GenuineIntel-6-8f", "GenuineIntel-6-8F-8"));
        CHECK(cpu_id_matches("midr-41-D0C", "midr-41-d0c"));
        CHECK_FALSE(cpu_id_matches("GenuineIntel-6-8", "GenuineIntel-6-8F-8"));
        CHECK_FALSE(cpu_id_matches("GenuineIntel-6-8F", "GenuineIntel-6-8"));
        CHECK_FALSE(cpu_id_matches("AuthenticAMD-2", "AuthenticAMD-25-11-1"));
    }

    TEST_CASE("a question mark is one hexadecimal digit") {
        CHECK(cpu_id_matches("AuthenticAMD-25-1?", "AuthenticAMD-25-11-1"));
        CHECK(cpu_id_matches("AuthenticAMD-25-1?", "AuthenticAMD-25-1f-1"));
        CHECK_FALSE(cpu_id_matches("AuthenticAMD-25-1?", "AuthenticAMD-25-1-1"));
        CHECK_FALSE(cpu_id_matches("AuthenticAMD-25-1?", "AuthenticAMD-25-1g"));
        CHECK_FALSE(cpu_id_matches("AuthenticAMD-25-1?", "AuthenticAMD-25-111"));
    }

    TEST_CASE("midr ignores variant and revision") {
        CHECK(cpu_id_matches("midr-41-d0c", "midr-41-d0c"));
        CHECK(cpu_id_matches("midr-41-d0c", "midr-41-d0c-3-1"));
        CHECK_FALSE(cpu_id_matches("midr-41-d0c", "midr-41-d0d"));
    }

    TEST_CASE("an empty pattern matches nothing, and an empty id is matched by nothing") {
        CHECK_FALSE(cpu_id_matches("", "GenuineIntel-6-8F-8"));
        CHECK_FALSE(cpu_id_matches("", ""));
        CHECK_FALSE(cpu_id_matches("GenuineIntel", ""));
    }

    TEST_CASE("a CPU has the table that matches it, else the generic one") {
        CHECK(table_for("GenuineIntel-6-CF-2", tables).id == "big");
        CHECK(table_for("midr-41-d0c", tables).id == "arm");
        CHECK(table_for("GenuineIntel-6-55-7", tables).id == "generic");
        CHECK(table_for("", tables).id == "generic");
        CHECK(generic_table(tables).id == "generic");
    }

    TEST_CASE("without any table the generic one is empty") {
        CHECK(generic_table(std::span<const CpuTable>{}).events.empty());
        CHECK(find_role("cycles", "GenuineIntel-6-8F-8", std::span<const CpuTable>{}) == nullptr);
    }

    TEST_CASE("a role is its CPU's, else the generic one") {
        CHECK(find_role("llc_misses", "GenuineIntel-6-8F-8", tables)->terms == "event=0x2e,umask=0x41");
        CHECK(find_role("cycles", "GenuineIntel-6-8F-8", tables)->generic == "cycles");
        CHECK(find_role("cycles", "", tables)->generic == "cycles");
        CHECK(find_role("nonsense", "GenuineIntel-6-8F-8", tables) == nullptr);
    }

    TEST_CASE("a role meant for another vendor or model does not exist") {
        CHECK(find_role("llc_misses", "GenuineIntel-6-55-7", tables)->generic == "LLC-load-misses");
        CHECK(find_role("llc_misses", "AuthenticAMD-25-11-1", tables) == nullptr);
        CHECK(find_role("slots", "GenuineIntel-6-CF-2", tables) != nullptr);
        CHECK(find_role("slots", "GenuineIntel-6-8F-8", tables) == nullptr);
    }

    TEST_CASE("of a role that several vendors have, each gets its own") {
        CHECK(find_role("stalls", "AuthenticAMD-25-11-1", tables)->generic == "stalled-cycles-frontend");
        CHECK(find_role("stalls", "midr-41-d0c", tables)->generic == "stalled-cycles-backend");
    }

    TEST_CASE("a table finds its own roles only") {
        CHECK(tables[0].find("llc_misses") == &big_events[0]);
        CHECK(tables[0].find("cycles") == nullptr);
        CHECK(tables[0].find("") == nullptr);
    }
}
