#include "prom_name.hpp"

#include "terminal.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>

namespace cli {
namespace {

using pmc::EventCount;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Lower case letters, digits and single underscores between them.
std::string snake_case(std::string_view text) {
    std::string name;
    for (const char c : text) {
        if (is_letter(c) || is_digit(c))
            name += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        else if (!name.empty() && name.back() != '_')
            name += '_';
    }
    while (!name.empty() && name.back() == '_')
        name.pop_back();
    return name;
}

/// "cycles:u" and "cpu/event=0x3c/u" count user mode, whatever the run does; other modifiers stay in the name.
struct Name {
    std::string_view event;
    std::string mode{};
};

Name split_mode(std::string_view name, std::string_view run_mode) {
    const std::size_t end = name.find_last_of(":/");
    const std::string_view modifiers = end == std::string_view::npos ? std::string_view() : name.substr(end + 1);
    if (modifiers.empty() || modifiers.find_first_not_of("uk") != std::string_view::npos)
        return {name, std::string(run_mode)};
    const bool user = modifiers.find('u') != std::string_view::npos;
    const bool kernel = modifiers.find('k') != std::string_view::npos;
    return {name.substr(0, name[end] == '/' ? end + 1 : end), user && kernel ? "user+kernel"
                                                              : user         ? "user"
                                                                             : "kernel"};
}

/// The PMU of a core type is a label: "cpu_core/cycles/" is cycles there.
std::string_view without_pmu(std::string_view name, std::string_view pmu) {
    if (pmu.empty() || !name.starts_with(pmu) || !name.ends_with('/') || name.size() < pmu.size() + 2)
        return name;
    return name[pmu.size()] == '/' ? name.substr(pmu.size() + 1, name.size() - pmu.size() - 2) : name;
}

struct Unit {
    std::string_view name; ///< as events have it
    std::string_view base;
    double factor = 1;
};

constexpr std::array units = {
    Unit{"ns", "seconds", 1e-9}, Unit{"us", "seconds", 1e-6},  Unit{"ms", "seconds", 1e-3},  Unit{"s", "seconds"},
    Unit{"J", "joules"},         Unit{"Joules", "joules"},     Unit{"B", "bytes"},           Unit{"bytes", "bytes"},
    Unit{"KiB", "bytes", 1024},  Unit{"MiB", "bytes", 0x1p20}, Unit{"GiB", "bytes", 0x1p30},
};

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// Of RAPL's events: which part of the package's energy it is.
std::string_view energy_domain(std::string_view name) {
    struct Domain {
        std::string_view part, name;
    };
    constexpr std::array domains = {Domain{"psys", "psys"}, Domain{"pkg", "package"}, Domain{"package", "package"},
                                    Domain{"ram", "dram"},  Domain{"gpu", "gpu"},     Domain{"core", "core"}};
    for (const Domain& domain : domains)
        if (has(name, domain.part))
            return domain.name;
    return {};
}

/// Of what memory controllers count: which way the bytes went.
std::string_view memory_direction(std::string_view name) {
    if (!name.starts_with("mem_") && !has(name, "imc"))
        return {};
    return has(name, "read") ? "read" : has(name, "write") ? "write" : "";
}

/// Of top-down's counters of slots (Intel's PERF_METRICS): four that make up all slots, and four that are parts of
/// those.
struct Slots {
    std::string_view role, name, category;
};

constexpr std::array slots = {
    Slots{"td_m_retiring", "slots", "retiring"},
    Slots{"td_m_bad_speculation", "slots", "bad_spec"},
    Slots{"td_m_frontend", "slots", "frontend"},
    Slots{"td_m_backend", "slots", "backend"},
    Slots{"td_m_heavy", "slots_within", "retiring_heavy"},
    Slots{"td_m_mispredicts", "slots_within", "bad_spec_mispredicts"},
    Slots{"td_m_fetch_latency", "slots_within", "frontend_fetch_latency"},
    Slots{"td_m_memory", "slots_within", "backend_memory"},
};

std::string escaped(std::string_view text, bool quotes) {
    std::string result;
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        const std::string character(text.substr(0, std::max<std::size_t>(size, 1)));
        if (size == 0 || (character != "\n" && pmc::record::printable(character) != character))
            // In no way that would make one name of two.
            for (const char byte : character)
                result += fmt::format("\\\\x{:02x}", static_cast<unsigned char>(byte));
        else if (text.front() == '\\')
            result += "\\\\";
        else if (text.front() == '\n')
            result += "\\n";
        else if (text.front() == '"' && quotes)
            result += "\\\"";
        else
            result += character;
        text.remove_prefix(character.size());
    }
    return result;
}

} // namespace

PromCounter prom_counter(const EventCount& event, std::string_view run_mode) {
    const Name name = split_mode(event.name, run_mode);
    PromCounter counter{snake_case(without_pmu(name.event, event.core)),
                        std::string(name.event),
                        fmt::format("Raw count of {}, not scaled up for the time it was not running.", name.event),
                        {},
                        event.scale};
    if (counter.name.empty())
        counter.name = "event";
    const auto unit = std::ranges::find(units, std::string_view(event.unit), &Unit::name);
    const std::string base = unit != units.end() ? std::string(unit->base) : snake_case(event.unit);
    if (unit != units.end())
        counter.factor *= unit->factor;
    if (base == "joules") {
        if (const std::string_view domain = energy_domain(counter.name); !domain.empty()) {
            counter.name = "energy_joules";
            counter.help = "Energy used by all that ran there.";
            counter.labels = prom_label("domain", domain);
            return counter;
        }
    }
    if (base == "bytes") {
        if (const std::string_view direction = memory_direction(counter.name); !direction.empty()) {
            counter.name = "memory_bytes";
            counter.help = "Bytes that memory controllers moved.";
            counter.labels = prom_label("direction", direction);
            return counter;
        }
    }
    if (const auto part = std::ranges::find(slots, counter.event, &Slots::role); part != slots.end()) {
        counter.name = part->name;
        counter.help = counter.name == "slots" ? "Raw count of pipeline slots, by what became of them."
                                               : "Raw count of pipeline slots, by a part of what became of them.";
        counter.labels = prom_label("category", part->category) + ',' + prom_label("mode", name.mode);
        return counter;
    }
    if (!base.empty() && !counter.name.ends_with(base))
        counter.name += '_' + base;
    counter.labels = prom_label("mode", name.mode);
    return counter;
}

std::string prom_label(std::string_view name, std::string_view value) {
    return fmt::format("{}=\"{}\"", name, escaped(value, true));
}

std::string prom_help(std::string_view text) {
    return escaped(text, false);
}

std::string prom_value(std::uint64_t raw, double factor) {
    if (factor == 1)
        return fmt::format("{}", raw);
    if (factor == 1e-9)
        return fmt::format("{}.{:09}", raw / 1'000'000'000, raw % 1'000'000'000);
    return fmt::format("{}", static_cast<double>(raw) * factor);
}

} // namespace cli
