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

/// One call in this thread, then 10 in each of two threads: 21 in all. (Not in a forked child: the kernel clones the
/// events before the child has its memory, so that an uprobe, which asks for that, is never hit there. Seen in 6.18.)
constexpr int all_calls = 21;
void call_in_threads();

/// Page faults in this thread, two others and a forked child: at least so many in all.
constexpr int all_faults = 1 + 2 * 1000 + 4000;
void fault_everywhere();

/// Commands to be counted: this program, with one test case. (The kernel keeps an uprobe's path as a pointer, and looks
/// at it again for each thread and child that inherits it: after an exec their clone fails with EFAULT, seen in 6.18.
/// So a command's calls are counted in one thread only.)
constexpr int command_calls = 1234;
constexpr const char* calling_command = "--test-case=oracle: calls";
constexpr const char* faulting_command = "--test-case=oracle: faults everywhere";

} // namespace oracle
