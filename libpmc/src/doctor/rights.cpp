#include "doctor/finding.hpp"
#include "doctor/subject.hpp"
#include "machine/denial.hpp"

#include <cerrno>
#include <string>

namespace pmc::doctor {
namespace {

Finding paranoid(const Subject& subject) {
    constexpr Check check{"paranoid", "paranoid level"};
    constexpr std::string_view file = "/proc/sys/kernel/perf_event_paranoid";
    if (!subject.tree.read_number(file))
        return unreadable(check, file);
    const std::string level = std::to_string(subject.machine.paranoid());
    // What the level would forbid is asked where all refusals are told from: of an event of a whole CPU, with the
    // kernel.
    const Reason denial = subject.machine.why(EACCES, "cycles", "cpu", true, Reach::cpu);
    if (subject.machine.paranoid() < 1)
        return make_finding(check, Health::ok, level);
    if (denial.cause != Cause::paranoid)
        return make_finding(check, Health::ok, level + ", which does not bind this process: it has the capability");
    Finding finding = make_finding(check, denial, "", Health::limited);
    if (subject.permission.denied)
        finding.health = Health::missing;
    // The errno is none that was met.
    finding.found = finding.found.substr(0, finding.found.find(" (errno"));
    return finding;
}

Finding capabilities(const Subject& subject) {
    constexpr Check check{"capabilities", "capabilities"};
    constexpr std::string_view file = "/proc/self/status";
    if (!subject.tree.exists(file))
        return unreadable(check, file);
    constexpr const char* level_decides = "kernel.perf_event_paranoid says what may be counted";
    const Privilege& privilege = subject.privilege;
    if (privilege.perfmon || privilege.sys_admin)
        return make_finding(check, Health::ok,
                            privilege.perfmon && privilege.sys_admin ? "CAP_PERFMON and CAP_SYS_ADMIN"
                            : privilege.perfmon                      ? "CAP_PERFMON"
                                                                     : "CAP_SYS_ADMIN");
    const std::string remedy = remedy_of_rights(subject.machine);
    if (privilege.nested)
        return make_finding(check, Health::limited,
                            "none that counts: perf_event_open honours none of a user namespace's", level_decides,
                            remedy);
    // No level above 2, which only Debian and Ubuntu have, lets CAP_PERFMON pass.
    const bool perfmon_helps = subject.machine.paranoid() <= 2 && !privilege.bounded;
    return make_finding(check, Health::limited, "neither CAP_PERFMON nor CAP_SYS_ADMIN", level_decides,
                        remedy + (perfmon_helps ? ", or give it to pmcstat: sudo setcap cap_perfmon+ep PATH" : ""));
}

Finding seccomp(const Subject& subject) {
    constexpr Check check{"seccomp", "seccomp filter"};
    if (!subject.privilege.seccomp)
        return subject.tree.exists("/proc/self/status") ? make_finding(check, Health::ok, "none is in force")
                                                        : unreadable(check, "/proc/self/status");
    const int error = subject.permission.denied.error;
    if (error == EPERM || error == ENOSYS)
        return make_finding(check, subject.permission.denied, "nothing can be counted");
    return make_finding(check, subject.is_live ? Health::ok : Health::unknown,
                        subject.is_live ? "one is in force, and lets perf_event_open pass" : "one is in force");
}

Finding container(const Subject& subject) {
    constexpr Check check{"container", "container"};
    if (subject.privilege.container.empty())
        return make_finding(check, Health::ok, "none, as far as it shows");
    const bool denied = static_cast<bool>(subject.permission.denied);
    return make_finding(check, denied ? Health::limited : Health::ok, subject.privilege.container,
                        "sysctls are set on its host; -a counts the host's processes too",
                        denied ? subject.permission.denied.remedy : "");
}

Finding security_modules(const Subject& subject) {
    constexpr Check check{"security_modules", "security modules"};
    constexpr std::string_view file = "/sys/kernel/security/lsm";
    const std::string modules = subject.tree.read(file).value_or("");
    if (modules.empty())
        return unreadable(check, file);
    return make_finding(check, Health::ok, modules);
}

Finding lockdown(const Subject& subject) {
    constexpr Check check{"lockdown", "kernel lockdown"};
    if (subject.privilege.lockdown.empty())
        return unreadable(check, "/sys/kernel/security/lockdown");
    if (!subject.privilege.is_confidential())
        return make_finding(check, Health::ok, subject.privilege.lockdown);
    return make_finding(check, subject.machine.why(EPERM, "cycles", "cpu", true), "", Health::limited);
}

} // namespace

Findings examine_rights(const Subject& subject) {
    return {paranoid(subject),  capabilities(subject),     seccomp(subject),
            container(subject), security_modules(subject), lockdown(subject)};
}

} // namespace pmc::doctor
