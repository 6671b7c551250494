#pragma once

#include <pmc/event.hpp>

/// Work of which it is known exactly what the kernel must count, with or without a PMU.
namespace oracle {

/// Does nothing, but can be counted: see calls(). The work of one call, `times` times.
void call(int times);
/// The event "call() was called": an uprobe on it. Takes CAP_PERFMON, and says EACCES without it.
pmc::Event calls();

/// Touches so many fresh pages: as many minor faults, in user mode.
void fault(int pages);

/// Page faults in this thread, two others and a forked child: at least so many in all.
constexpr int all_faults = 1 + 2 * 1000 + 4000;
void fault_everywhere();

/// Commands to be counted: this program, with one test case. Calls are made in one thread only: the kernel makes an
/// uprobe anew for each thread and child that inherits it, by a path that it keeps as a pointer into the process that
/// asked. After an exec that makes their clone fail (EFAULT), and without one it misses forked children always and
/// threads now and then (6.18).
constexpr int command_calls = 1234;
constexpr const char* calling_command = "--test-case=oracle: calls";
constexpr const char* faulting_command = "--test-case=oracle: faults everywhere";

} // namespace oracle
