#include <pmc/event.hpp>

#include "event/resolver.hpp"

#include <charconv>

namespace pmc {

std::string_view to_string(EventSource source) noexcept {
    switch (source) {
    case EventSource::generic:
        return "generic";
    case EventSource::software:
        return "software";
    case EventSource::cache:
        return "cache";
    case EventSource::table:
        return "table";
    case EventSource::libpfm4:
        return "libpfm4";
    case EventSource::sysfs:
        return "sysfs";
    case EventSource::tracepoint:
        return "tracepoint";
    case EventSource::raw:
        return "raw";
    }
    return "?";
}

std::string_view to_string(Mode mode) noexcept {
    switch (mode) {
    case Mode::user:
        return "user";
    case Mode::kernel:
        return "kernel";
    case Mode::user_kernel:
        return "user+kernel";
    }
    return "?";
}

const Pmu* core_pmu(const Machine& machine, const CoreType& core) {
    return core.pmu.empty() ? nullptr : machine.pmu(core.pmu);
}

std::string hexadecimal(std::uint64_t number) {
    char digits[16];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number, 16);
    return "0x" + std::string(digits, end);
}

std::string config_encoding(std::string_view pmu, std::uint64_t config, std::uint64_t config1, std::uint64_t config2) {
    std::string text = std::string(pmu) + "/config=" + hexadecimal(config);
    if (config1 != 0)
        text += ",config1=" + hexadecimal(config1);
    if (config2 != 0)
        text += ",config2=" + hexadecimal(config2);
    return text + "/";
}

} // namespace pmc
