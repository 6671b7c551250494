#include "asked.hpp"

#include "environment.hpp"
#include "keep_once.hpp"
#include "tables.hpp"

#include <pmc/catalog.hpp>
#include <pmc/gate.hpp>
#include <pmc/machine.hpp>
#include <pmc/tables.hpp>

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Machine;
using pmc::MetricSet;
using pmc::Tables;

/// What a merge may depend on where nobody says what: the first repeats, the second is what one pays for.
constexpr const char* for_a_gate = "instructions:u,cycles:u";

bool is_time(std::string_view name) {
    return name == "time" || name == "seconds";
}

/// Whether the list has a formula of that name: "apki" in "ipc,apki=1000*cache_references/instructions".
bool is_defined_in(std::string_view list, std::string_view name) {
    if (name.empty())
        return false;
    for (std::size_t at = 0; (at = list.find(name, at)) != std::string_view::npos; at += name.size()) {
        const std::size_t before = at == 0 ? std::string_view::npos : list.find_last_not_of(' ', at - 1);
        const bool begins = before == std::string_view::npos || list[before] == ',' || list[before] == '{';
        const std::size_t after = list.find_first_not_of(' ', at + name.size());
        if (begins && after != std::string_view::npos && list[after] == '=')
            return true;
    }
    return false;
}

/// The values of a metric: "llc.mpki" and its like. None if there is no such metric.
std::vector<std::string> values_of(std::string_view metric, const Machine& machine, const Tables& tables) {
    std::vector<std::string> ids;
    for (const pmc::MetricInfo& info : pmc::list_metrics(metric, machine, tables)) {
        if (info.id != metric)
            continue;
        for (const pmc::MetricInfo::OnCore& core : info.cores)
            for (const pmc::MetricInfo::Value& value : core.values)
                keep_once(ids, value.id);
    }
    return ids;
}

/// What must be counted for the name of a value: the name itself, or the metric that it is a value of ("llc" of
/// "llc.mpki"). Errors: unknown_name.
Expected<std::string> counted_for(const std::string& name, const Machine& machine, const Tables& tables) {
    const Expected<MetricSet> itself = MetricSet::parse(name, machine, tables);
    if (itself)
        return name;
    const std::string metric = name.substr(0, name.find('.'));
    const std::vector<std::string> values = values_of(metric, machine, tables);
    if (std::ranges::find(values, name) != values.end())
        return metric;
    if (values.empty())
        return itself.error();
    return pmc::Error(pmc::ErrorKind::unknown_name, pmc::Stage::resolve,
                      fmt::format("the metric {} has no value '{}'", metric, name),
                      fmt::format("it has {}", fmt::join(values, ", ")));
}

/// -e with what else the command line names (--assert, --explain); none: the standard set. Errors: unknown_name.
Expected<std::optional<std::string>> asked_list(const RunOptions& options, const Machine& machine,
                                                const Tables& tables) {
    std::vector<std::string> names = options.gate.explain;
    for (const std::string& assertion : options.gate.assertions)
        if (Expected<std::string> name = pmc::asserted_name(assertion))
            names.push_back(*std::move(name));
    std::optional<std::string> list = options.events;
    const bool is_for_baseline = !options.gate.baseline.empty() || !options.gate.save_baseline.empty();
    if (!list && is_for_baseline)
        list = for_a_gate;
    for (const std::string& name : names) {
        if (is_time(name) || (options.events && is_defined_in(*options.events, name)))
            continue;
        const Expected<std::string> counted = counted_for(name, machine, tables);
        if (!counted)
            return counted.error();
        list = list ? *list + ',' + *counted : *counted;
    }
    return list;
}

} // namespace

Expected<MetricSet> what_to_count(const RunOptions& options) {
    // libpfm4 encodes names of models other than those it detects only if this is set when it starts: and it does not
    // detect most CPUs sold since 2022. The command must not inherit it.
    const EnvironmentVariable environment("LIBPFM_ENCODE_INACTIVE", "1");
    const Expected<Tables> tables = load_tables(options.tables);
    if (!tables)
        return tables.error();
    const Machine& machine = machine_of(options.backend);
    const Expected<std::optional<std::string>> list = asked_list(options, machine, *tables);
    if (!list)
        return list.error();
    if (!*list)
        return MetricSet::standard(machine, *tables);
    Expected<MetricSet> set = MetricSet::parse(**list, machine, *tables);
    // Where no hardware counter is to be had, what the kernel itself can count is the next best answer.
    // Who reads perf's lines looks for the rows that he asked for.
    const bool is_perf = options.form.format == Format::perf_csv || options.form.format == Format::perf_json;
    if (set && !is_perf && set->why_no_hardware())
        if (Expected<MetricSet> more = MetricSet::parse(**list + ",cpu", machine, *tables))
            return more;
    return set; // also of a list so long that nothing can be added
}

} // namespace cli
