#pragma once

#include "counter/counter_set.hpp"
#include "metric/metric_set_state.hpp"

#include <pmc/command.hpp>
#include <pmc/expected.hpp>
#include <pmc/result.hpp>
#include <pmc/target.hpp>

#include <string>
#include <sys/types.h>
#include <vector>

/// From a Target to counters that are open there, stopped.
namespace pmc {

struct Attached {
    CounterSet counters;
    std::vector<Sample> rows{}; ///< what each row of the counters is: scope, id, name, cgroup, cpus
    std::vector<std::string> notes{};
    std::string text{};             ///< for Result::Run::target
    std::vector<pid_t> processes{}; ///< that were there
    std::vector<pid_t> threads{};   ///< likewise, of those that were asked for by themselves
    std::vector<pid_t> owners{};    ///< which of both each row of a thread belongs to; empty where a row is of all
};

/// A command, with all that it makes. `at_exec`: the counters start with its exec.
Attached attach_to_command(const MetricSet::State& set, const Command& command, pid_t pid, bool at_exec);

/// Processes and threads. Nothing that is there while the counters are opened is lost or counted twice: as long as
/// threads are made meanwhile, it begins again (five times at most; then a note says so). Errors: not_available.
Expected<Attached> attach_to_threads(const MetricSet::State& set, const Target& target);

} // namespace pmc
