#pragma once

#include <pmc/export.hpp>
#include <pmc/reason.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// One kind of core. Most machines have one; hybrid x86 and big.LITTLE have several.
struct CoreType {
    std::string cpu_id;    ///< in perf's notation: "GenuineIntel-6-8F-8", "AuthenticAMD-25-11-1", "midr-41-d0c"
    std::string pmu;       ///< its PMU's sysfs name ("cpu", "cpu_core", "armv8_pmuv3_0"); empty: it has none
    std::vector<int> cpus; ///< the CPUs of this type; empty means all of them
};

/// An event that a PMU's driver lists in sysfs.
struct SysfsEvent {
    std::string terms; ///< "event=0x08" (the file's content)
    double scale = 1.0;
    std::string unit;
};

/// One PMU of /sys/bus/event_source/devices.
struct Pmu {
    std::string name;
    std::uint32_t type = 0;
    bool core = false;                                       ///< counts for a thread, on the core it runs on
    std::vector<int> cpumask;                                ///< non-empty: counts in one place (a socket, a cache)
    std::vector<int> cpus;                                   ///< non-empty: the CPUs of this core type
    std::map<std::string, std::string, std::less<>> formats; ///< "umask" → "config:8-15"
    std::map<std::string, SysfsEvent, std::less<>> events;   ///< by name

    /// Event terms through the formats: "event=0x2e,umask=0x41" → config, config1, config2. Empty on an unknown term or
    /// a value too wide for its field; `problem` then says which.
    struct Encoded {
        std::uint64_t config = 0, config1 = 0, config2 = 0;
    };
    [[nodiscard]] PMC_API std::optional<Encoded> encode(std::string_view terms, std::string& problem) const;
};

/// How many events a core PMU can count at once.
struct CounterBudget {
    unsigned generic = 0;            ///< counters that take any event
    unsigned fixed_cycles = 0;       ///< 1 if cycles has a counter of its own
    unsigned fixed_instructions = 0; ///< 1 if instructions has one
    unsigned fixed_ref_cycles = 0;
    unsigned fixed_slots = 0;
};

/// Whom an event is to count.
enum class Reach {
    own,     ///< the calling thread
    process, ///< another thread, or another process of this user
    others,  ///< another user's process
    cpu      ///< everything that runs on a CPU
};

/// What this project knows of a machine: its cores, its PMUs, and what may be counted. Everything is read on first use
/// and kept; a Machine is cheap to copy (copies share what was read) and safe to use from several threads.
///
///     const pmc::Machine& here = pmc::Machine::host();
///     if (!here.has_core_pmu())
///         std::puts(here.why_no_pmu().evidence.c_str());
class PMC_API Machine {
public:
    /// The machine that this program runs on.
    static const Machine& host();
    /// The same, also in a program that pmcstat runs under callgrind: the machine beneath it, not the model.
    static const Machine& hardware();
    /// A machine captured as a folder that holds its /proc and /sys files.
    static Machine from_tree(std::string root);
    /// A machine described by the content of its files, by path ("/proc/cpuinfo"); "/arch" says what `uname -m` does.
    static Machine from_files(std::map<std::string, std::string, std::less<>> files);

    /// A processor that valgrind models: what a program does, counted instead of measured. Its caches are the same on
    /// every machine. Nothing can be opened on it: a Session runs the command under cachegrind instead. Numbers repeat
    /// to the last digit, of user mode, and are no measurement.
    static const Machine& cachegrind();
    /// The same as callgrind models it, which can tell the parts of a program apart: what Machine::host() is in a
    /// program that pmcstat runs under callgrind for its regions and measure().
    static const Machine& callgrind();

    [[nodiscard]] bool is_host() const noexcept;
    [[nodiscard]] bool is_model() const;
    /// The model's string, in full ("cachegrind-3.19.0 I1=32768,8,64 …"); empty for a real machine. Asks the
    /// valgrind that is installed for its version, once; without one the string has none.
    [[nodiscard]] const std::string& model() const;
    [[nodiscard]] const std::string& root() const noexcept; ///< "" for the host
    [[nodiscard]] const std::string& arch() const;          ///< "x86_64", "aarch64", … (uname -m)
    [[nodiscard]] const std::string& kernel_release() const;
    [[nodiscard]] const std::string& cpu_name() const; ///< the marketing name: "AMD EPYC 9754 128-Core Processor"
    [[nodiscard]] const std::string&
    hypervisor() const; ///< "KVM", "VMware", … or empty on bare metal, as far as it shows
    [[nodiscard]] const std::vector<CoreType>& core_types() const; ///< at least one
    [[nodiscard]] bool is_hybrid() const { return core_types().size() > 1; }
    [[nodiscard]] unsigned cpu_count() const; ///< CPUs online

    [[nodiscard]] bool has_core_pmu() const;
    /// Names in /sys/bus/event_source/devices, sorted.
    [[nodiscard]] const std::vector<std::string>& pmu_names() const;
    /// One PMU by its sysfs name; null if there is none. Reads its folder on first use; the pointer stays valid.
    [[nodiscard]] const Pmu* pmu(std::string_view name) const;
    /// Counters of a core PMU, before anything is opened: what the CPU and its table say, less the NMI watchdog's.
    [[nodiscard]] CounterBudget budget(const CoreType& core) const;

    /// kernel.perf_event_paranoid; 2 (the kernel's default) if it can't be read.
    [[nodiscard]] int paranoid() const;
    [[nodiscard]] bool nmi_watchdog() const;
    /// Whether a core may run two threads at once, which then share its counters and slots.
    [[nodiscard]] bool smt() const;
    /// Why there is no hardware PMU here; empty where there is one.
    [[nodiscard]] Reason why_no_pmu() const;
    /// Why perf_event_open failed with `error` for `event` (its name) of `pmu`; `kernel` says that kernel mode was
    /// asked for.
    [[nodiscard]] Reason why(int error, std::string_view event, std::string_view pmu, bool kernel,
                             Reach reach = Reach::own) const;

private:
    struct State;
    explicit Machine(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

} // namespace pmc
