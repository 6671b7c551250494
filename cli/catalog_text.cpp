#include "catalog_text.hpp"

#include "number.hpp"
#include "terminal.hpp"
#include "wrapped.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>

namespace cli {
namespace {

using pmc::Catalog;
using pmc::EventInfo;
using pmc::MetricInfo;
using pmc::Reason;
using pmc::record::ratio_text;

std::size_t widest(const auto& items, auto text_of) {
    std::size_t width = 0;
    for (const auto& item : items)
        width = std::max(width, std::string_view(text_of(item)).size());
    return width;
}

/// " [approx] [per-package]": what must be known of a number before it is read.
std::string marks(std::string_view quality, std::string_view scope) {
    std::string text;
    if (!quality.empty() && quality != "exact")
        text += fmt::format(" [{}]", quality);
    if (!scope.empty() && scope != "task")
        text += fmt::format(" [per-{}]", scope);
    return text;
}

class CatalogText {
public:
    CatalogText(const Catalog& catalog, std::string_view where) : catalog_(catalog), where_(where) {}

    std::string text() {
        put_cpu();
        for (const MetricInfo& metric : catalog_.metrics) {
            if (metric.exact)
                put_detail(metric);
        }
        put_metrics();
        put_events();
        if (!catalog_.is_complete)
            text_ += "\nTracepoints and libpfm4's names are searched for words that are no metric's id.\n";
        put_no_tracepoints();
        return std::move(text_);
    }

private:
    [[nodiscard]] std::string not_available(const Reason& reason) const {
        const bool of_all = catalog_.no_pmu && reason.evidence == catalog_.no_pmu.evidence;
        return fmt::format("not available {}: {}", where_,
                           of_all ? pmc::record::no_counters_text(catalog_.no_pmu.cause)
                                  : std::string_view(reason.evidence));
    }

    [[nodiscard]] std::string table_name(const std::string& id) const {
        return id == "generic" ? "no table of its own: the kernel's generic events" : "table " + id;
    }

    void put_cpu() {
        const Catalog::Cpu& cpu = catalog_.cpu;
        const std::string& name = !cpu.name.empty() ? cpu.name : cpu.table != "generic" ? cpu.title : cpu.id;
        text_ += fmt::format("{} ({})\n", name.empty() ? "unknown CPU" : name, table_name(cpu.table));
        if (catalog_.no_pmu)
            put_absence("NO HARDWARE COUNTERS: ", catalog_.no_pmu);
    }

    void put_no_tracepoints() {
        if (!catalog_.no_tracepoints)
            return;
        text_ += '\n';
        put_absence("No tracepoints are listed: ", catalog_.no_tracepoints);
    }

    void put_absence(std::string_view what, const Reason& reason) {
        text_ += wrapped(std::string(what) + reason.evidence, 0);
        if (!reason.remedy.empty())
            text_ += wrapped("hint: " + reason.remedy, 2, "  ");
    }

    // ---- a metric in full ----

    void put_detail(const MetricInfo& metric) {
        text_ += '\n' + wrapped(metric.title, 0, metric.id + ": ");
        text_ += wrapped(metric.read, 11, "  read:");
        text_ += wrapped(metric.source, 11, "  source:");
        for (const MetricInfo::OnCore& core : metric.cores)
            put_core(core, metric.cores.size() > 1);
    }

    void put_core(const MetricInfo::OnCore& core, bool named) {
        if (named)
            text_ += fmt::format("  on cores of {} ({}):\n", core.pmu, table_name(core.table));
        if (core.unavailable) {
            text_ += wrapped(not_available(core.unavailable), 4, "  ");
            const bool is_told = core.unavailable.cause == pmc::Cause::not_on_this_cpu; // See pmcstat list: this is it.
            if (!core.unavailable.remedy.empty() && !is_told)
                text_ += wrapped(core.unavailable.remedy, 6, "    to do: ");
        }
        text_ += "  values:\n";
        for (const MetricInfo::Value& value : core.values)
            put_value(value, widest(core.values, [](const auto& one) { return one.id; }));
        for (const MetricInfo::Let& let : core.lets)
            text_ += wrapped(let.formula, 8,
                             fmt::format("    {}{} = ", &let == &core.lets.front() ? "where " : "      ", let.name));
        text_ += "  events:\n";
        for (const MetricInfo::Role& role : core.roles)
            put_role(role, core.unavailable);
        if (!core.also.empty())
            text_ += "  shown beside it:\n";
        for (const MetricInfo::Role& role : core.also)
            put_role(role, core.unavailable);
    }

