#pragma once

#include <pmc/metric_set.hpp>

namespace pmc {

/// What a program counts of itself: a list by the tables of the environment, in user mode where no modifier says
/// otherwise.
inline Expected<MetricSet> parse_for_user_mode(std::string_view list) {
    const Expected<Tables> tables = Tables::from_environment();
    return tables ? MetricSet::parse(list, Machine::host(), *tables, Mode::user) : Expected<MetricSet>(tables.error());
}

} // namespace pmc
