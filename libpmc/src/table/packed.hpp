#pragma once

#include "table/cpu_table.hpp"
#include "table/metric_def.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// The compiled-in tables as events/generate.py packs them: one text, and numbers that point into it. There is no
/// pointer in them, so that nothing has to be relocated when a program starts.
namespace pmc::packed {

/// A text is one word: its offset above the lowest 12 bits, its length in them.
extern const char text[];
extern const std::uint32_t words[];

/// Where things begin in `words`.
extern const std::uint32_t cpu_tables[]; ///< by id, the generic one last
extern const std::size_t cpu_table_count;
extern const std::uint32_t formats[];
extern const std::size_t formats_count;
extern const std::uint32_t metrics;
extern const std::uint32_t roles;
extern const std::uint32_t constants;

/// What a table is chosen by; it stands at its beginning.
struct Header {
    std::string_view id, core_pmu;
    std::vector<std::string_view> match;
};
Header unpack_header(std::uint32_t at);
CpuTable unpack_cpu_table(std::uint32_t at);
Formats unpack_formats(std::uint32_t at);
/// By id; empty if there are none.
std::optional<Formats> find_formats(std::string_view id);
std::vector<MetricDef> unpack_metrics();
std::vector<RoleInfo> unpack_roles();
std::vector<std::string_view> unpack_constants();

} // namespace pmc::packed
