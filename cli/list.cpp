#include "list.hpp"

#include "errors.hpp"
#include "status.hpp"
#include "tables.hpp"

#include <pmc/catalog.hpp>

#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>

namespace cli {
namespace {

std::string not_here(const pmc::Reason& reason) {
    return reason ? fmt::format("not available here: {}", reason.evidence) : std::string();
}

std::string metric_text(const pmc::MetricInfo& metric) {
    std::string text = fmt::format("  {:<18}{}\n", metric.id, metric.title);
    for (const pmc::MetricInfo::Value& value : metric.values)
        text += fmt::format("      {} = {}{}\n", value.id, value.formula,
                            value.unit.empty() ? "" : fmt::format("   [{}]", value.unit));
    if (!metric.read.empty())
        text += fmt::format("      {}\n", metric.read);
    for (const std::string& event : metric.events)
        text += fmt::format("      here: {}\n", event);
    if (metric.unavailable)
        text += fmt::format("      {}\n", not_here(metric.unavailable));
    return text;
}

std::string event_text(const pmc::EventInfo& event) {
    std::string text = fmt::format("  {:<40} [{}]", event.name, event.source);
    if (!event.encoding.empty())
        text += "  " + event.encoding;
    text += '\n';
    if (!event.description.empty())
        text += fmt::format("      {}\n", event.description);
    if (event.unavailable)
        text += fmt::format("      {}\n", not_here(event.unavailable));
    return text;
}

} // namespace

int list(const ListOptions& options) {
    setenv("LIBPFM_ENCODE_INACTIVE", "1", 0);
    const pmc::Expected<pmc::Tables> tables = load_tables(options.tables);
    if (!tables) {
        print_error(tables.error());
        return status::failed;
    }
    const pmc::Machine& machine = pmc::Machine::host();
    const std::vector<pmc::MetricInfo> metrics = pmc::list_metrics(options.word, machine, *tables);
    const std::vector<pmc::EventInfo> events = pmc::list_events(options.word, machine, *tables);
    if (metrics.empty() && events.empty()) {
        print_error(fmt::format("no metric or event matches \"{}\"", options.word),
                    "a part of a name or of a description is enough; pmcstat list shows all");
        return status::nothing_matches;
    }
    std::string text;
    if (!metrics.empty())
        text += "Metrics\n";
    for (const pmc::MetricInfo& metric : metrics)
        text += metric_text(metric);
    if (!events.empty())
        text += metrics.empty() ? "Events\n" : "\nEvents\n";
    for (const pmc::EventInfo& event : events)
        text += event_text(event);
    if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
        print_error("cannot write the list to stdout");
        return status::failed;
    }
    return 0;
}

} // namespace cli
