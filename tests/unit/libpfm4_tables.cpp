// libpfm4's own answer for every event of a table that names one: an oracle that knows nothing of our formats. A build
// of libpfm4 has its own architecture's models only, so Arm's tables are checked in the lab.
#include "event/libpfm4_library.hpp"
#include "table/tables_state.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

using namespace pmc;

namespace {

/// Where libpfm4 4.13 says something else, and the table is right.
struct Exception {
    std::string_view table, role, why;
};
constexpr std::array<Exception, 0> exceptions{};

bool is_expected(std::string_view table, std::string_view role) {
    for (const Exception& exception : exceptions) {
        if (exception.table == table && exception.role == role)
            return true;
    }
    return false;
}

bool is_of_this_build(const CpuTable& table) {
#if defined(__aarch64__)
    return !table.pfm.empty() && table.match.front().starts_with("midr");
#elif defined(__x86_64__)
    return !table.pfm.empty() && !table.match.front().starts_with("midr");
#else
    return false;
#endif
}

} // namespace

TEST_SUITE("libpfm4_tables") {
    TEST_CASE("the tables' terms and libpfm4's names are the same codes") {
        const pfm::Library* library = pfm::Library::get();
        REQUIRE(library != nullptr);
        int checked = 0;
        for (const Tables::Cpu& cpu : Tables::builtin().cpus()) {
            const CpuTable& table = *Tables::builtin().state().find_table(cpu.id);
            if (cpu.match.empty() || !is_of_this_build(table))
                continue;
            const Machine machine = *Tables::builtin().machine(cpu.id);
            const Pmu* core = machine.pmu(machine.core_types().front().pmu);
            REQUIRE(core != nullptr);
            for (const RoleEvent& event : table.events) {
                if (event.pfm.empty() || !event.pmu.empty())
                    continue;
                const std::string name = std::string(table.pfm) + "::" + std::string(event.pfm);
                INFO(cpu.id << " " << event.role << ": " << name << " for " << event.terms);
                const pfm::Encoding theirs = pfm::encode(*library, name);
                CHECK(theirs.status == PFM_SUCCESS);
                std::string problem;
                const std::optional<Pmu::Encoded> ours = core->encode(event.terms, problem);
                REQUIRE_MESSAGE(ours.has_value(), problem);
                const bool same = theirs.attr.config == ours->config && theirs.attr.config1 == ours->config1;
                CHECK_MESSAGE(same != is_expected(cpu.id, event.role), std::hex, theirs.attr.config, " is not ",
                              ours->config);
                ++checked;
            }
        }
        MESSAGE(checked << " encodings are libpfm4's");
#if defined(__x86_64__)
        CHECK(checked >= 200);
#elif defined(__aarch64__)
        CHECK(checked >= 100);
#endif
    }
}
