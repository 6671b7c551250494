#pragma once

#include "process.hpp"

#include <functional>
#include <string>
#include <vector>

/// Runs of pmcstat that something happens to at one of its system calls.
namespace traced {

struct Run {
    Outcome outcome;
    bool has_reached = false; ///< it made so many calls
    bool was_killed = false;  ///< by a signal; else it exited
};

/// Lets pmcstat run until its own system call number `call` (from 1) begins, `act`s, and lets it go on untraced. Checks
/// that nothing is left, as fault::pmcstat_leaving_nothing(). Of the setting, while_running is not used.
Run pmcstat_at(int call, std::vector<std::string> arguments, const std::function<void(pid_t)>& act,
               process::Setting setting = {});

} // namespace traced
