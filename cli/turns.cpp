#include "turns.hpp"

#include <algorithm>
#include <functional>
#include <ranges>

namespace cli {
namespace {

/// Whether it may go on.
bool run_next(RepeatedCommand& command) {
    command.keep_up(); // a run that takes another one's place has its partner, too
    if (command.has_next())
        command.run();
    return !command.has_failed();
}

} // namespace

void run_in_turns(std::deque<RepeatedCommand>& commands) {
    const auto has_next = [](const RepeatedCommand& command) { return command.has_next(); };
    for (bool is_forward = true; std::ranges::any_of(commands, has_next); is_forward = !is_forward) {
        const bool all_well = is_forward ? std::all_of(commands.begin(), commands.end(), run_next)
                                         : std::all_of(commands.rbegin(), commands.rend(), run_next);
        if (!all_well)
            return;
    }
}

} // namespace cli
