#pragma once

#include <string_view>
#include <vector>

/// What events/metrics.json says.
namespace pmc {

/// How a role is shown.
struct RoleInfo {
    std::string_view role;
    std::string_view title; ///< "LLC misses"
    std::string_view unit;  ///< "ns", or empty for a plain count
    std::string_view of;    ///< the role whose event it is, in `mode`; empty for a role of its own
    std::string_view mode;  ///< "kernel", "user"
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
    std::vector<std::string_view> needs; ///< roles: all that its values use, but for those of optional ones
    std::vector<LetDef> lets;
    std::vector<MetricValueDef> values;
    std::string_view leader; ///< the role that must lead the group; empty: any
    std::string_view smt;    ///< "on", "off": only where the cores' second threads are; empty: any
    bool strict = true;      ///< must be one group
};

struct MetricDef {
    std::string_view id, title, read, source;
    std::vector<MetricVariant> variants;
    std::vector<std::string_view> also; ///< roles counted beside it where they open
    bool standard = false;              ///< part of the default set
};

} // namespace pmc
