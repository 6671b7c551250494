#pragma once

#include "table/cpu_table.hpp"
#include "table/metric_def.hpp"

#include <pmc/machine.hpp>
#include <pmc/tables.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// A table that is unpacked when it is first asked for: a program needs one of two dozen.
class LazyTable;

/// The metric that has a value of this id, and the id as the table spells it; null if there is none.
struct FoundValue {
    const MetricDef* metric = nullptr;
    std::string_view id;
};

struct Tables::State {
    std::vector<MetricDef> metrics; ///< in the order of the tables
    std::vector<RoleInfo> roles;
    std::vector<std::string_view> constants; ///< the names that CPUs' tables give numbers to
    std::vector<std::shared_ptr<const LazyTable>>
        cpus;                          ///< the first that matches is taken; the generic one is the last
    std::shared_ptr<const void> texts; ///< holds what the views of a user's tables point into

    [[nodiscard]] const CpuTable& generic() const;
    /// The table of a core; the generic one if there is none. `pmu` tells the core types of a hybrid CPU apart.
    [[nodiscard]] const CpuTable& table_for(std::string_view cpu_id, std::string_view pmu = {}) const;
    [[nodiscard]] const CpuTable& table_for(const CoreType& core) const { return table_for(core.cpu_id, core.pmu); }
    /// Those of all core types of a CPU, each PMU's once, P cores (cpu_core) first; none where no table knows it.
    [[nodiscard]] std::vector<const CpuTable*> tables_for(std::string_view cpu_id) const;
    /// By the table's id; null if there is none.
    [[nodiscard]] const CpuTable* find_table(std::string_view id) const;
    /// A role of this core: its table's, else the generic one's. Null if neither has it (or it is for another vendor).
    [[nodiscard]] const RoleEvent* find_role(std::string_view role, std::string_view cpu_id,
                                             std::string_view pmu = {}) const;
    [[nodiscard]] const RoleEvent* find_role(std::string_view role, const CoreType& core) const {
        return find_role(role, core.cpu_id, core.pmu);
    }

    [[nodiscard]] const MetricDef* find_metric(std::string_view id) const noexcept; ///< hyphens count as underscores
    [[nodiscard]] FoundValue find_metric_value(std::string_view id) const noexcept;
    [[nodiscard]] const RoleInfo* find_role_info(std::string_view role) const noexcept;
};

/// Tables out of their parts, the generic one last.
Tables make_tables(std::vector<CpuTable> cpus, std::vector<MetricDef> metrics = {}, std::vector<RoleInfo> roles = {});
/// A machine with a CPU of this id, of which nothing else is known: it has no PMU but the kernel's own.
Machine bare_machine(std::string_view cpu_id);
/// As a slot of Tables::State.
std::shared_ptr<const LazyTable> ready_table(CpuTable table);
/// The table of a slot.
const CpuTable& table_of(const LazyTable& slot);

} // namespace pmc
