#include "table/cpu_table.hpp"

#include <algorithm>
#include <cstddef>

namespace pmc {

namespace {

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_hex_digit(char c) noexcept {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
}

bool part_matches(std::string_view pattern, std::string_view part) noexcept {
    return std::ranges::equal(pattern, part,
                              [](char p, char c) { return p == '?' ? is_hex_digit(c) : lower(p) == lower(c); });
}

/// Takes the text up to the next '-' off the front.
std::string_view next_part(std::string_view& text) noexcept {
    const std::size_t end = std::min(text.find('-'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

} // namespace

const RoleEvent* CpuTable::find(std::string_view role) const noexcept {
    const auto found = std::ranges::find(events, role, &RoleEvent::role);
    return found == events.end() ? nullptr : &*found;
}

const RoleEvent* CpuTable::find_for(std::string_view role, std::string_view cpu_id) const noexcept {
    const auto found = std::ranges::find_if(events, [&](const RoleEvent& event) {
        return event.role == role && (event.only.empty() || cpu_id_matches(event.only, cpu_id));
    });
    return found == events.end() ? nullptr : &*found;
}

bool CpuTable::matches(std::string_view cpu_id, std::string_view pmu) const noexcept {
    return (core_pmu.empty() || pmu.empty() || core_pmu == pmu) &&
           std::ranges::any_of(match, [&](std::string_view pattern) { return cpu_id_matches(pattern, cpu_id); });
}

bool cpu_id_matches(std::string_view pattern, std::string_view cpu_id) noexcept {
    if (pattern.empty())
        return false;
    while (!pattern.empty()) {
        if (cpu_id.empty() || !part_matches(next_part(pattern), next_part(cpu_id)))
            return false;
    }
    return true;
}

} // namespace pmc
