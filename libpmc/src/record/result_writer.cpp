#include "record/result_json.hpp"
#include "record/verdict_json.hpp"

#include <pmc/result.hpp>

namespace pmc {
namespace {

using record::Json;
using record::put_reason;

void put_count(Json& to, const Count& count) {
    to["raw"] = count.has_value() ? Json(count.raw()) : Json(nullptr);
    if (count.state() != State::not_available) {
        to["enabled_ns"] = count.enabled_ns();
        to["running_ns"] = count.running_ns();
    }
    if (!count.has_value())
        to["state"] = to_string(count.state());
}

Json to_json(const EventCount& event) {
    Json json = {{"name", event.name}};
    if (!event.core.empty())
        json["core"] = event.core;
    put_count(json, event.count);
    if (event.count.state() != State::not_available)
        json["group"] = event.group;
    if (event.scale != 1.0)
        json["scale"] = event.scale;
    if (!event.unit.empty())
        json["unit"] = event.unit;
    json["encoding"] = event.encoding;
    if (event.source != "measured")
        json["source"] = event.source;
    json["asked"] = event.asked;
    put_reason(json, event.reason);
    for (const GroupedCount& other : event.others) {
        Json& count = json["others"].emplace_back(Json{{"group", other.group}});
        put_count(count, other.count);
        put_reason(count, other.reason);
    }
    return json;
}

Json to_json(const std::vector<Operand>& operands) {
    Json json = Json::array();
    for (const Operand& operand : operands) {
        Json one = {{"role", operand.role}, {"title", operand.title}, {"value", operand.value}};
        if (!operand.unit.empty())
            one["unit"] = operand.unit;
        json.push_back(std::move(one));
    }
    return json;
}

Json to_json(const MetricValue& metric) {
    Json json = {{"id", metric.id}, {"metric", metric.metric}, {"label", metric.label}};
    if (!metric.core.empty())
        json["core"] = metric.core;
    if (!metric.formula.empty())
        json["formula"] = metric.formula;
    json["value"] = metric.has_value() ? Json(metric.number) : Json(nullptr);
    json["unit"] = metric.unit;
    if (!metric.better.empty())
        json["better"] = metric.better;
    if (!metric.asked)
        json["asked"] = false;
    if (metric.has_value()) {
        if (metric.group >= 0)
            json["group"] = metric.group;
        json["coverage"] = metric.coverage;
        json["quality"] = metric.quality;
        json["scope"] = metric.scope;
        json["source"] = metric.source;
        if (!metric.note.empty())
            json["note"] = metric.note;
    } else {
        json["state"] = to_string(metric.state);
    }
    put_reason(json, metric.reason);
    if (!metric.operands.empty())
        json["operands"] = to_json(metric.operands);
    if (!metric.also.empty())
        json["also"] = to_json(metric.also);
    return json;
}

Json to_json(const RegionUse& use) {
    Json json = {{"pid", use.pid},           {"calls", use.calls},         {"threads", use.threads},
                 {"openings", use.openings}, {"uncounted", use.uncounted}, {"dropped", use.dropped},
                 {"time_s", use.time_s}};
    put_reason(json, use.reason);
    return json;
}

Json to_json(const Sample& sample) {
    Json json = {{"run", sample.run},
                 {"scope", sample.scope},
                 {"id", sample.id},
                 {"start_s", sample.start_s},
                 {"end_s", sample.end_s}};
    if (sample.paused_s > 0)
        json["paused_s"] = sample.paused_s;
    if (!sample.name.empty())
        json["name"] = sample.name;
    if (!sample.cgroup.empty())
        json["cgroup"] = sample.cgroup;
    if (sample.cpus != 0)
        json["cpus"] = sample.cpus;
    if (sample.summary)
        json["summary"] = true;
    if (sample.region)
        json["region"] = to_json(*sample.region);
    json["events"] = Json::array();
    json["metrics"] = Json::array();
    for (const EventCount& event : sample.events)
        json["events"].push_back(to_json(event));
    for (const MetricValue& metric : sample.metrics)
        json["metrics"].push_back(to_json(metric));
    return json;
}

Json to_json(const Result::Host& host) {
    Json json = {{"kernel", host.kernel}, {"arch", host.arch}, {"cpus", host.cpus}, {"paranoid", host.paranoid}};
    if (!host.hypervisor.empty())
        json["hypervisor"] = host.hypervisor;
    if (host.smt)
        json["smt"] = *host.smt;
    if (!host.microcode.empty())
        json["microcode"] = host.microcode;
    if (!host.governor.empty())
        json["governor"] = host.governor;
    if (host.boost)
        json["boost"] = *host.boost;
    return json;
}

/// What each run has of its own.
void put_usage(Json& to, const Result::Run& run) {
    to["pid"] = run.pid;
    to["status"] = run.status;
    to["elapsed_s"] = run.elapsed_s;
    to["user_s"] = run.user_s;
    to["sys_s"] = run.sys_s;
    to["max_rss_bytes"] = run.max_rss_bytes;
    if (run.involuntary_switches != 0)
        to["involuntary_switches"] = run.involuntary_switches;
    if (run.migrations >= 0)
        to["migrations"] = run.migrations;
    if (run.warmup)
        to["warmup"] = true;
    if (!run.disturbed.empty())
        to["disturbed"] = run.disturbed;
}

Json to_json(const Result::Run& run) {
    Json json = {{"argv", run.argv}, {"pid", run.pid},         {"status", run.status},
                 {"mode", run.mode}, {"inherit", run.inherit}, {"backend", run.backend}};
    put_usage(json, run);
    if (!run.target.empty())
        json["target"] = run.target;
    if (!run.model.empty())
        json["model"] = run.model;
    if (run.cpu)
        json["cpu"] = *run.cpu;
    if (run.fixed_addresses)
        json["fixed_addresses"] = true;
    if (run.fixed_environment)
        json["fixed_environment"] = true;
    return json;
}

Json to_json(const Result::Repeats& repeats) {
    Json json = {{"runs", repeats.runs},
                 {"warmup", repeats.warmup},
                 {"disturbed", repeats.disturbed},
                 {"failed", repeats.failed}};
    if (!repeats.ended.empty())
        json["ended"] = repeats.ended;
    if (repeats.allow_failures)
        json["allow_failures"] = true;
    return json;
}

} // namespace

std::string Sample::to_json() const {
    return pmc::to_json(*this).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Result::to_json() const {
    Json json;
    json["schema"] = schema;
    json["tool"] = tool;
    json["host"] = pmc::to_json(host);
    json["cpu"] = {{"name", cpu.name}, {"id", cpu.id}, {"table", cpu.table}, {"pmus", cpu.pmus}};
    json["run"] = pmc::to_json(run);
    for (const Run& one : runs)
        put_usage(json["runs"].emplace_back(Json::object()), one);
    if (repeats)
        json["repeats"] = pmc::to_json(*repeats);
    if (no_pmu) {
        json["no_pmu"] = Json::object();
        put_reason(json["no_pmu"], no_pmu);
    }
    if (!notes.empty())
        json["notes"] = notes;
    json["plan"] = plan;
    json["samples"] = Json::array();
    for (const Sample& sample : samples)
        json["samples"].push_back(pmc::to_json(sample));
    for (const Statistic& statistic : statistics)
        json["statistics"].push_back(record::to_json(statistic));
    json["verdicts"] = Json::array();
    for (const Check& check : verdicts)
        json["verdicts"].push_back(record::to_json(check));
    // An argument of the command need not be UTF-8; JSON must be.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace pmc
