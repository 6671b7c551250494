#include "doctor/counters.hpp"

#include "counter/open_event.hpp"

#include <pmc/counter_group.hpp>
#include <pmc/reading.hpp>

#include <vector>

namespace pmc::doctor {

bool Room::is_bounded() const noexcept {
    return counters < Reading::capacity;
}

Room find_room(const Event& cycles, const Event& more, const Machine& machine) {
    Room room;
    std::vector<Event> events{cycles};
    for (; events.size() <= Reading::capacity; events.push_back(more)) {
        if (Reason reason = probe(events, Mode::user, machine)) {
            if (room.counters == 0)
                room.none = std::move(reason);
            break;
        }
        room.counters = events.size();
    }
    // The kernel takes a group that would fit if nobody else were there. Whether it counts shows only when it runs.
    events.resize(room.counters, more);
    for (room.free = room.counters; room.free > 0; --room.free, events.pop_back()) {
        const Expected<CounterGroup> group = CounterGroup::open(events, ReadPolicy::system_call);
        if (group)
            break;
        if (!room.held)
            room.held = group.error().reason();
    }
    return room;
}

} // namespace pmc::doctor
