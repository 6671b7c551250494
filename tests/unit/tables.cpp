#include "table/formula.hpp"
#include "table/tables_state.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <set>
#include <string>
#include <vector>

using namespace pmc;

namespace {

/// What is compiled in.
const Tables::State& builtin() {
    return Tables::builtin().state();
}

} // namespace

TEST_SUITE("tables") {
    TEST_CASE("every formula of the tables parses, and uses roles and builtins only") {
        for (const MetricDef& metric : builtin().metrics) {
            REQUIRE(!metric.variants.empty());
            for (const MetricVariant& variant : metric.variants) {
                REQUIRE(!variant.values.empty());
                std::set<std::string, std::less<>> known{"seconds", "group_seconds", "width"};
                known.insert(builtin().constants.begin(), builtin().constants.end());
                for (const LetDef& let : variant.lets)
                    known.emplace(let.name);
                for (const MetricValueDef& value : variant.values) {
                    INFO(std::string(value.id));
                    const Expected<Formula> formula = Formula::parse(value.formula);
                    REQUIRE(formula);
                    for (const Formula::Name& name : formula->names())
                        CHECK((known.contains(name.text) || builtin().find_role_info(name.text) != nullptr));
                    CHECK(value.id.substr(0, value.id.find('.')) == metric.id);
                    CHECK(!value.unit.empty());
                    CHECK(!value.label.empty());
                }
            }
        }
    }

    TEST_CASE("metrics are found by id, with hyphens for underscores") {
        REQUIRE(builtin().find_metric("page_fault_rate") != nullptr);
        CHECK(builtin().find_metric("page-fault-rate") == builtin().find_metric("page_fault_rate"));
        CHECK(builtin().find_metric("ip") == nullptr);
        CHECK(builtin().find_metric("ipcc") == nullptr);
        CHECK(builtin().find_metric("") == nullptr);
        CHECK(builtin().find_metric_value("llc.mpki").metric == builtin().find_metric("llc"));
        CHECK(builtin().find_metric_value("llc.miss-ratio").id == "llc.miss_ratio");
        CHECK(builtin().find_metric_value("llc.nothing").metric == nullptr);
    }

    TEST_CASE("no metric hides an event of the kernel") {
        for (const char* name : {"cycles", "cpu-cycles", "instructions", "branches", "page-faults", "faults", "cs",
                                 "context-switches", "migrations", "cpu-migrations", "task-clock", "cpu-clock"})
            CHECK(builtin().find_metric(name) == nullptr);
    }

    TEST_CASE("the default set answers why it is slow, in this order") {
        std::vector<std::string_view> standard;
        for (const MetricDef& metric : builtin().metrics) {
            if (metric.standard)
                standard.push_back(metric.id);
        }
        CHECK(standard == std::vector<std::string_view>{"cpu", "ipc", "frequency", "branch", "llc", "stalls"});
    }

    TEST_CASE("what a variant needs is what its values use, but for optional ones") {
        const MetricVariant& llc = builtin().find_metric("llc")->variants.front();
        CHECK(std::vector(llc.needs.begin(), llc.needs.end()) ==
              std::vector<std::string_view>{"llc_misses", "llc_refs"});
        CHECK(llc.strict);
        CHECK(llc.values[1].optional);
    }

    TEST_CASE("roles have a title, and a unit where they are no plain count") {
        REQUIRE(builtin().find_role_info("task_clock") != nullptr);
        CHECK(builtin().find_role_info("task_clock")->unit == "ns");
        CHECK(builtin().find_role_info("llc_misses")->title == "LLC misses");
        CHECK(builtin().find_role_info("llc_misses")->unit.empty());
        CHECK(builtin().find_role_info("no_such_role") == nullptr);
    }

    // The codes of Arm's architecture manual and their libpfm4 names, which can't be encoded on other CPUs.
    TEST_CASE("Neoverse N1's events have the architecture's codes") {
        struct Golden {
            std::string_view role, terms, pfm;
        };
        constexpr std::array<Golden, 8> golden{{{"cycles", "event=0x11", "CPU_CYCLES"},
                                                {"instructions", "event=0x08", "INST_RETIRED"},
                                                {"branches", "event=0x21", "BR_RETIRED"},
                                                {"branch_misses", "event=0x22", "BR_MIS_PRED_RETIRED"},
                                                {"llc_refs", "event=0x36", "LL_CACHE_RD"},
                                                {"llc_misses", "event=0x37", "LL_CACHE_MISS_RD"},
                                                {"stall_frontend", "event=0x23", "STALL_FRONTEND"},
                                                {"stall_backend", "event=0x24", "STALL_BACKEND"}}};
        const CpuTable& table = builtin().table_for("midr-41-d0c");
        CHECK(table.id == "neoverse-n1");
        CHECK(table.counters.generic == 6);
        CHECK(table.counters.fixed_cycles == 1);
        CHECK(table.counters.fixed_instructions == 0);
        for (const Golden& expected : golden) {
            const RoleEvent* event = table.find(expected.role);
            INFO(std::string(expected.role));
            REQUIRE(event != nullptr);
            CHECK(event->terms == expected.terms);
            CHECK(event->pfm == expected.pfm);
            CHECK(event->quality == "exact");
            CHECK(!event->counts.empty());
        }
    }

    // Linux 6.1 maps stalled-cycles-backend to Zen 1's event on the later cores too, which do not have it.
    TEST_CASE("no AMD core has its backend stalls from the kernel") {
        for (const char* id : {"AuthenticAMD-23-31-0", "AuthenticAMD-25-21-0", "AuthenticAMD-25-61-2",
                               "AuthenticAMD-26-2-1", "AuthenticAMD-26-50-0", "AuthenticAMD-27-1-0"}) {
            INFO(id);
            CHECK(builtin().find_role("stall_backend", id) == nullptr);
        }
        REQUIRE(builtin().find_role("stall_backend", "AuthenticAMD-23-1-2") != nullptr);
        CHECK(builtin().find_role("stall_backend", "AuthenticAMD-23-1-2")->terms == "event=0x87,umask=0x1");
        REQUIRE(builtin().find_role("stall_backend", "midr-41-d03") != nullptr);
        CHECK(builtin().find_role("stall_backend", "midr-41-d03")->generic == "stalled-cycles-backend");
    }

    // The first and the last model of each range in Linux's own list, of one digit and of two.
    TEST_CASE("AMD's models have the table of their core") {
        struct Range {
            std::string_view first, last, table;
        };
        constexpr std::array<Range, 13> ranges{{{"23-1", "23-2F", "zen1"},
                                                {"23-30", "23-4F", "zen2"},
                                                {"23-50", "23-5F", "zen1"},
                                                {"23-60", "23-AF", "zen2"},
                                                {"25-0", "25-F", "zen3"},
                                                {"25-10", "25-1F", "zen4"},
                                                {"25-20", "25-5F", "zen3"},
                                                {"25-60", "25-AF", "zen4"},
                                                {"26-0", "26-2F", "zen5"},
                                                {"26-40", "26-4F", "zen5"},
                                                {"26-50", "26-5F", "zen6"},
                                                {"26-60", "26-7F", "zen5"},
                                                {"26-80", "26-AF", "zen6"}}};
        for (const Range& range : ranges) {
            for (const std::string_view model : {range.first, range.last}) {
                INFO(std::string(model));
                CHECK(builtin().table_for("AuthenticAMD-" + std::string(model) + "-1").id == range.table);
            }
        }
        CHECK(builtin().table_for("AuthenticAMD-26-B0-1").id == "generic");
        CHECK(builtin().table_for("HygonGenuine-24-1-1").id == "zen1");
    }

    TEST_CASE("the generic table is the last, and offers no last-level cache on AMD") {
        CHECK(builtin().generic().id == "generic");
        CHECK(builtin().find_role("llc_misses", "AuthenticAMD-21-2-0") == nullptr);
        REQUIRE(builtin().find_role("llc_misses", "GenuineIntel-6-2A-7") != nullptr);
        CHECK(builtin().find_role("llc_misses", "GenuineIntel-6-2A-7")->quality == "proxy");
        REQUIRE(builtin().find_role("llc_misses", "midr-41-d41") != nullptr);
        CHECK(builtin().find_role("llc_misses", "midr-41-d41")->quality == "exact");
    }

    TEST_CASE("Arm's generic branch misses are labelled as what they are: speculative") {
        CHECK(builtin().find_role("branch_misses", "midr-41-d41")->quality == "proxy");
        CHECK(builtin().find_role("branch_misses", "GenuineIntel-6-2A-7")->quality == "exact");
        CHECK(builtin().find_role("branch_misses", "midr-41-d0c")->quality == "exact"); // a table of its own
    }

    TEST_CASE("what a CPU is known not to have has no stand-in among the kernel's events") {
        // Zen 1 to 3 have no cycles of a nominal clock, small cores no event for an empty front end.
        CHECK(builtin().find_role("ref_cycles", "AuthenticAMD-23-31") == nullptr);
        CHECK(builtin().find_role("ref_cycles", "AuthenticAMD-25-1") == nullptr);
        CHECK(builtin().find_role("ref_cycles", "AuthenticAMD-25-11") != nullptr);
        CHECK(builtin().find_role("stall_frontend", "GenuineIntel-6-97", "cpu_atom") == nullptr);
        CHECK(builtin().find_role("stall_frontend", "GenuineIntel-6-97", "cpu_core") != nullptr);
        CHECK(builtin().find_role("stall_backend", "midr-41-d08") == nullptr);
    }

    TEST_CASE("a hybrid CPU has a table for each core type, the main one's first") {
        const std::vector<const CpuTable*> tables = builtin().tables_for("GenuineIntel-6-97-2");
        REQUIRE(tables.size() == 2);
        CHECK(tables[0]->id == "alderlake-p");
        CHECK(tables[1]->id == "alderlake-e");
        CHECK(builtin().tables_for("AuthenticAMD-25-11").size() == 1);
        CHECK(builtin().tables_for("AuthenticAMD-21-2").empty());
        const Machine machine = Tables::builtin().machine("GenuineIntel-6-97-2").value();
        REQUIRE(machine.core_types().size() == 2);
        CHECK(builtin().table_for(machine.core_types()[0]).id == "alderlake-p");
        CHECK(builtin().table_for(machine.core_types()[1]).id == "alderlake-e");
    }
}
