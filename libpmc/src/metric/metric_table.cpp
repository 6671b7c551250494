#include "metric/metric_table.hpp"

#include <algorithm>

namespace pmc {

namespace {

bool same_id(std::string_view id, std::string_view asked) noexcept {
    return std::equal(id.begin(), id.end(), asked.begin(), asked.end(),
                      [](char of_id, char given) { return of_id == (given == '-' ? '_' : given); });
}

} // namespace

const MetricDef* find_metric(std::string_view id) noexcept {
    for (const MetricDef& metric : metric_table()) {
        if (same_id(metric.id, id))
            return &metric;
    }
    return nullptr;
}

FoundValue find_metric_value(std::string_view id) noexcept {
    for (const MetricDef& metric : metric_table()) {
        for (const MetricVariant& variant : metric.variants) {
            for (const MetricValueDef& value : variant.values) {
                if (same_id(value.id, id))
                    return {&metric, value.id};
            }
        }
    }
    return {};
}

const RoleInfo* find_role_info(std::string_view role) noexcept {
    const std::span<const RoleInfo> roles = role_table();
    const auto found =
        std::find_if(roles.begin(), roles.end(), [&](const RoleInfo& info) { return info.role == role; });
    return found == roles.end() ? nullptr : &*found;
}

} // namespace pmc
