#include "counter/user_access.hpp"

#include "counter/constraint.hpp"
#include "counter/reasons.hpp"
#include "kernel/counter_register.hpp"
#include "kernel/file_tree.hpp"

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace pmc {
namespace {

constexpr const char* arm64_switch = "/proc/sys/kernel/perf_user_access";

/// arm64 gives nobody access by default, and a page does not tell.
Reason why_arm64_forbids(const Machine& machine) {
    const std::optional<long long> access = kernel::FileTree(machine.root()).read_number(arm64_switch);
    if (!access)
        return no_user_read("this kernel lets no user code read counters (arm64 does from 5.17 on)");
    if (*access == 0)
        return no_user_read("kernel.perf_user_access is 0", "sudo sysctl kernel.perf_user_access=1");
    return {};
}

} // namespace

Reason why_no_user_read(std::span<const Event> events, ReadPolicy policy, const Machine& machine) {
    if (!kernel::has_user_read)
        return no_user_read("libpmc has no user read for this architecture");
    if (policy == ReadPolicy::system_call)
        return no_user_read("the program asked for system calls (ReadPolicy::system_call)");
    const char* setting = secure_getenv("PMC_READ");
    if (setting != nullptr && std::string_view{setting} == "syscall")
        return no_user_read("the environment asked for system calls (PMC_READ=syscall)", "unset PMC_READ");
    for (const Event& event : events)
        if (!takes_counter(event))
            return no_user_read(event.name + " is counted by the kernel, not by a hardware counter",
                                "count it in a group of its own");
    for (const Event& event : events)
        if (is_slots(event) || is_topdown_metric(event))
            return no_user_read(event.name + " is not in a counter of its own", "count it in a group of its own");
    // Between a page's index and the register's read the thread may move to a core that has no such counter: a fault.
    if (machine.is_hybrid())
        return no_user_read("the cores are of several types");
    if (machine.arch() == "aarch64")
        return why_arm64_forbids(machine);
    return {};
}

std::vector<std::uint64_t> user_access_bits(const Event& event, const Machine& machine) {
    const Pmu* pmu = event.pmu.empty() ? nullptr : machine.pmu(event.pmu);
    std::vector<std::uint64_t> ladder;
    if (pmu == nullptr)
        return ladder;
    // arm64. Not with `long`, which only the one cycle counter has where counters are of 32 bits: a second group that
    // counts cycles would have to take turns with the first (6.1). 32 bits are enough, as the page is told of each
    // wrap.
    std::string problem;
    if (const auto encoded = pmu->encode("rdpmc=1", problem); encoded && encoded->config == 0 && encoded->config2 == 0)
        ladder.push_back(encoded->config1);
    return ladder;
}

Reason why_not_readable(const perf_event_mmap_page& page, const Event& event, const Machine& machine) {
    if (page.cap_user_rdpmc && page.pmc_width >= 1 && page.pmc_width <= 64)
        return {};
    const std::string file = "/sys/bus/event_source/devices/" + event.pmu + "/rdpmc";
    if (kernel::FileTree(machine.root()).read_number(file) == 0)
        return no_user_read(file + " is 0", "echo 1 | sudo tee " + file);
    return no_user_read("the kernel lets no user code read " + event.name);
}

} // namespace pmc
