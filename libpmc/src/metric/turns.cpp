#include "metric/turns.hpp"

#include <algorithm>

namespace pmc {

std::vector<std::size_t> turns_of(std::span<const PlannedGroup> groups, std::span<const Event> events,
                                  const Fits& fits) {
    using Turn = std::vector<std::size_t>; // events
    std::vector<std::size_t> turn_of_group;
    std::vector<Turn> turns;
    for (const PlannedGroup& group : groups) {
        // The planner has merged what fits; {…} are as they were asked for.
        const auto fitting = std::ranges::find_if(turns, [&](Turn turn) {
            if (events[turn.front()].pmu != events[group.events.front()].pmu)
                return false;
            turn.insert(turn.end(), group.events.begin(), group.events.end());
            return fits(turn);
        });
        turn_of_group.push_back(static_cast<std::size_t>(fitting - turns.begin()));
        if (fitting == turns.end())
            turns.push_back(group.events);
        else
            fitting->insert(fitting->end(), group.events.begin(), group.events.end());
    }
    return turn_of_group;
}

} // namespace pmc
