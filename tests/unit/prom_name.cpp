#include "prom_name.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace pmc;

namespace {

cli::PromCounter counter(const std::string& name, const std::string& unit = {}, double scale = 1,
                         const std::string& core = {}) {
    EventCount event{name, "", Count(1, 1, 1), scale, unit, 0, true, {}};
    event.core = core;
    return cli::prom_counter(event, "user+kernel");
}

} // namespace

TEST_SUITE("prom_name") {
    TEST_CASE("events are snake case, and their mode is a label") {
        CHECK(counter("branch-misses").name == "branch_misses");
        CHECK(counter("branch-misses").labels == "mode=\"user+kernel\"");
        CHECK(counter("cycles:u").name == "cycles");
        CHECK(counter("cycles:u").labels == "mode=\"user\"");
        CHECK(counter("cycles:k").labels == "mode=\"kernel\"");
        CHECK(counter("cycles:uk").labels == "mode=\"user+kernel\"");
        CHECK(counter("cpu/event=0x3c/k").name == "cpu_event_0x3c");
        CHECK(counter("cpu/event=0x3c/k").labels == "mode=\"kernel\"");
        CHECK(counter("INST_RETIRED:ANY").name == "inst_retired_any");
        CHECK(counter("sched:sched_switch").name == "sched_sched_switch");
        CHECK(counter("cycles:pp").name == "cycles_pp");
        CHECK(counter("///").name == "event");
    }

    TEST_CASE("the PMU of a core type is not in the name") {
        CHECK(counter("cpu_core/cycles/", "", 1, "cpu_core").name == "cycles");
        CHECK(counter("cycles", "", 1, "cpu_atom").name == "cycles");
        CHECK(counter("cpu_core/", "", 1, "cpu_core").name == "cpu_core");
    }

    TEST_CASE("units are base units, in the name") {
        CHECK(counter("task-clock", "ns").name == "task_clock_seconds");
        CHECK(counter("task-clock", "ns").factor == 1e-9);
        CHECK(counter("pcie_bytes", "MiB", 2).name == "pcie_bytes");
        CHECK(counter("pcie_bytes", "MiB", 2).factor == 2 * 1048576.0);
        CHECK(counter("thing", "Widgets per Second").name == "thing_widgets_per_second");
        CHECK(counter("share", "%").name == "share");
    }

    TEST_CASE("energy is one metric with a domain, memory traffic one with a direction") {
        CHECK(counter("power/energy-pkg/", "Joules", 0.5).name == "energy_joules");
        CHECK(counter("power/energy-pkg/", "Joules", 0.5).labels == "domain=\"package\"");
        CHECK(counter("energy_package", "J").labels == "domain=\"package\"");
        CHECK(counter("power/energy-ram/", "Joules").labels == "domain=\"dram\"");
        CHECK(counter("power/energy-psys/", "Joules").labels == "domain=\"psys\"");
        CHECK(counter("power/energy-cores/", "Joules").labels == "domain=\"core\"");
        CHECK(counter("mem_writes", "B", 64).name == "memory_bytes");
        CHECK(counter("mem_writes", "B", 64).labels == "direction=\"write\"");
        CHECK(counter("uncore_imc_0/cas_count_read/", "MiB").labels == "direction=\"read\"");
        CHECK(counter("uncore_imc_0/cas_count_read/", "MiB").factor == 1048576.0);
        CHECK(counter("pcie_reads", "B").name == "pcie_reads_bytes");
    }

    TEST_CASE("the four kinds of slots are one metric") {
        CHECK(counter("td_m_backend").name == "slots");
        CHECK(counter("td_m_backend").labels == "category=\"backend\",mode=\"user+kernel\"");
        CHECK(counter("td_m_memory").name == "slots_within");
    }

    TEST_CASE("label values are escaped, and UTF-8 whatever they were") {
        CHECK(cli::prom_label("a", "b\"c\\d\ne") == R"(a="b\"c\\d\ne")");
        CHECK(cli::prom_label("a", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80") ==
              "a=\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"");
        CHECK(cli::prom_label("a", "\xff") == R"(a="\\xff")");
        CHECK(cli::prom_label("a", "\xc3") == R"(a="\\xc3")");
        CHECK(cli::prom_label("a", "\xed\xa0\x80") == R"(a="\\xed\\xa0\\x80")"); // half of a surrogate pair
        CHECK(cli::prom_label("a", "\xc0\xaf") == R"(a="\\xc0\\xaf")");          // too long a form
        CHECK(cli::prom_label("a", "\xf4\x90\x80\x80").starts_with(R"(a="\\xf4)"));
        CHECK(cli::prom_label("a", "\x1b[2J") == R"(a="\\x1b[2J")"); // a terminal would obey these two
        CHECK(cli::prom_label("a", "\u202e") == R"(a="\\xe2\\x80\\xae")");
        CHECK(cli::prom_help("say \"x\"\\\n") == "say \"x\"\\\\\\n");
    }

    TEST_CASE("whole counts are exact, times too") {
        CHECK(cli::prom_value(std::numeric_limits<std::uint64_t>::max(), 1) == "18446744073709551615");
        CHECK(cli::prom_value(1'000'000'001, 1e-9) == "1.000000001");
        CHECK(cli::prom_value(5, 0.5) == "2.5");
        CHECK(cli::prom_value(0, 0.5) == "0");
    }
}
