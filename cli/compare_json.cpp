#include "comparison_report.hpp"

#include <pmc/version.hpp>

#include <nlohmann/json.hpp>

namespace cli {

std::string compare_json(const ComparisonReport& report) {
    using Json = nlohmann::ordered_json;
    Json json = {{"schema", "pmcstat-compare/1"},
                 {"tool", std::string("pmcstat ") + pmc::version()},
                 {"paired", report.is_paired}};
    for (std::size_t i = 0; i < report.sides.size(); ++i) {
        const ComparisonReport::Side& side = report.sides[i];
        Json& one = json["sides"].emplace_back(
            Json{{"name", side_name(i)}, {"label", side.label}, {"document", Json::parse(side.result.to_json())}});
        if (i == 0)
            continue;
        one["changes"] = Json::array();
        for (const pmc::Comparison& comparison : side.changes)
            one["changes"].push_back(Json::parse(comparison.to_json()));
    }
    if (!report.notes.empty())
        json["notes"] = report.notes;
    // A command's argument, or a file's name, need not be UTF-8; JSON must be.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace cli
