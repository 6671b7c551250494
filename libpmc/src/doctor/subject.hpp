#pragma once

#include "counter/open_event.hpp"
#include "kernel/cpu_visit.hpp"
#include "kernel/file_tree.hpp"
#include "machine/privilege.hpp"

#include <pmc/doctor.hpp>
#include <pmc/event.hpp>

#include <vector>

/// The machine that is examined, and one function for each topic.
namespace pmc::doctor {

struct Subject {
    Subject(const Machine& machine, const Tables& tables);

    const Machine& machine;
    const Tables& tables;
    kernel::FileTree tree;
    Privilege privilege;
    bool is_live;          ///< it is this very machine: things can be tried
    Permission permission; ///< what this process may count here
    /// What is tried where any counter will do: cycles, or the kernel's task clock where the cores have no PMU.
    Event probe_event;
};

/// A generic event of the kernel, on one core type; null: the main one.
Event generic_event(std::string_view name, const Machine& machine, const CoreType* core = nullptr);

/// Where cores are of several kinds, an event counts on those of its PMU only: goes to one of the main kind.
void go_to_main_core(kernel::CpuVisit& visit, const Machine& machine);

using Findings = std::vector<Finding>;

Findings examine_cores(const Subject& subject);      ///< CPU, table, PMU, its counters
Findings examine_reach(const Subject& subject);      ///< whom this process may count
Findings examine_reading(const Subject& subject);    ///< by instruction or by system call, and what that costs
Findings examine_other_pmus(const Subject& subject); ///< tracepoints, uncore, energy
Findings examine_rights(const Subject& subject);     ///< who grants or forbids
Findings examine_allowances(const Subject& subject); ///< open files, locked memory
Findings examine_steadiness(const Subject& subject); ///< whether cycles can be gated
Findings examine_tools(const Subject& subject);      ///< valgrind, libpfm4

} // namespace pmc::doctor
