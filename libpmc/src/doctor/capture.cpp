#include "kernel/file_tree.hpp"
#include "machine/cpu_id.hpp"
#include "machine/pmu.hpp"
#include "machine/privilege.hpp"

#include <pmc/doctor.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace pmc {
namespace {

using kernel::FileTree;

/// Files that are taken as they are.
constexpr std::array<std::string_view, 27> whole_files{
    "/.dockerenv", // empty, as the next: that it is there says something
    "/run/.containerenv",
    "/proc/device-tree/compatible",
    "/proc/device-tree/hypervisor/compatible",
    "/proc/self/limits",
    "/proc/self/uid_map",
    "/proc/sys/kernel/nmi_watchdog",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/perf_cpu_time_max_percent",
    "/proc/sys/kernel/perf_event_max_sample_rate",
    "/proc/sys/kernel/perf_event_mlock_kb",
    "/proc/sys/kernel/perf_event_paranoid",
    "/proc/sys/kernel/perf_user_access",
    "/sys/class/dmi/id/product_name",
    "/sys/class/dmi/id/sys_vendor",
    "/sys/devices/system/cpu/cpu0/cpufreq/boost",
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver",
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
    "/sys/devices/system/cpu/cpufreq/boost",
    "/sys/devices/system/cpu/intel_pstate/no_turbo",
    "/sys/devices/system/cpu/offline",
    "/sys/devices/system/cpu/online",
    "/sys/devices/system/cpu/possible",
    "/sys/devices/system/cpu/smt/active",
    "/sys/hypervisor/type",
    "/sys/kernel/security/lockdown",
    "/sys/kernel/security/lsm",
};

/// Of /proc/cpuinfo: neither serial numbers, nor what differs from one moment to the next.
constexpr std::array<std::string_view, 22> cpuinfo_keys{
    "processor",        "vendor_id",   "cpu family", "model",       "model name", "stepping",
    "microcode",        "physical id", "siblings",   "core id",     "cpu cores",  "cpuid level",
    "cache size",       "flags",       "bugs",       "Features",    "Hardware",   "CPU implementer",
    "CPU architecture", "CPU variant", "CPU part",   "CPU revision"};

/// Of /proc/self/status: what this process may do, not who it is.
constexpr std::array<std::string_view, 8> status_keys{"CapInh", "CapPrm",     "CapEff",  "CapBnd",
                                                      "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters"};

std::string_view key_of(std::string_view line) {
    line = line.substr(0, line.find(':'));
    return line.substr(0, line.find_last_not_of(" \t") + 1);
}

/// The lines of these keys, and the empty ones between them.
std::string only(std::string_view text, std::span<const std::string_view> keys) {
    std::string kept;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.empty() || std::ranges::find(keys, key_of(line)) != keys.end())
            kept.append(line) += '\n';
    }
    return kept;
}

/// Two of a kind are enough to know the others by. Arm's cores may be of several kinds, which nothing else tells.
std::string of_two_cpus(std::string cpuinfo) {
    std::size_t end = cpuinfo.find("\n\n");
    if (end != std::string::npos)
        end = cpuinfo.find("\n\n", end + 1);
    return end == std::string::npos ? cpuinfo : cpuinfo.substr(0, end + 1);
}

/// Which hierarchies there are, and of each path what tells a container: the rest names users, units and containers.
std::string container_marks(std::string_view cgroups) {
    std::string kept;
    while (!cgroups.empty()) {
        const std::string_view line = cgroups.substr(0, cgroups.find('\n'));
        cgroups.remove_prefix(std::min(line.size() + 1, cgroups.size()));
        const std::size_t path = line.find(':', line.find(':') + 1);
        if (path == std::string_view::npos || line.find("name=") < path) // a hierarchy with a name of somebody's own
            continue;
        kept.append(line.substr(0, path + 1));
        const std::size_t before = kept.size();
        for (const ContainerMark& mark : container_cgroups)
            if (line.substr(path).find(mark.word) != std::string_view::npos)
                kept.append(mark.word.starts_with('/') ? "" : "/").append(mark.word);
        kept.append(kept.size() == before ? "/\n" : "\n");
    }
    return kept;
}

class Capture {
public:
    explicit Capture(const Machine& machine) : machine_(machine), tree_(machine.root()) {}

    CapturedFiles files() && {
        put("/arch", machine_.arch());
        put("/proc/sys/kernel/osrelease", machine_.kernel_release());
        for (const std::string_view path : whole_files)
            take(path);
        const std::string cpuinfo = only(tree_.read("/proc/cpuinfo").value_or(""), cpuinfo_keys);
        put("/proc/cpuinfo", is_x86(machine_.arch()) ? of_two_cpus(cpuinfo) : cpuinfo);
        put("/proc/self/cgroup", container_marks(tree_.read("/proc/self/cgroup").value_or("")));
        put("/proc/self/status", only(tree_.read("/proc/self/status").value_or(""), status_keys));
        // The first line is of all CPUs together.
        const std::string stat = tree_.read("/proc/stat").value_or("");
        put("/proc/stat", stat.substr(0, stat.find('\n')));
        take_cpus();
        for (const std::string& name : tree_.list(pmu_folder))
            take_pmu(std::string(pmu_folder) + '/' + name + '/');
        return std::move(files_);
    }

private:
    void put(std::string_view path, std::string content) {
        if (!content.empty())
            files_.insert_or_assign(std::string(path), std::move(content));
    }

    void take(std::string_view path) {
        // An empty file is taken for its being there; one that is none (a folder) has no content.
        if (std::optional<std::string> content = tree_.read(path))
            files_.insert_or_assign(std::string(path), *std::move(content));
    }

    void take_cpus() {
        const std::string folder = "/sys/devices/system/cpu/";
        for (const std::string& name : tree_.list(folder)) {
            if (!name.starts_with("cpu") || name.find_first_not_of("0123456789", 3) != std::string::npos)
                continue;
            for (const char* const file : {"/regs/identification/midr_el1", "/topology/physical_package_id",
                                           "/topology/die_id", "/topology/core_id"})
                take(std::string(folder).append(name).append(file));
        }
    }

    void take_pmu(const std::string& folder) {
        for (const char* const file : {"type", "cpus", "cpumask", "rdpmc"})
            take(folder + file);
        for (const char* const part : {"format/", "events/", "caps/"})
            for (const std::string& file : tree_.list(folder + part))
                take(std::string(folder).append(part).append(file));
    }

    const Machine& machine_;
    FileTree tree_;
    CapturedFiles files_;
};

} // namespace

CapturedFiles capture(const Machine& machine) {
    return Capture(machine).files();
}

} // namespace pmc
