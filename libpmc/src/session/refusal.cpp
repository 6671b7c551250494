#include "session/refusal.hpp"

#include "counter/open_event.hpp"
#include "kernel/process.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

namespace pmc {
namespace {

std::optional<Error> problem_of(const Target& target) {
    const auto misuse = [](std::string what) { return Error(ErrorKind::misuse, Stage::open, std::move(what)); };
    const bool tasks = !target.pids.empty() || !target.tids.empty();
    if (tasks && target.is_cpus())
        return misuse("processes and CPUs at once: one counts what they do anywhere, the other who runs there");
    if (tasks && target.rows != Rows::total && target.rows != Rows::thread)
        return misuse("a process has no row for a CPU, core, socket or node");
    const auto is_no_id = [](int id) { return id <= 0; };
    if (std::ranges::any_of(target.pids, is_no_id) || std::ranges::any_of(target.tids, is_no_id))
        return misuse("no process or thread has a number below 1");
    if (target.is_cpus() && target.rows == Rows::thread)
        return misuse("CPUs have no rows for threads");
    return std::nullopt;
}

/// Why nothing may be counted at all; with what it takes to count the target, which may be more than for oneself.
Reason denial_of(const Target& target, const Machine& machine, const Reason& denied) {
    if (denied.error != EACCES)
        return denied;
    const bool is_foreign =
        std::ranges::any_of(target.pids, kernel::is_foreign) || std::ranges::any_of(target.tids, kernel::is_foreign);
    const Reach threads = is_foreign ? Reach::others : Reach::process;
    return machine.why(denied.error, "counters", "", false, target.is_cpus() ? Reach::cpu : threads);
}

} // namespace

std::optional<Error> refusal_of(const Target& target, const Machine& machine) {
    if (std::optional<Error> problem = problem_of(target))
        return problem;
    if (const Reason& denied = permitted_mode(machine).denied)
        return Error(Stage::open, "counters", denial_of(target, machine, denied));
    return std::nullopt;
}

} // namespace pmc
