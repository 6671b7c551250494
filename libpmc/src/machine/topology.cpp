#include "machine/topology.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace pmc {
namespace {

using kernel::FileTree;

constexpr std::string_view cpu_folder = "/sys/devices/system/cpu";
constexpr std::string_view node_folder = "/sys/devices/system/node";

int read_int(const FileTree& tree, const std::string& path, int otherwise) {
    const std::optional<long long> number = tree.read_number(path);
    return number && std::in_range<int>(*number) ? static_cast<int>(*number) : otherwise;
}

/// "node12" → 12; empty for the other files there.
std::optional<int> node_number(std::string_view name) noexcept {
    constexpr std::string_view prefix = "node";
    if (!name.starts_with(prefix))
        return std::nullopt;
    name.remove_prefix(prefix.size());
    unsigned short number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size())
        return std::nullopt;
    return number;
}

void add_nodes(const FileTree& tree, std::vector<CpuPlace>& places) {
    for (const std::string& name : tree.list(node_folder)) {
        const std::optional<int> node = node_number(name);
        if (!node)
            continue;
        const std::string cpus = tree.read(std::string(node_folder) + '/' + name + "/cpulist").value_or("");
        for (const int cpu : kernel::parse_cpu_list(cpus)) {
            const auto place = std::ranges::lower_bound(places, cpu, {}, &CpuPlace::cpu);
            if (place != places.end() && place->cpu == cpu)
                place->node = *node;
        }
    }
}

/// The "processor : N" lines of /proc/cpuinfo, for sandboxes without /sys.
std::vector<int> processors(std::string_view cpuinfo) {
    std::vector<int> cpus;
    while (!cpuinfo.empty()) {
        const std::size_t end = cpuinfo.find('\n');
        const std::string_view line = cpuinfo.substr(0, end);
        cpuinfo.remove_prefix(end == std::string_view::npos ? cpuinfo.size() : end + 1);
        if (!line.starts_with("processor"))
            continue;
        const std::vector<int> number = kernel::parse_cpu_list(kernel::find_field(line, "processor"));
        if (number.size() == 1)
            cpus.push_back(number.front());
    }
    std::ranges::sort(cpus);
    cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end()); // clang 14 can't compile std::ranges::unique
    return cpus;
}

} // namespace

std::string CpuPlace::core_id() const {
    return socket_id() + "-D" + std::to_string(die) + "-C" + std::to_string(core);
}

std::string CpuPlace::socket_id() const {
    return "S" + std::to_string(socket);
}

std::string CpuPlace::node_id() const {
    return "N" + std::to_string(node);
}

std::vector<int> online_cpus(const FileTree& tree) {
    const std::string online = tree.read(std::string(cpu_folder) + "/online").value_or("");
    std::vector<int> cpus = kernel::parse_cpu_list(online);
    return cpus.empty() ? processors(tree.read("/proc/cpuinfo").value_or("")) : cpus;
}

std::vector<CpuPlace> read_topology(const FileTree& tree) {
    std::vector<CpuPlace> places;
    for (const int cpu : online_cpus(tree)) {
        const std::string folder = std::string(cpu_folder) + "/cpu" + std::to_string(cpu) + "/topology/";
        CpuPlace place{.cpu = cpu};
        place.socket = std::max(read_int(tree, folder + "physical_package_id", -1), -1);
        place.die = std::max(read_int(tree, folder + "die_id", 0), 0); // perf too has 0 where the kernel has -1
        place.core = std::max(read_int(tree, folder + "core_id", 0), 0);
        places.push_back(place);
    }
    add_nodes(tree, places);
    return places;
}

} // namespace pmc
