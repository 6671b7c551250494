#include "target.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/tables.hpp>

#include <algorithm>

/// --tables and PMC_TABLES: a document over the tables compiled in.
namespace fuzz {

using namespace pmc;

void take(std::string_view text) {
    const Expected<Tables> tables = Tables::builtin().with_document(text, "mine.json");
    if (!tables) {
        const std::string& message = tables.error().message();
        expect(message.starts_with("mine.json"), "an error names the document");
        expect(std::ranges::none_of(message, [](char c) { return c >= 0 && c < ' '; }), "an error is one line of text");
        return;
    }
    const std::size_t known = Tables::builtin().cpus().size();
    const std::vector<Tables::Cpu> cpus = tables->cpus();
    expect(cpus.size() >= known, "no table is lost");
    for (const Tables::Cpu& cpu : cpus) {
        const bool is_own = std::ranges::none_of(Tables::builtin().cpus(),
                                                 [&](const Tables::Cpu& builtin) { return builtin.id == cpu.id; });
        const Expected<Machine> machine = is_own ? tables->machine(cpu.id) : Tables::builtin().machine("zen4");
        if (machine && is_own)
            (void)MetricSet::standard(*machine, *tables);
    }
    (void)MetricSet::standard(Tables::builtin().machine("neoverse-n1").value(), *tables);
}

} // namespace fuzz
