#include "table/notation.hpp"

#include "kernel/file_tree.hpp"
#include "table/characters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace pmc::notation {
namespace {

constexpr bool is_lower_hex(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f');
}
constexpr bool is_upper_hex_or_any(char c) noexcept {
    return is_digit(c) || (c >= 'A' && c <= 'F') || c == '?';
}

/// At least one, and nothing else.
template <typename Is>
bool all(std::string_view text, Is is) noexcept {
    return !text.empty() && std::ranges::all_of(text, is);
}

std::string_view take_until(std::string_view& text, char separator) noexcept {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end);
    return part;
}

/// Every part between separators; an empty one, at the end too, is none.
template <typename Is>
bool all_parts(std::string_view text, char separator, Is is) noexcept {
    while (true) {
        if (!is(take_until(text, separator)))
            return false;
        if (text.empty())
            return true;
        text.remove_prefix(1);
    }
}

bool is_number(std::string_view text) noexcept {
    const bool is_hexadecimal = text.starts_with("0x");
    if (is_hexadecimal)
        text.remove_prefix(2);
    // A leading 0 would be octal to the kernel, and decimal to whoever reads the table.
    else if (text.size() > 1 && text.front() == '0')
        return false;
    if (!all(text, is_lower_hex))
        return false;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, is_hexadecimal ? 16 : 10);
    return error == std::errc{} && end == text.data() + text.size();
}

bool is_term(std::string_view term) noexcept {
    const std::string_view name = take_until(term, '=');
    const bool is_named = !name.empty() && !is_digit(name.front()) &&
                          std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
    return is_named && (term.empty() || is_number(term.substr(1)));
}

bool is_counter(std::string_view text) noexcept {
    if (text == "any")
        return true;
    if (text.starts_with("fixed"))
        return all(text.substr(5), is_digit);
    const std::string_view first = take_until(text, '-');
    return all(first, is_digit) && (text.empty() || all(text.substr(1), is_digit));
}

// As in events/generator/metric.py.
constexpr std::string_view kernel_events =
    "cpu_cycles cycles instructions cache_references cache_misses branch_instructions branches branch_misses "
    "bus_cycles stalled_cycles_frontend idle_cycles_frontend stalled_cycles_backend idle_cycles_backend ref_cycles "
    "cpu_clock task_clock page_faults faults context_switches cs cpu_migrations migrations minor_faults major_faults "
    "alignment_faults emulation_faults dummy bpf_output cgroup_switches";

} // namespace

bool is_identifier(std::string_view text) noexcept {
    return !text.empty() && is_lower(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_table_id(std::string_view text) noexcept {
    return all_parts(
        text, '-', [](std::string_view part) { return all(part, [](char c) { return is_lower(c) || is_digit(c); }); });
}

bool is_cpu_pattern(std::string_view text) noexcept {
    const std::size_t parts = 1 + static_cast<std::size_t>(std::ranges::count(text, '-'));
    const auto next = [&text] {
        const std::string_view part = take_until(text, '-');
        if (!text.empty())
            text.remove_prefix(1);
        return part;
    };
    const std::string_view vendor = next();
    if (vendor == "midr") {
        const auto is_of_size = [](std::string_view part, std::size_t size) {
            return part.size() == size && all(part, [](char c) { return is_lower_hex(c) || c == '?'; });
        };
        return parts == 3 && is_of_size(next(), 2) && is_of_size(next(), 3);
    }
    if (vendor != "GenuineIntel" && vendor != "AuthenticAMD" && vendor != "HygonGenuine")
        return false;
    return (parts == 3 || parts == 4) && all(next(), is_digit) && all(next(), is_upper_hex_or_any) &&
           (parts == 3 || all(next(), is_upper_hex_or_any));
}

bool is_terms(std::string_view text) noexcept {
    return all_parts(text, ',', is_term);
}

bool is_counter_list(std::string_view text) noexcept {
    return text == "metric" || text == "pair" || all_parts(text, ',', is_counter);
}

bool is_builtin_value(std::string_view text) noexcept {
    return text == "seconds" || text == "group_seconds" || text == "width";
}

bool is_builtin(std::string_view text) noexcept {
    return is_builtin_value(text) || text == "min" || text == "max";
}

bool is_kernel_event(std::string_view text) noexcept {
    return is_identifier(text) && kernel::has_word(kernel_events, text);
}

PmuTerms split_pmu(std::string_view text) noexcept {
    const std::size_t slash = text.find('/');
    const bool is_whole = slash != std::string_view::npos && slash > 0 && text.size() > slash + 2 &&
                          text.find('/', slash + 1) == text.size() - 1;
    const std::string_view pmu = text.substr(0, is_whole ? slash : 0);
    if (!all(pmu, [](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '_'; }))
        return {{}, text};
    return {pmu, text.substr(slash + 1, text.size() - slash - 2)};
}

} // namespace pmc::notation
