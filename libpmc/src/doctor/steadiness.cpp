#include "doctor/finding.hpp"
#include "doctor/subject.hpp"
#include "machine/clocking.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <string>

namespace pmc::doctor {
namespace {

Finding governor(const Clocking& clocking) {
    constexpr Check check{"governor", "clock governor"};
    if (clocking.governor.empty())
        return make_finding(check, Health::unknown, "this machine does not tell how its clock is governed",
                            "time may change from run to run; gate instructions, or cycles with a wide limit");
    if (clocking.governor == "performance")
        return make_finding(check, Health::ok, clocking.governor);
    return make_finding(check, Health::limited, clocking.governor,
                        "the clock follows the load: time changes more than cycles do",
                        "sudo cpupower frequency-set -g performance");
}

Finding boost(const Subject& subject, const Clocking& clocking) {
    constexpr Check check{"boost", "clock boost"};
    if (!clocking.boost)
        return make_finding(check, Health::unknown, "this machine does not tell whether its clock is boosted");
    if (!*clocking.boost)
        return make_finding(check, Health::ok, "off");
    const std::string pstate = "/sys/devices/system/cpu/intel_pstate/no_turbo";
    return make_finding(check, Health::limited, "on",
                        "the clock depends on temperature and on what other cores do: gate cycles rather than time",
                        subject.tree.exists(pstate) ? "echo 1 | sudo tee " + pstate
                                                    : "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost");
}

Finding smt(const Subject& subject) {
    constexpr Check check{"smt", "second threads of cores (SMT)"};
    constexpr std::string_view file = "/sys/devices/system/cpu/smt/active";
    if (!subject.tree.read_number(file))
        return unreadable(check, file);
    if (!subject.machine.smt())
        return make_finding(check, Health::ok, "none");
    return make_finding(check, Health::limited, "on",
                        "what runs on a core's other thread changes cycles, and may take half of the counters",
                        "keep the other thread idle, or switch them off: echo off | sudo tee "
                        "/sys/devices/system/cpu/smt/control");
}

/// The part of the busy time, since this machine was started, in which the hypervisor ran somebody else.
std::optional<double> stolen(const std::string& stat) {
    enum Column : std::size_t { user, nice, system, idle, io_wait, irq, soft_irq, steal, columns };
    std::istringstream words(stat.substr(0, stat.find('\n')));
    words.imbue(std::locale::classic());
    std::string title;
    std::array<double, columns> ticks{};
    words >> title;
    for (double& tick : ticks)
        words >> tick;
    if (!words || title != "cpu")
        return std::nullopt;
    const double busy = ticks[user] + ticks[nice] + ticks[system] + ticks[irq] + ticks[soft_irq] + ticks[steal];
    return busy > 0 ? ticks[steal] / busy : 0.0;
}

Finding steal(const Subject& subject) {
    constexpr Check check{"steal", "time stolen by the hypervisor"};
    constexpr double harmless = 0.01;
    const std::optional<double> part = stolen(subject.tree.read("/proc/stat").value_or(""));
    if (!part)
        return unreadable(check, "/proc/stat");
    char percent[32];
    std::snprintf(percent, sizeof percent, "%.1f %% of the busy time", *part * 100);
    Finding finding = *part < harmless
                          ? make_finding(check, Health::ok, percent)
                          : make_finding(check, Health::limited, percent,
                                         "neighbours on the host disturb what is measured here: time is no measure, "
                                         "and caches are shared",
                                         "use a machine of its own, or gate instructions");
    finding.value = *part * 100;
    finding.unit = "%";
    return finding;
}

} // namespace

Findings examine_steadiness(const Subject& subject) {
    const Clocking clocking = read_clocking(subject.tree);
    return {governor(clocking), boost(subject, clocking), smt(subject), steal(subject)};
}

} // namespace pmc::doctor
