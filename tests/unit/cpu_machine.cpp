#include "table/tables_state.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace pmc;

namespace {

Machine machine_of(std::string_view cpu) {
    Expected<Machine> machine = Tables::builtin().machine(cpu);
    REQUIRE_MESSAGE(machine.has_value(), machine.error().message());
    return *machine;
}

} // namespace

TEST_SUITE("cpu_machine") {
    TEST_CASE("a table's id is enough for a machine with that CPU and its PMU") {
        const Machine machine = machine_of("neoverse-n1");
        CHECK_FALSE(machine.is_host());
        CHECK(machine.arch() == "aarch64");
        CHECK(machine.cpu_name() == "Neoverse-N1");
        REQUIRE(machine.core_types().size() == 1);
        CHECK(machine.core_types().front().cpu_id == "midr-41-d0c");
        CHECK(machine.has_core_pmu());
        const Pmu* pmu = machine.pmu(machine.core_types().front().pmu);
        REQUIRE(pmu != nullptr);
        std::string problem;
        CHECK(pmu->encode("event=0x37", problem)->config == 0x37);
        CHECK(Tables::builtin().state().table_for(machine.core_types().front()).id == "neoverse-n1");
    }

    TEST_CASE("every table that is compiled in describes a machine on which that very table is found") {
        for (const Tables::Cpu& cpu : Tables::builtin().cpus()) {
            if (cpu.match.empty())
                continue; // the generic one
            INFO(cpu.id);
            const Machine machine = machine_of(cpu.id);
            REQUIRE(machine.core_types().size() == 1);
            const CoreType& core = machine.core_types().front();
            CHECK(Tables::builtin().state().table_for(core).id == cpu.id);
            REQUIRE(machine.pmu(core.pmu) != nullptr);
            CHECK(machine.pmu(core.pmu)->core);
        }
    }

    TEST_CASE("a CPU's id will do too") {
        CHECK(machine_of("midr-41-d0c").core_types().front().cpu_id == "midr-41-d0c");
    }

    TEST_CASE("a CPU that no table knows is an error that names those that are known") {
        for (const char* cpu : {"zx81", "GenuineIntel-5-1", "generic", "", "midr-41-000"}) {
            INFO(cpu);
            const Expected<Machine> machine = Tables::builtin().machine(cpu);
            REQUIRE_FALSE(machine.has_value());
            CHECK(machine.error().kind() == ErrorKind::unknown_name);
            CHECK(machine.error().hint().find("neoverse-n1") != std::string::npos);
        }
    }

    TEST_CASE("nothing of this machine shows through") {
        const Machine machine = machine_of("neoverse-n1");
        CHECK(machine.cpu_count() == 1);
        CHECK(machine.hypervisor().empty());
        CHECK_FALSE(machine.nmi_watchdog());
        CHECK_FALSE(machine.smt());
        CHECK(machine.pmu("breakpoint") == nullptr);
    }
}
