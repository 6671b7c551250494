#include "record/result_json.hpp"

#include <pmc/catalog.hpp>

namespace pmc {
namespace {

using record::Json;
using record::put_reason;

void put(Json& to, const char* key, const std::string& text) {
    if (!text.empty())
        to[key] = text;
}

/// As its state: it can be counted, or why not.
void put_available(Json& to, const Reason& unavailable) {
    to["available"] = !unavailable;
    put_reason(to, unavailable);
}

constexpr std::string_view list_schema = "pmcstat-list/1";

Json to_json(const MetricInfo::Value& value);
Json to_json(const MetricInfo::Let& let);
Json to_json(const MetricInfo::Role& role);
Json to_json(const MetricInfo::OnCore& core);
Json to_json(const MetricInfo& metric);
Json to_json(const EventInfo& event);

template <typename Item>
Json list_of(const std::vector<Item>& items) {
    Json json = Json::array();
    for (const Item& item : items)
        json.push_back(to_json(item));
    return json;
}

Json to_json(const MetricInfo::Value& value) {
    Json json = {{"id", value.id}, {"label", value.label}, {"unit", value.unit}, {"formula", value.formula}};
    put(json, "better", value.better);
    if (value.unavailable)
        put_available(json, value.unavailable);
    return json;
}

Json to_json(const MetricInfo::Let& let) {
    return {{"name", let.name}, {"formula", let.formula}};
}

Json to_json(const MetricInfo::Role& role) {
    Json json = {{"role", role.role}, {"title", role.title}};
    put(json, "mode", role.mode);
    put(json, "encoding", role.encoding);
    put(json, "counts", role.counts);
    if (!role.encoding.empty()) {
        json["quality"] = role.quality;
        json["scope"] = role.scope;
    }
    put(json, "counters", role.counters);
    if (role.scale != 1)
        json["scale"] = role.scale;
    put(json, "unit", role.unit);
    put(json, "libpfm4", role.pfm);
    put(json, "table", role.table);
    put_available(json, role.unavailable);
    return json;
}

Json to_json(const MetricInfo::OnCore& core) {
    Json json = {{"pmu", core.pmu},
                 {"table", core.table},
                 {"variant", core.variant},
                 {"quality", core.quality},
                 {"scope", core.scope}};
    put_available(json, core.unavailable);
    json["values"] = list_of(core.values);
    if (!core.lets.empty())
        json["let"] = list_of(core.lets);
    json["roles"] = list_of(core.roles);
    if (!core.also.empty())
        json["also"] = list_of(core.also);
    return json;
}

Json to_json(const MetricInfo& metric) {
    Json json = {{"id", metric.id},
                 {"title", metric.title},
                 {"read", metric.read},
                 {"source", metric.source},
                 {"standard", metric.standard}};
    put_available(json, metric.unavailable);
    json["cores"] = list_of(metric.cores);
    return json;
}

Json to_json(const EventInfo& event) {
    Json json = {{"name", event.name}, {"source", event.source}};
    put(json, "description", event.description);
    put(json, "counts", event.counts);
    put(json, "encoding", event.encoding);
    put(json, "quality", event.quality);
    put(json, "scope", event.scope);
    put(json, "libpfm4", event.pfm);
    // What was not tried is not said to be available.
    if (event.unavailable)
        put_available(json, event.unavailable);
    return json;
}

std::string text_of(const Json& json) {
    // A tracepoint's or a PMU's name need not be UTF-8; JSON must be.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace

std::string Catalog::to_json() const {
    Json json = {{"schema", list_schema}, {"word", word}};
    json["cpu"] = {{"name", cpu.name}, {"id", cpu.id}, {"table", cpu.table}, {"title", cpu.title}, {"pmus", cpu.pmus}};
    const auto put_absence = [&](const char* key, const Reason& reason) {
        if (reason)
            put_reason(json[key] = Json::object(), reason);
    };
    put_absence("no_pmu", no_pmu);
    put_absence("no_tracepoints", no_tracepoints);
    json["metrics"] = list_of(metrics);
    json["events"] = list_of(events);
    return text_of(json);
}

std::string to_json(const std::vector<Tables::Cpu>& cpus) {
    Json json = {{"schema", list_schema}, {"cpus", Json::array()}};
    for (const Tables::Cpu& cpu : cpus) {
        if (!cpu.match.empty()) // The fall-back is no CPU's.
            json["cpus"].push_back({{"id", cpu.id}, {"title", cpu.title}, {"match", cpu.match}});
    }
    return text_of(json);
}

} // namespace pmc
