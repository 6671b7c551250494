#include "table/tables_state.hpp"

#include <doctest/doctest.h>

namespace {

using namespace pmc;

const Tables& made_up() {
    static const Tables tables = make_tables({
        {.id = "big",
         .match = {"GenuineIntel-6-8F", "GenuineIntel-6-C?"},
         .events = {{.role = "llc_misses", .terms = "event=0x2e,umask=0x41"},
                    {.role = "slots", .terms = "event=0x0,umask=0x4", .only = "GenuineIntel-6-CF"}}},
        {.id = "big-p", .match = {"GenuineIntel-6-97"}, .core_pmu = "cpu_core"},
        {.id = "big-e", .match = {"GenuineIntel-6-97"}, .core_pmu = "cpu_atom"},
        {.id = "arm", .match = {"midr-41-d0c"}},
        {.id = "generic",
         .events = {{.role = "cycles", .generic = "cycles"},
                    {.role = "llc_misses", .generic = "LLC-load-misses", .only = "GenuineIntel"},
                    {.role = "stalls", .generic = "stalled-cycles-frontend", .only = "AuthenticAMD"},
                    {.role = "stalls", .generic = "stalled-cycles-backend", .only = "midr"}}},
    });
    return tables;
}

const CpuTable& table_for(std::string_view cpu_id, std::string_view pmu = {}) {
    return made_up().state().table_for(cpu_id, pmu);
}

const RoleEvent* find_role(std::string_view role, std::string_view cpu_id) {
    return made_up().state().find_role(role, cpu_id);
}

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
        CHECK(table_for("GenuineIntel-6-CF-2").id == "big");
        CHECK(table_for("midr-41-d0c").id == "arm");
        CHECK(table_for("GenuineIntel-6-55-7").id == "generic");
        CHECK(table_for("").id == "generic");
        CHECK(made_up().state().generic().id == "generic");
    }

    TEST_CASE("the core types of a hybrid CPU share its id, and each has the table of its PMU") {
        CHECK(table_for("GenuineIntel-6-97-2", "cpu_core").id == "big-p");
        CHECK(table_for("GenuineIntel-6-97-2", "cpu_atom").id == "big-e");
        CHECK(table_for("GenuineIntel-6-97-2", "cpu_lowpower").id == "generic");
    }

    TEST_CASE("a role is its CPU's, else the generic one") {
        CHECK(find_role("llc_misses", "GenuineIntel-6-8F-8")->terms == "event=0x2e,umask=0x41");
        CHECK(find_role("cycles", "GenuineIntel-6-8F-8")->generic == "cycles");
        CHECK(find_role("cycles", "")->generic == "cycles");
        CHECK(find_role("nonsense", "GenuineIntel-6-8F-8") == nullptr);
    }

    TEST_CASE("a role meant for another vendor or model does not exist") {
        CHECK(find_role("llc_misses", "GenuineIntel-6-55-7")->generic == "LLC-load-misses");
        CHECK(find_role("llc_misses", "AuthenticAMD-25-11-1") == nullptr);
        CHECK(find_role("slots", "GenuineIntel-6-CF-2") != nullptr);
        CHECK(find_role("slots", "GenuineIntel-6-8F-8") == nullptr);
    }

    TEST_CASE("of a role that several vendors have, each gets its own") {
        CHECK(find_role("stalls", "AuthenticAMD-25-11-1")->generic == "stalled-cycles-frontend");
        CHECK(find_role("stalls", "midr-41-d0c")->generic == "stalled-cycles-backend");
    }

    TEST_CASE("a table finds its own roles only") {
        const CpuTable& big = *made_up().state().find_table("big");
        CHECK(big.find("llc_misses") == &big.events[0]);
        CHECK(big.find("cycles") == nullptr);
        CHECK(big.find("") == nullptr);
    }
}
