#pragma once

#include <pmc/export.hpp>
#include <pmc/machine.hpp>
#include <pmc/reason.hpp>
#include <pmc/tables.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// How the thing that a Finding is about stands.
enum class Health : std::uint8_t {
    ok,      ///< as it should be
    limited, ///< it works, but not for all, or not as well as it could
    missing, ///< it does not work here
    wrong,   ///< it works, and gives false numbers (self_test() only)
    unknown  ///< it could not be tried: a captured machine, or a file that can't be read
};

/// "ok", "limited", "missing", "wrong", "unknown".
PMC_API std::string_view to_string(Health health) noexcept;

/// One check of a machine and its result, a sentence or a clause each.
struct Finding {
    std::string id;    ///< stable, for programs: "own_process"
    std::string title; ///< what was checked: "own process"
    Health health = Health::unknown;
    std::string found;           ///< what is there: "KVM guest without a virtual PMU"
    std::string means;           ///< what that means for who counts; empty where `found` says it all
    std::string remedy;          ///< what to do on this very system; empty where nothing is to be done
    Cause cause = Cause::none;   ///< of what is missing, where it has one
    std::optional<double> value; ///< what was found as a number, in `unit`
    std::string unit;            ///< "counters", "ns"
};

/// Everything that was found out about a machine.
struct PMC_API Examination {
    std::string of; ///< "examination", "self-test"
    std::vector<Finding> findings;

    /// The finding of this id; null if there is none.
    [[nodiscard]] const Finding* find(std::string_view id) const noexcept;
    /// An examination: cycles and instructions count for a process of one's own. A self-test: all counters that were
    /// tested are right.
    [[nodiscard]] bool is_well() const noexcept;
    /// One JSON document, "pmcstat-doctor/1".
    [[nodiscard]] std::string to_json() const;
};

/// Why there are no counters, or not all, and what to do. On this machine everything is tried for real: counters are
/// opened on the calling thread, on a child that is forked for it, and on a CPU. Nothing is left behind, and nothing
/// changed. Of a captured machine only what its files tell is known. Never fails.
PMC_API Examination examine(const Machine& machine = Machine::host(), const Tables& tables = Tables::builtin());

/// Whether this machine's counters are right: loops whose instructions are known are counted on the calling thread, by
/// the processor's own instruction and by read(). Where nothing can be counted, or the loop's instructions are not
/// known (no x86-64, no arm64), the findings say so, and is_well() is false.
PMC_API Examination self_test();

/// The files of /proc and /sys that libpmc reads of a machine, by path, as Machine::from_files() takes them. Private
/// things are left out: names of users, processes and hosts, command lines, environments, serial numbers. "/arch" is
/// `uname -m`.
using CapturedFiles = std::map<std::string, std::string, std::less<>>;
PMC_API CapturedFiles capture(const Machine& machine = Machine::host());

/// The files as a tar archive (POSIX ustar) of relative paths, all of them root's and of the year 1970. Unpacked, it is
/// a folder for Machine::from_tree().
PMC_API std::string to_tar(const CapturedFiles& files);

} // namespace pmc
