#include "record/result_json.hpp"
#include "record/verdict_json.hpp"

#include <pmc/gate.hpp>

namespace pmc {
namespace {

using record::Json;

const char* name_of(ValueSeries::Kind kind) noexcept {
    return kind == ValueSeries::Kind::event ? "event" : kind == ValueSeries::Kind::metric ? "metric" : "time";
}

Json to_json(const ValueSeries& series) {
    Json json = Json::object();
    if (series.has_value()) {
        json = record::to_json(series.summary);
        if (!series.values.empty()) {
            json["values"] = series.values;
            json["runs"] = series.runs;
        }
        if (!series.outliers.empty())
            json["outliers"] = series.outliers;
        json["coverage"] = series.coverage;
        if (series.source != "measured")
            json["source"] = series.source;
    } else {
        json["state"] = to_string(series.state);
        record::put_reason(json, series.reason);
    }
    if (!series.encoding.empty())
        json["encoding"] = series.encoding;
    return json;
}

} // namespace

std::string Comparison::to_json() const {
    Json json = {{"name", a.name}, {"kind", name_of(a.kind)}};
    const auto put = [&](const char* key, const std::string& text) {
        if (!text.empty())
            json[key] = text;
    };
    put("label", a.label);
    put("unit", a.unit);
    put("scope", a.scope);
    put("id", a.id);
    put("core", a.core);
    json["asked"] = a.is_asked;
    if (a.better != ValueSeries::Better::unknown)
        json["better"] = a.better == ValueSeries::Better::lower ? "lower" : "higher";
    json["a"] = pmc::to_json(a);
    json["b"] = pmc::to_json(b);
    if (change)
        json["change"] = record::to_json(*change);
    if (pairs != 0)
        json["pairs"] = pairs;
    json["verdict"] = to_string(verdict);
    put("reason", reason);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace pmc
