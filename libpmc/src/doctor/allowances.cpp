#include "doctor/finding.hpp"
#include "doctor/subject.hpp"
#include "kernel/page_size.hpp"
#include "machine/resource_limit.hpp"

#include <pmc/reading.hpp>

#include <string>

namespace pmc::doctor {
namespace {

/// As many as a group may have, on each CPU.
std::uint64_t events_on_all_cpus(const Subject& subject) {
    return std::uint64_t{subject.machine.cpu_count()} * Reading::capacity;
}

std::string on_all_cpus(const Subject& subject) {
    return std::to_string(Reading::capacity) + " events on " + std::to_string(subject.machine.cpu_count()) +
           (subject.machine.cpu_count() == 1 ? " CPU take " : " CPUs take ") +
           std::to_string(events_on_all_cpus(subject));
}

Finding open_files(const Subject& subject) {
    constexpr Check check{"open_files", "open files"};
    constexpr std::uint64_t others = 64; // of pmcstat's own: the report, valgrind's log, …
    const ResourceLimit limit = open_file_limit(subject.tree);
    if (limit.soft.empty())
        return unreadable(check, "/proc/self/limits");
    const std::string found = "up to " + limit.soft + ", and " + limit.hard + " when raised";
    const std::uint64_t needed = events_on_all_cpus(subject) + others;
    if (limit.hard_number() < needed)
        return make_finding(check, Health::limited, found, on_all_cpus(subject) + ", so -a can't count that many",
                            open_file_remedy({limit.hard, limit.hard}, std::to_string(needed)));
    if (limit.soft_number() < needed)
        return make_finding(check, Health::ok, found,
                            on_all_cpus(subject) + ": pmcstat raises the limit for itself, other programs that use "
                                                   "libpmc don't");
    return make_finding(check, Health::ok, found);
}

Finding locked_memory(const Subject& subject) {
    constexpr Check check{"locked_memory", "locked memory"};
    constexpr std::string_view file = "/proc/sys/kernel/perf_event_mlock_kb";
    const std::optional<long long> kb = subject.tree.read_number(file);
    const ResourceLimit limit = read_limit(subject.tree, "Max locked memory");
    if (!kb || *kb < 0 || limit.soft.empty())
        return unreadable(check, !kb ? file : "/proc/self/limits");
    // perf_mmap(): a user has perf_event_mlock_kb for each CPU online, and beyond that what the process may lock.
    const std::uint64_t free_bytes = static_cast<std::uint64_t>(*kb) * 1024 * subject.machine.cpu_count();
    const std::uint64_t own = limit.soft_number();
    const bool is_unlimited = own > UINT64_MAX - free_bytes || subject.machine.paranoid() < 0;
    const std::uint64_t pages = (is_unlimited ? UINT64_MAX : own + free_bytes) / kernel::page_size();
    if (is_unlimited)
        return make_finding(check, Health::ok, "unlimited");
    const std::string found = "room for " + std::to_string(pages) + " counters that are read without a system call";
    if (pages >= events_on_all_cpus(subject))
        return make_finding(check, Health::ok, found);
    return make_finding(check, Health::limited, found,
                        "a program with a thread for each CPU may have to read its counters by system calls",
                        "sudo sysctl kernel.perf_event_mlock_kb=516, or raise the limit: ulimit -l");
}

} // namespace

Findings examine_allowances(const Subject& subject) {
    return {open_files(subject), locked_memory(subject)};
}

} // namespace pmc::doctor
