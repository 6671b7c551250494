#include "comparison_report.hpp"

#include "made_up_series.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace pmc;
using cli::ComparisonReport;

TEST_SUITE("compare_json") {
    TEST_CASE("the documents and what became of each value, as it was computed") {
        ComparisonReport report;
        report.sides = {{"./old \xff", made_up::repeated(3)}, {"./new", made_up::repeated(3)}};
        Comparison known = made_up::comparison(made_up::time({1, 2, 3}), made_up::time({2, 3, 4}),
                                               made_up::change(0.5, 0.25, 0.75), Comparison::Verdict::worse);
        known.b.outliers = {2};
        known.pairs = 3;
        Comparison unknown{made_up::missing("ipc", "no such event"), made_up::missing("ipc", "no such event")};
        unknown.reason = "not counted";
        report.sides[1].changes = {known, unknown};
        const auto json = nlohmann::json::parse(compare_json(report));
        CHECK(json["schema"] == "pmcstat-compare/1");
        CHECK(json["paired"] == true);
        CHECK_FALSE(json.contains("notes"));
        CHECK(json["sides"][0]["label"] == "./old \xef\xbf\xbd");
        CHECK_FALSE(json["sides"][0].contains("changes"));
        CHECK(json["sides"][1]["name"] == "B");
        CHECK(Result::from_json(json["sides"][1]["document"].dump()));
        const auto& time = json["sides"][1]["changes"][0];
        CHECK(time["name"] == "time");
        CHECK(time["better"] == "lower");
        CHECK(time["a"]["values"] == std::vector<double>{1, 2, 3});
        CHECK(time["a"]["median"] == 2);
        CHECK(time["b"]["outliers"] == std::vector<int>{2});
        CHECK(time["change"]["change"] == 0.5);
        CHECK(time["change"]["interval"]["low"] == 0.25);
        CHECK(time["change"]["basis"] == "ranks");
        CHECK(time["pairs"] == 3);
        CHECK(time["verdict"] == "worse");
        const auto& ipc = json["sides"][1]["changes"][1];
        CHECK(ipc["a"]["state"] == "not available");
        CHECK(ipc["a"]["cause"] == "not_on_this_cpu");
        CHECK_FALSE(ipc["a"].contains("median"));
        CHECK_FALSE(ipc.contains("pairs"));
        CHECK(ipc["verdict"] == "unknown");
        CHECK(ipc["reason"] == "not counted");
    }
}
