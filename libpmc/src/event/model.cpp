#include "event/resolver.hpp"
#include "machine/core_type.hpp"

#include <algorithm>

namespace pmc {

Resolved resolve_model(std::string_view name, const Machine& machine) {
    if (!machine.is_model())
        return std::nullopt;
    const Pmu* pmu = core_pmu(machine, main_core(machine));
    if (pmu == nullptr)
        return std::nullopt;
    std::string hyphenated(name);
    std::ranges::replace(hyphenated, '_', '-');
    // "cycles" is one of the model's own terms.
    const bool is_known = pmu->events.contains(hyphenated) || hyphenated == "cycles";
    if (!is_known)
        return std::nullopt;
    Expected<Event> event = event_of_terms(machine, *pmu, hyphenated);
    if (event) {
        event->name = name;
        event->source = EventSource::generic;
    }
    return event;
}

} // namespace pmc