    void put_value(const MetricInfo::Value& value, std::size_t width) {
        text_ += wrapped(value.formula, 8, fmt::format("    {:<{}} = ", value.id, width));
        text_ += fmt::format("        {}{}{}\n", value.unit,
                             value.better.empty() ? "" : fmt::format(", {} is better", value.better),
                             value.label == value.id ? "" : fmt::format("; in reports: {}", value.label));
        if (value.unavailable)
            text_ += wrapped(not_available(value.unavailable), 10, "        ");
    }

    /// `said`: the reason that stands above already.
    void put_role(const MetricInfo::Role& role, const Reason& said) {
        text_ += fmt::format("    {}{}{}\n", role.role, role.encoding.empty() ? "" : "  " + role.encoding,
                             role.mode.empty() ? "" : fmt::format(", {} mode only", role.mode));
        std::string facts = role.quality;
        facts += role.scope == "task" ? "" : ", per " + role.scope;
        if (role.table == "generic")
            facts += ", the kernel's generic event";
        if (!role.counters.empty())
            facts += ", counters " + role.counters;
        if (role.scale != 1)
            facts +=
                fmt::format(", one count is {}{}{}", ratio_text(role.scale), role.unit.empty() ? "" : " ", role.unit);
        if (!role.pfm.empty())
            facts += ", libpfm4 " + role.pfm;
        if (!role.counts.empty())
            text_ += wrapped(role.counts, 8);
        if (!role.encoding.empty())
            text_ += wrapped(facts, 8);
        if (role.encoding.empty())
            text_ += "        none is known on this CPU\n";
        else if (role.unavailable && role.unavailable.evidence != said.evidence)
            text_ += wrapped(not_available(role.unavailable), 8);
    }

    // ---- in short ----

    void put_metrics() {
        std::vector<const MetricInfo*> others;
        for (const MetricInfo& metric : catalog_.metrics) {
            if (!metric.exact)
                others.push_back(&metric);
        }
        if (others.empty())
            return;
        text_ += others.size() == catalog_.metrics.size() ? "\nMetrics\n" : "\nOther metrics\n";
        const std::size_t indent = 4 + widest(others, [](const MetricInfo* metric) { return metric->id; });
        for (const MetricInfo* metric : others) {
            text_ += wrapped(metric->title + marks(metric->cores.front().quality, metric->cores.front().scope), indent,
                             "  " + metric->id);
            if (metric->unavailable)
                text_ += wrapped(not_available(metric->unavailable), indent);
        }
    }

    void put_events() {
        if (!catalog_.events.empty())
            text_ += "\nEvents\n";
        for (const EventInfo& event : catalog_.events) {
            text_ += wrapped(fmt::format("[{}] {}{}", event.source, event.encoding, marks(event.quality, event.scope)),
                             6, fmt::format("  {:<30} ", event.name));
            if (!event.description.empty())
                text_ += wrapped(event.description, 6);
            if (!event.counts.empty())
                text_ += wrapped(fmt::format("{}: {}", where_, event.counts), 6);
            if (event.unavailable)
                text_ += wrapped(not_available(event.unavailable), 6);
        }
    }

    const Catalog& catalog_;
    std::string_view where_;
    std::string text_;
};

} // namespace

std::string catalog_text(const pmc::Catalog& catalog, std::string_view where) {
    return CatalogText(catalog, where).text();
}

std::string cpus_text(const std::vector<pmc::Tables::Cpu>& cpus, std::string_view here) {
    const std::size_t indent = 2 + widest(cpus, [](const auto& cpu) { return cpu.id; });
    std::string text;
    for (const pmc::Tables::Cpu& cpu : cpus) {
        if (cpu.match.empty()) // The fall-back is no CPU's.
            continue;
        text += wrapped(cpu.title + (cpu.id == here ? " (this machine)" : ""), indent, cpu.id);
        text += wrapped(fmt::format("{}", fmt::join(cpu.match, " ")), indent);
    }
    return text;
}

} // namespace cli
