#include "machine/cpu_id.hpp"
#include "machine/model.hpp"
#include "table/packed.hpp"
#include "table/quote.hpp"
#include "table/tables_state.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace pmc {
namespace {

constexpr std::string_view devices = "/sys/bus/event_source/devices/";

using Files = std::map<std::string, std::string, std::less<>>;

/// "?" as "0": any CPU of the pattern will do.
std::string sample_of(std::string_view pattern) {
    std::string id(pattern);
    std::ranges::replace(id, '?', '0');
    return id;
}

std::string next_part(std::string_view& id) {
    const std::size_t end = std::min(id.find('-'), id.size());
    std::string part(id.substr(0, end));
    id.remove_prefix(std::min(end + 1, id.size()));
    return part;
}

std::string decimal_of_hexadecimal(const std::string& text) {
    return std::to_string(std::strtoul(text.c_str(), nullptr, 16));
}

void describe_cpu(Files& files, std::string_view cpu_id, std::string_view title) {
    std::string_view rest = cpu_id;
    const std::string vendor = next_part(rest);
    files["/sys/devices/system/cpu/online"] = "0";
    if (vendor == "valgrind") {
        files[std::string(model::file)] = rest;
        files["/proc/cpuinfo"] = "processor : 0\nmodel name : " + std::string(title) + "\n";
        return;
    }
    if (vendor == "midr") {
        const std::string implementer = next_part(rest);
        files["/arch"] = "aarch64";
        files["/proc/cpuinfo"] = "processor : 0\nCPU implementer : 0x" + implementer +
                                 "\nCPU architecture: 8\nCPU part : 0x" + next_part(rest) + "\n";
        return;
    }
    const std::string family = next_part(rest);
    const std::string model = decimal_of_hexadecimal(next_part(rest));
    files["/arch"] = "x86_64";
    files["/proc/cpuinfo"] = "processor : 0\nvendor_id : " + vendor + "\ncpu family : " + family +
                             "\nmodel : " + model + "\nmodel name : " + std::string(title) +
                             "\nstepping : " + decimal_of_hexadecimal(next_part(rest)) + "\n";
}

std::string core_name(const CpuTable& table, std::string_view cpu_id) {
    if (!table.core_pmu.empty())
        return std::string(table.core_pmu);
    return cpu_id.starts_with("midr") ? "armv8_pmuv3_0" : "cpu";
}

void describe_pmu(Files& files, const PmuFormats& pmu, const std::string& name, std::string_view cpus) {
    const std::string folder = std::string(devices) + name + "/";
    files[folder + "type"] = std::to_string(pmu.type);
    if (!cpus.empty())
        files[folder + "cpus"] = cpus;
    if (!pmu.cpumask.empty())
        files[folder + "cpumask"] = pmu.cpumask;
    for (const auto& [term, field] : pmu.fields)
        files[folder + "format/" + std::string(term)] = field;
    for (const PmuFormats::Alias& event : pmu.events) {
        const std::string path = folder + "events/" + std::string(event.name);
        files[path] = event.terms;
        if (!event.scale.empty())
            files[path + ".scale"] = event.scale;
        if (!event.unit.empty())
            files[path + ".unit"] = event.unit;
    }
}

/// The kernel has these on every real machine.
void describe_kernels_own(Files& files) {
    files[std::string(devices) + "software/type"] = "1";
    files[std::string(devices) + "tracepoint/type"] = "2";
}

/// The table is compiled in: it can't be missing.
Machine model_of(std::string_view tool) {
    return *Tables::builtin().machine(tool);
}

} // namespace

const Machine& Machine::cachegrind() {
    static const Machine& machine = *new Machine(model_of("cachegrind")); // never destroyed, as the host is
    return machine;
}

const Machine& Machine::callgrind() {
    static const Machine& machine = *new Machine(model_of("callgrind"));
    return machine;
}

Machine bare_machine(std::string_view cpu_id) {
    Files files;
    describe_cpu(files, cpu_id, {});
    describe_kernels_own(files);
    return Machine::from_files(std::move(files));
}

Expected<Machine> Tables::machine(std::string_view cpu) const {
    std::string cpu_id(cpu);
    std::vector<const CpuTable*> tables;
    if (const CpuTable* table = state_->find_table(cpu); table != nullptr && !table->match.empty()) {
        cpu_id = sample_of(table->match.front());
        tables.push_back(table);
    } else {
        tables = state_->tables_for(cpu);
    }
    if (tables.empty()) {
        std::string known;
        for (const Cpu& one : cpus())
            known += one.match.empty() ? "" : (known.empty() ? "" : ", ") + one.id;
        return Error(ErrorKind::unknown_name, Stage::resolve, "no table knows the CPU " + quoted(printable(cpu)),
                     "the tables are " + known + "; a CPU's id (GenuineIntel-6-8F, midr-41-d40) will do too")
            .with_subject(printable(cpu));
    }
    Files files;
    describe_cpu(files, cpu_id, tables.front()->title);
    for (std::size_t i = 0; i < tables.size(); ++i) {
        // Each core type has one CPU.
        const std::string cpus = tables[i]->core_pmu.empty() ? "" : std::to_string(i);
        if (const std::optional<Formats> formats = packed::find_formats(tables[i]->formats)) {
            for (const PmuFormats& pmu : formats->pmus) {
                const bool is_core = pmu.name == "core";
                describe_pmu(files, pmu, is_core ? core_name(*tables[i], cpu_id) : std::string(pmu.name),
                             is_core ? cpus : "");
            }
        }
    }
    if (tables.size() > 1)
        files["/sys/devices/system/cpu/online"] = "0-" + std::to_string(tables.size() - 1);
    if (!files.contains(model::file))
        describe_kernels_own(files);
    return Machine::from_files(std::move(files));
}

} // namespace pmc
