#include "event/cpu_table.hpp"

#include <algorithm>
#include <cstddef>

namespace pmc {

namespace {

constexpr CpuTable empty_table{};

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

bool is_meant_for(const RoleEvent& event, std::string_view cpu_id) noexcept {
    return event.only.empty() || cpu_id_matches(event.only, cpu_id);
}

const RoleEvent* find_for(const CpuTable& table, std::string_view role, std::string_view cpu_id) noexcept {
    const auto found = std::ranges::find_if(
        table.events, [&](const RoleEvent& event) { return event.role == role && is_meant_for(event, cpu_id); });
    return found == table.events.end() ? nullptr : &*found;
}

} // namespace

const RoleEvent* CpuTable::find(std::string_view role) const noexcept {
    const auto found = std::ranges::find(events, role, &RoleEvent::role);
    return found == events.end() ? nullptr : &*found;
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

const CpuTable& generic_table(std::span<const CpuTable> tables) noexcept {
    return tables.empty() ? empty_table : tables.back();
}

const CpuTable& table_for(std::string_view cpu_id, std::span<const CpuTable> tables) noexcept {
    for (const CpuTable& table : tables) {
        if (std::ranges::any_of(table.match, [&](std::string_view m) { return cpu_id_matches(m, cpu_id); }))
            return table;
    }
    return generic_table(tables);
}

const RoleEvent* find_role(std::string_view role, std::string_view cpu_id, std::span<const CpuTable> tables) noexcept {
    if (const RoleEvent* event = find_for(table_for(cpu_id, tables), role, cpu_id))
        return event;
    return find_for(generic_table(tables), role, cpu_id);
}

const CpuTable& generic_table() noexcept {
    return generic_table(cpu_tables());
}

const CpuTable& table_for(std::string_view cpu_id) noexcept {
    return table_for(cpu_id, cpu_tables());
}

const RoleEvent* find_role(std::string_view role, std::string_view cpu_id) noexcept {
    return find_role(role, cpu_id, cpu_tables());
}

} // namespace pmc
