#include "machine/clocking.hpp"

#include <string_view>

namespace pmc {
namespace {

constexpr std::string_view cpu_folder = "/sys/devices/system/cpu";

std::string path(std::string_view below) {
    return std::string{cpu_folder} + std::string{below};
}

std::optional<bool> read_boost(const kernel::FileTree& tree) {
    // intel_pstate has a switch of its own, the other way round. amd_pstate and acpi-cpufreq have one for all CPUs, and
    // lately one for each.
    if (const std::optional<long long> off = tree.read_number(path("/intel_pstate/no_turbo")))
        return *off == 0;
    for (const std::string_view file : {"/cpufreq/boost", "/cpu0/cpufreq/boost"}) {
        if (const std::optional<long long> on = tree.read_number(path(file)))
            return *on != 0;
    }
    return std::nullopt;
}

} // namespace

Clocking read_clocking(const kernel::FileTree& tree) {
    const std::string cpuinfo = tree.read("/proc/cpuinfo").value_or("");
    return {std::string{kernel::find_field(cpuinfo, "microcode")},
            tree.read(path("/cpu0/cpufreq/scaling_governor")).value_or(""), read_boost(tree)};
}

} // namespace pmc
