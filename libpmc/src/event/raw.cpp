#include "event/event_list.hpp"
#include "event/resolver.hpp"

#include <charconv>
#include <linux/perf_event.h>

namespace pmc {

Resolved resolve_raw(std::string_view name, const Machine& machine) {
    constexpr std::size_t most_digits = 16;
    if (name.size() < 2 || name.front() != 'r')
        return std::nullopt;
    const std::string_view digits = name.substr(1);
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
        return std::nullopt;
    if (digits.size() > most_digits)
        return Error(ErrorKind::syntax, Stage::resolve,
                     "raw event " + quoted(name) + " has more than 16 hexadecimal digits")
            .with_subject(printable(name));

    Event event;
    event.name = name;
    event.source = EventSource::raw;
    event.type = PERF_TYPE_RAW;
    std::from_chars(digits.data(), digits.data() + digits.size(), event.config, 16);

    const CoreType& core = machine.core_types().front();
    event.pmu = core.pmu.empty() ? "cpu" : core.pmu;
    event.encoding = config_encoding(event.pmu, event.config);
    if (const Pmu* pmu = core_pmu(machine, core)) {
        // With several core types PERF_TYPE_RAW means one of them, by the kernel's choice.
        if (machine.is_hybrid())
            event.type = pmu->type;
        event.unavailable = not_advertised(machine, *pmu, event.config);
    }
    return event;
}

} // namespace pmc
