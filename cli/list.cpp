#include "list.hpp"

#include "catalog_text.hpp"
#include "errors.hpp"
#include "print.hpp"
#include "status.hpp"
#include "tables.hpp"

#include <pmc/catalog.hpp>

#include <cstdlib>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

int nothing_matches(const ListOptions& options, const pmc::Reason& no_tracepoints) {
    const std::string of_cpu = options.cpu ? fmt::format(" of the CPU \"{}\"", *options.cpu) : "";
    const std::string unsearched = no_tracepoints ? "; " + no_tracepoints.evidence : "";
    const std::string remedy = no_tracepoints ? "to search tracepoints, " + no_tracepoints.remedy + "; else " : "";
    print_error(fmt::format("no metric or event{} matches \"{}\"{}", of_cpu, options.word, unsearched),
                remedy + "a part of a name or of a description is enough; pmcstat list shows all");
    return status::nothing_matches;
}

int list_cpus(const ListOptions& options, const pmc::Tables& tables) {
    const std::vector<pmc::Tables::Cpu> cpus = tables.cpus();
    if (options.format == Format::json)
        return print(pmc::to_json(cpus), "list");
    return print(cpus_text(cpus, pmc::Catalog::cpu_of(pmc::Machine::host(), tables).table), "list");
}

} // namespace

int list(const ListOptions& options) {
    const pmc::Expected<pmc::Tables> loaded = load_tables(options.tables);
    if (!loaded) {
        print_error(loaded.error());
        return status::failed;
    }
    const pmc::Tables& tables = *loaded;
    if (options.word == "cpus")
        return list_cpus(options, tables);
    setenv("LIBPFM_ENCODE_INACTIVE", "1", 0);
    pmc::Machine machine = pmc::Machine::host();
    pmc::EventSources sources;
    if (options.cpu) {
        pmc::Expected<pmc::Machine> described = tables.machine(*options.cpu);
        if (!described) {
            print_error(described.error());
            return status::failed;
        }
        machine = std::move(*described);
        // What the PMUs and tracepoints of that machine would be is not known here.
        sources = {.sysfs = false, .tracepoints = false, .libpfm4 = false};
    }
    const pmc::Catalog catalog = pmc::catalog(options.word, machine, tables, sources);
    if (catalog.metrics.empty() && catalog.events.empty()) {
        if (options.format == Format::json)
            (void)print(catalog.to_json(), "list");
        return nothing_matches(options, catalog.no_tracepoints);
    }
    return print(options.format == Format::json ? catalog.to_json()
                                                : catalog_text(catalog, options.cpu ? "on " + *options.cpu : "here"),
                 "list");
}

} // namespace cli
