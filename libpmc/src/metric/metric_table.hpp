#pragma once

#include <span>
#include <string_view>

/// What events/metrics.json says, compiled in by events/generate.py.
namespace pmc {

/// How a role is shown.
struct RoleInfo {
    std::string_view role;
    std::string_view title; ///< "LLC misses"
    std::string_view unit;  ///< "ns", or empty for a plain count
};

struct MetricValueDef {
    std::string_view id;    ///< "llc.mpki"; "ipc" for a metric with one value
    std::string_view label; ///< "llc miss"
    std::string_view unit;
    std::string_view formula;
    std::string_view better; ///< higher, lower, or empty
    bool optional = false;   ///< drops out alone where its roles are missing
};

struct LetDef {
    std::string_view name, formula;
};

/// One way to make a metric; the first whose roles all exist and open is taken.
struct MetricVariant {
    std::span<const std::string_view> needs; ///< roles: all that its values use, but for those of optional ones
    std::span<const LetDef> lets;
    std::span<const MetricValueDef> values;
    std::string_view leader; ///< the role that must lead the group; empty: any
    bool strict = true;      ///< must be one group
};

struct MetricDef {
    std::string_view id, title, read, source;
    std::span<const MetricVariant> variants;
    std::span<const std::string_view> also; ///< roles counted beside it where they open
    bool standard = false;                  ///< part of the default set
};

std::span<const MetricDef> metric_table() noexcept;
std::span<const RoleInfo> role_table() noexcept;
const MetricDef* find_metric(std::string_view id) noexcept; ///< hyphens count as underscores
/// The metric that has a value of this id, and the id as the table spells it; null if there is none.
struct FoundValue {
    const MetricDef* metric = nullptr;
    std::string_view id;
};
FoundValue find_metric_value(std::string_view id) noexcept;
const RoleInfo* find_role_info(std::string_view role) noexcept;

} // namespace pmc
