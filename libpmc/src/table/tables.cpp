#include "table/packed.hpp"
#include "table/tables_state.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <utility>

namespace pmc {

class LazyTable {
public:
    explicit LazyTable(std::uint32_t at) : header_(packed::unpack_header(at)), at_(at) {}
    explicit LazyTable(CpuTable table)
        : header_{table.id, table.core_pmu, table.match}, at_(0), table_(std::move(table)) {}

    const packed::Header& header() const noexcept { return header_; }
    const CpuTable& table() const {
        std::call_once(once_, [&] {
            if (!table_)
                table_ = packed::unpack_cpu_table(at_);
        });
        return *table_;
    }
    bool matches(std::string_view cpu_id, std::string_view pmu) const noexcept {
        return (header_.core_pmu.empty() || pmu.empty() || header_.core_pmu == pmu) &&
               std::ranges::any_of(header_.match, [&](std::string_view m) { return cpu_id_matches(m, cpu_id); });
    }

private:
    packed::Header header_;
    std::uint32_t at_;
    mutable std::once_flag once_;
    mutable std::optional<CpuTable> table_;
};

namespace {

bool same_id(std::string_view id, std::string_view asked) noexcept {
    return std::ranges::equal(id, asked, [](char of_id, char given) { return of_id == (given == '-' ? '_' : given); });
}

std::shared_ptr<const Tables::State> unpack_builtin() {
    auto state = std::make_shared<Tables::State>();
    state->metrics = packed::unpack_metrics();
    state->roles = packed::unpack_roles();
    state->constants = packed::unpack_constants();
    state->cpus.reserve(packed::cpu_table_count);
    for (std::size_t i = 0; i < packed::cpu_table_count; ++i)
        state->cpus.push_back(std::make_shared<const LazyTable>(packed::cpu_tables[i]));
    return state;
}

/// Whoever is surprised by the file should learn where its name came from.
Error named_by_environment(const Error& error) {
    return Error(error.kind(), error.stage(), error.message(), "PMC_TABLES names this file; " + error.hint())
        .with_errno(error.error_number())
        .with_subject(error.subject());
}

} // namespace

const Tables& Tables::builtin() {
    // Never destroyed: what reports at exit may still ask it.
    static const Tables& tables = *new Tables(unpack_builtin());
    return tables;
}

Expected<Tables> Tables::from_environment() {
    Tables tables = builtin();
    const char* files = secure_getenv("PMC_TABLES");
    std::string_view rest = files == nullptr ? "" : files;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        if (const std::string_view file = rest.substr(0, end); !file.empty()) {
            Expected<Tables> more = tables.with_file(std::string(file));
            if (!more)
                return named_by_environment(more.error());
            tables = std::move(*more);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return tables;
}

std::vector<Tables::Cpu> Tables::cpus() const {
    std::vector<Cpu> cpus;
    for (const std::shared_ptr<const LazyTable>& slot : state_->cpus) {
        const CpuTable& table = slot->table();
        Cpu cpu{std::string(table.id), std::string(table.title), {}};
        for (const std::string_view pattern : table.match)
            cpu.match.emplace_back(pattern);
        cpus.push_back(std::move(cpu));
    }
    return cpus;
}

const CpuTable& Tables::State::generic() const {
    return cpus.back()->table();
}

const CpuTable& Tables::State::table_for(std::string_view cpu_id, std::string_view pmu) const {
    const auto found = std::ranges::find_if(cpus, [&](const auto& slot) { return slot->matches(cpu_id, pmu); });
    return found == cpus.end() ? generic() : (*found)->table();
}

std::vector<const CpuTable*> Tables::State::tables_for(std::string_view cpu_id) const {
    std::vector<const CpuTable*> found;
    for (const std::shared_ptr<const LazyTable>& slot : cpus) {
        if (!slot->matches(cpu_id, {}))
            continue;
        const CpuTable& table = slot->table();
        if (table.core_pmu.empty())
            return found.empty() ? std::vector{&table} : found;
        if (std::ranges::find(found, table.core_pmu, &CpuTable::core_pmu) == found.end())
            found.push_back(&table);
    }
    std::ranges::stable_sort(found, {}, [](const CpuTable* table) { return table->core_pmu != "cpu_core"; });
    return found;
}

const CpuTable* Tables::State::find_table(std::string_view id) const {
    const auto found = std::ranges::find_if(cpus, [&](const auto& slot) { return slot->header().id == id; });
    return found == cpus.end() ? nullptr : &(*found)->table();
}

const RoleEvent* Tables::State::find_role(std::string_view role, std::string_view cpu_id, std::string_view pmu) const {
    const CpuTable& table = table_for(cpu_id, pmu);
    if (const RoleEvent* event = table.find_for(role, cpu_id))
        return event;
    if (std::ranges::find(table.without, role) != table.without.end())
        return nullptr;
    return generic().find_for(role, cpu_id);
}

const MetricDef* Tables::State::find_metric(std::string_view id) const noexcept {
    const auto found = std::ranges::find_if(metrics, [&](const MetricDef& metric) { return same_id(metric.id, id); });
    return found == metrics.end() ? nullptr : &*found;
}

FoundValue Tables::State::find_metric_value(std::string_view id) const noexcept {
    for (const MetricDef& metric : metrics) {
        for (const MetricVariant& variant : metric.variants) {
            for (const MetricValueDef& value : variant.values) {
                if (same_id(value.id, id))
                    return {&metric, value.id};
            }
        }
    }
    return {};
}

const RoleInfo* Tables::State::find_role_info(std::string_view role) const noexcept {
    const auto found = std::ranges::find(roles, role, &RoleInfo::role);
    return found == roles.end() ? nullptr : &*found;
}

Tables make_tables(std::vector<CpuTable> cpus, std::vector<MetricDef> metrics, std::vector<RoleInfo> roles) {
    auto state = std::make_shared<Tables::State>();
    state->metrics = std::move(metrics);
    state->roles = std::move(roles);
    for (CpuTable& table : cpus)
        state->cpus.push_back(ready_table(std::move(table)));
    return Tables(std::move(state));
}

std::shared_ptr<const LazyTable> ready_table(CpuTable table) {
    return std::make_shared<const LazyTable>(std::move(table));
}

const CpuTable& table_of(const LazyTable& slot) {
    return slot.table();
}

} // namespace pmc
