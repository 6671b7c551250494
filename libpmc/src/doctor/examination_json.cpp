#include "record/result_json.hpp"

#include <pmc/doctor.hpp>
#include <pmc/version.hpp>

namespace pmc {
namespace {

using record::Json;

void put(Json& to, const char* key, const std::string& text) {
    if (!text.empty())
        to[key] = text;
}

Json to_json(const Finding& finding) {
    Json json = {
        {"id", finding.id}, {"title", finding.title}, {"state", to_string(finding.health)}, {"found", finding.found}};
    put(json, "means", finding.means);
    put(json, "remedy", finding.remedy);
    if (finding.cause != Cause::none)
        json["cause"] = to_string(finding.cause);
    if (finding.value) {
        json["value"] = *finding.value;
        put(json, "unit", finding.unit);
    }
    return json;
}

} // namespace

std::string Examination::to_json() const {
    Json json = {{"schema", "pmcstat-doctor/1"},
                 {"tool", std::string("pmcstat ") + version()},
                 {"of", of},
                 {"well", is_well()},
                 {"findings", Json::array()}};
    for (const Finding& finding : findings)
        json["findings"].push_back(pmc::to_json(finding));
    // The names of PMUs and CPUs are what somebody's firmware says; JSON must be UTF-8.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace pmc
