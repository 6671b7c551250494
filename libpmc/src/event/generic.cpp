#include "event/resolver.hpp"
#include "machine/core_type.hpp"

#include <algorithm>
#include <array>
#include <linux/perf_event.h>

namespace pmc {

namespace {

struct NamedEvent {
    std::string_view name;
    std::string_view alias;
    std::uint64_t config;
    std::string_view unit;
    std::string_view description;
};

constexpr std::array<NamedEvent, 10> hardware_events{{
    {"cycles", "cpu-cycles", PERF_COUNT_HW_CPU_CYCLES, "",
     "Core clock cycles while not halted, at the core's actual frequency"},
    {"instructions", "", PERF_COUNT_HW_INSTRUCTIONS, "", "Instructions retired"},
    {"cache-references", "", PERF_COUNT_HW_CACHE_REFERENCES, "",
     "Cache lookups of the level that cache-misses counts: the last level on Intel, the L2 on AMD, the L1D on Arm"},
    {"cache-misses", "", PERF_COUNT_HW_CACHE_MISSES, "",
     "Misses of a level that depends on the CPU: the last on Intel, the L2 on AMD Zen, the L1D or last on Arm; "
     "llc_misses means the last level everywhere"},
    {"branches", "branch-instructions", PERF_COUNT_HW_BRANCH_INSTRUCTIONS, "", "Branches retired, of all kinds"},
    {"branch-misses", "", PERF_COUNT_HW_BRANCH_MISSES, "",
     "Branches mispredicted; Arm counts the speculative ones too, so more than branches is possible"},
    {"bus-cycles", "", PERF_COUNT_HW_BUS_CYCLES, "",
     "Cycles of a bus clock whose rate differs from CPU to CPU; AMD has none"},
    {"stalled-cycles-frontend", "idle-cycles-frontend", PERF_COUNT_HW_STALLED_CYCLES_FRONTEND, "",
     "Cycles in which the front end delivered nothing; Intel since Haswell has none"},
    {"stalled-cycles-backend", "idle-cycles-backend", PERF_COUNT_HW_STALLED_CYCLES_BACKEND, "",
     "Cycles in which the back end took nothing; few CPUs but Arm's have it"},
    {"ref-cycles", "", PERF_COUNT_HW_REF_CPU_CYCLES, "",
     "Cycles while not halted, at a fixed rate that frequency changes leave alone; Arm has none"},
}};

constexpr std::array<NamedEvent, 12> software_events{{
    {"cpu-clock", "", PERF_COUNT_SW_CPU_CLOCK, "ns", "Time by a CPU's clock while counting"},
    {"task-clock", "", PERF_COUNT_SW_TASK_CLOCK, "ns", "Time that the task ran on a CPU"},
    {"page-faults", "faults", PERF_COUNT_SW_PAGE_FAULTS, "", "Page faults, minor and major"},
    {"context-switches", "cs", PERF_COUNT_SW_CONTEXT_SWITCHES, "",
     "Times the scheduler switched away from the task; happens in the kernel"},
    {"cpu-migrations", "migrations", PERF_COUNT_SW_CPU_MIGRATIONS, "",
     "Times the task moved to another CPU; happens in the kernel"},
    {"minor-faults", "", PERF_COUNT_SW_PAGE_FAULTS_MIN, "", "Page faults that needed no I/O"},
    {"major-faults", "", PERF_COUNT_SW_PAGE_FAULTS_MAJ, "", "Page faults that waited for I/O"},
    {"alignment-faults", "", PERF_COUNT_SW_ALIGNMENT_FAULTS, "",
     "Unaligned accesses that the kernel had to mend; x86 has none"},
    {"emulation-faults", "", PERF_COUNT_SW_EMULATION_FAULTS, "", "Instructions that the kernel had to emulate"},
    {"dummy", "", PERF_COUNT_SW_DUMMY, "", "Counts nothing; a place holder"},
    // Newer than some <linux/perf_event.h> that this must build with.
    {"bpf-output", "", 10, "", "Output events of BPF programs"},
    {"cgroup-switches", "", 11, "", "Context switches to a task of another cgroup (Linux 5.13); happens in the kernel"},
}};

enum Operations : unsigned { read_only = 1, read_prefetch = 5, all_operations = 7 };

struct Cache {
    std::string_view name;
    std::uint64_t id;
    unsigned operations;
    std::string_view title;
    std::string_view trap;
};

/// The kernel rejects what a cache can't do: nobody stores through the instruction cache.
constexpr std::array<Cache, 7> caches{{
    {"L1-dcache", PERF_COUNT_HW_CACHE_L1D, all_operations, "the L1 data cache",
     "on Intel misses are line fills, on AMD requests to the L2"},
    {"L1-icache", PERF_COUNT_HW_CACHE_L1I, read_prefetch, "the L1 instruction cache", ""},
    {"LLC", PERF_COUNT_HW_CACHE_LL, all_operations, "the last-level cache",
     "AMD Zen has none of these; a miss may have been served by another core's cache"},
    {"dTLB", PERF_COUNT_HW_CACHE_DTLB, all_operations, "the data TLB",
     "misses are page walks on x86, refills of the first level on Arm"},
    {"iTLB", PERF_COUNT_HW_CACHE_ITLB, read_only, "the instruction TLB", ""},
    {"branch", PERF_COUNT_HW_CACHE_BPU, read_only, "the branch predictor", ""},
    {"node", PERF_COUNT_HW_CACHE_NODE, all_operations, "the memory of this NUMA node", "a miss went to another node"},
}};

struct Access {
    std::string_view suffix;
    std::uint64_t operation;
    std::uint64_t result;
    std::string_view title;
};

constexpr std::array<Access, 6> accesses{{
    {"loads", PERF_COUNT_HW_CACHE_OP_READ, PERF_COUNT_HW_CACHE_RESULT_ACCESS, "Loads from "},
    {"load-misses", PERF_COUNT_HW_CACHE_OP_READ, PERF_COUNT_HW_CACHE_RESULT_MISS, "Loads that missed "},
    {"stores", PERF_COUNT_HW_CACHE_OP_WRITE, PERF_COUNT_HW_CACHE_RESULT_ACCESS, "Stores to "},
    {"store-misses", PERF_COUNT_HW_CACHE_OP_WRITE, PERF_COUNT_HW_CACHE_RESULT_MISS, "Stores that missed "},
    {"prefetches", PERF_COUNT_HW_CACHE_OP_PREFETCH, PERF_COUNT_HW_CACHE_RESULT_ACCESS, "Prefetches from "},
    {"prefetch-misses", PERF_COUNT_HW_CACHE_OP_PREFETCH, PERF_COUNT_HW_CACHE_RESULT_MISS, "Prefetches that missed "},
}};

constexpr bool can(const Cache& cache, const Access& access) noexcept {
    return (cache.operations >> access.operation & 1u) != 0;
}

std::string describe(const Cache& cache, const Access& access) {
    std::string text = std::string(access.title) + std::string(cache.title);
    return cache.trap.empty() ? text : text + "; " + std::string(cache.trap);
}

constexpr char hyphenated(char c) noexcept {
    return c == '_' ? '-' : c;
}

constexpr char folded(char c) noexcept {
    return hyphenated(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
}

constexpr bool is_name(std::string_view known, std::string_view name) noexcept {
    return !known.empty() && std::ranges::equal(known, name, {}, {}, hyphenated);
}

constexpr bool is_folded_name(std::string_view known, std::string_view name) noexcept {
    return std::ranges::equal(known, name, {}, folded, folded);
}

const NamedEvent* find(std::span<const NamedEvent> events, std::string_view name) noexcept {
    const auto found = std::ranges::find_if(
        events, [&](const NamedEvent& event) { return is_name(event.name, name) || is_name(event.alias, name); });
    return found == events.end() ? nullptr : &*found;
}

struct CacheEvent {
    const Cache* cache;
    const Access* access;
};

std::optional<CacheEvent> find_cache_event(std::string_view name) noexcept {
    for (const Cache& cache : caches) {
        const std::size_t length = cache.name.size();
        if (name.size() <= length || folded(name[length]) != '-' || !is_folded_name(cache.name, name.substr(0, length)))
            continue;
        for (const Access& access : accesses) {
            if (can(cache, access) && is_folded_name(access.suffix, name.substr(length + 1)))
                return CacheEvent{&cache, &access};
        }
    }
    return std::nullopt;
}

/// With several core types the kernel binds an untyped event to one of them, by its own choice: the PMU's type goes
/// into the upper half (PERF_PMU_CAP_EXTENDED_HW_TYPE, Linux 5.13).
std::uint64_t extended(std::uint64_t config, const Machine& machine, const CoreType& core) {
    if (!machine.is_hybrid())
        return config;
    const Pmu* pmu = core_pmu(machine, core);
    return pmu == nullptr ? config : config | std::uint64_t{pmu->type} << 32;
}

Event hardware_event(std::string_view name, std::uint32_t type, std::uint64_t config, const Machine& machine,
                     const CoreType& core) {
    Event event;
    event.name = name;
    event.type = type;
    event.config = extended(config, machine, core);
    event.pmu = core.pmu.empty() ? "cpu" : core.pmu;
    event.source = type == PERF_TYPE_HW_CACHE ? EventSource::cache : EventSource::generic;
    event.encoding = config_encoding(type == PERF_TYPE_HW_CACHE ? "cache" : "hardware", event.config);
    return event;
}

Event software_event(std::string_view name, const NamedEvent& known) {
    Event event;
    event.name = name;
    event.type = PERF_TYPE_SOFTWARE;
    event.config = known.config;
    event.pmu = "software";
    event.unit = known.unit;
    event.source = EventSource::software;
    event.description = known.description;
    event.encoding = config_encoding("software", event.config);
    return event;
}

} // namespace

Resolved resolve_generic(std::string_view name, const Machine& machine, const CoreType& core) {
    if (const NamedEvent* known = find(software_events, name))
        return software_event(name, *known);
    if (const NamedEvent* known = find(hardware_events, name)) {
        Event event = hardware_event(name, PERF_TYPE_HARDWARE, known->config, machine, core);
        event.description = known->description;
        return event;
    }
    if (const std::optional<CacheEvent> known = find_cache_event(name)) {
        const std::uint64_t config = known->cache->id | known->access->operation << 8 | known->access->result << 16;
        Event event = hardware_event(name, PERF_TYPE_HW_CACHE, config, machine, core);
        event.description = describe(*known->cache, *known->access);
        return event;
    }
    return std::nullopt;
}

Resolved resolve_generic(std::string_view name, const Machine& machine) {
    // A software event is the same everywhere: no need to look at this machine for it.
    if (const NamedEvent* known = find(software_events, name))
        return software_event(name, *known);
    if (find(hardware_events, name) == nullptr && !find_cache_event(name))
        return std::nullopt;
    return resolve_generic(name, machine, main_core(machine));
}

std::vector<GenericName> generic_names() {
    std::vector<GenericName> names;
    const auto add = [&](const NamedEvent& event, std::string_view kind) {
        names.push_back({std::string(event.name), kind, std::string(event.description)});
    };
    for (const NamedEvent& event : hardware_events)
        add(event, "hardware event");
    for (const NamedEvent& event : software_events)
        add(event, "software event");
    for (const Cache& cache : caches) {
        for (const Access& access : accesses) {
            if (can(cache, access))
                names.push_back({std::string(cache.name) + "-" + std::string(access.suffix), "cache event",
                                 describe(cache, access)});
        }
    }
    return names;
}

} // namespace pmc
