#include "target.hpp"

#include "event/resolver.hpp"
#include "machine/topology.hpp"

#include <pmc/machine.hpp>
#include <pmc/metric_set.hpp>

#include <cerrno>
#include <cmath>

/// The files of /proc and /sys: a text of several, each after a line with @ and its path.
namespace fuzz {
namespace {

using namespace pmc;
using Files = std::map<std::string, std::string, std::less<>>;

Files files_of(std::string_view text) {
    Files files;
    std::string* content = nullptr;
    while (!text.empty()) {
        const std::string_view line = first_line(text);
        if (line.starts_with('@')) {
            content = &files[std::string(line.substr(1))];
            continue;
        }
        if (content == nullptr)
            continue;
        // As FileTree reads one: no white space at the end.
        if (!content->empty())
            *content += '\n';
        *content += line;
    }
    return files;
}

void look_at(const Machine& machine, const Pmu& pmu) {
    expect(machine.pmu(pmu.name) == &pmu, "a PMU stays where it is");
    for (const auto& [name, event] : pmu.events) {
        expect(event.scale > 0 && std::isfinite(event.scale), "a scale makes a number of a count");
        std::string problem;
        expect(pmu.encode(event.terms, problem).has_value() != !problem.empty(), "a problem is told, and only that");
        (void)event_of_terms(machine, pmu, name);
        (void)resolve_sysfs(pmu.name + "/" + name + "/", machine);
    }
    for (const auto& [name, bits] : pmu.formats) {
        std::string problem;
        (void)pmu.encode(name, problem);
        (void)pmu.encode(name + "=0xffffffffffffffff", problem);
        (void)pmu.encode(name + "=0x1", problem);
    }
}

} // namespace

void take(std::string_view text) {
    Files files = files_of(text);
    const kernel::FileTree tree("(described)", files);
    const Machine machine = Machine::from_files(std::move(files));
    expect(!machine.core_types().empty(), "there is a core");
    expect(machine.cpu_count() > 0, "there is a CPU");
    expect(machine.has_core_pmu() || machine.why_no_pmu(), "no PMU has a reason");
    (void)machine.cpu_name();
    (void)machine.hypervisor();
    (void)machine.kernel_release();
    (void)machine.smt();
    (void)machine.nmi_watchdog();
    (void)read_topology(tree);
    for (const CoreType& core : machine.core_types())
        (void)machine.budget(core);
    for (const std::string& name : machine.pmu_names()) {
        if (const Pmu* const pmu = machine.pmu(name))
            look_at(machine, *pmu);
        for (const int error : {ENOENT, EACCES, EINVAL})
            expect(static_cast<bool>(machine.why(error, "cycles", name, true)), "a failure has a reason");
    }
    (void)MetricSet::standard(machine);
}

} // namespace fuzz
