#pragma once

#include "counter/counter_set.hpp"

#include <pmc/result.hpp>

#include <string>

/// Counters that the kernel ended before what they were on, which went on as another program.
namespace pmc {

/// What they have not counted is not counted, rather than nothing.
void leave_out_abandoned(Counts& counts);

/// What they have counted until then has that as its reason: no gate goes by it.
void mark_abandoned(Sample& sample);

/// Whether counters that were on all the time have far less of it than the kernel has accounted to a command and those
/// whose end it has waited for. A thread's counters have its time on a CPU.
bool are_short(const Counts& counts, double used_s);

/// `who`: "the command", "process 4121".
std::string note_of_abandoned(const std::string& who);

} // namespace pmc
