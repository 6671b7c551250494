#include "event/event_list.hpp"
#include "event/resolver.hpp"
#include "machine/core_type.hpp"

#include <charconv>
#include <linux/perf_event.h>

namespace pmc {

namespace {

bool is_raw(std::string_view name) noexcept {
    return name.size() >= 2 && name.front() == 'r' &&
           name.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

} // namespace

Resolved resolve_raw(std::string_view name, const Machine& machine) {
    return is_raw(name) ? resolve_raw(name, machine, main_core(machine)) : std::nullopt;
}

Resolved resolve_raw(std::string_view name, const Machine& machine, const CoreType& core) {
    constexpr std::size_t most_digits = 16;
    if (!is_raw(name))
        return std::nullopt;
    const std::string_view digits = name.substr(1);
    if (digits.size() > most_digits)
        return Error(ErrorKind::syntax, Stage::resolve,
                     "raw event " + quoted(name) + " has more than 16 hexadecimal digits")
            .with_subject(printable(name));

    Event event;
    event.name = name;
    event.source = EventSource::raw;
    event.type = PERF_TYPE_RAW;
    std::from_chars(digits.data(), digits.data() + digits.size(), event.config, 16);

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
