#include <pmc/replay.hpp>

#include "test_tree.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

using namespace pmc;

namespace {

/// tests/data/replays: made-up counts of each CPU's roles, and the values that the vendors' definitions make of them.
std::string replays() {
    return test::tree_path("../replays/");
}

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    INFO(path);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(replays())) {
        const std::string name = file.path().filename().string();
        if (name.ends_with(".json") && !name.ends_with(".expected.json"))
            names.push_back(name.substr(0, name.size() - 5));
    }
    std::ranges::sort(names);
    return names;
}

std::string every_metric(const nlohmann::json& expected) {
    std::set<std::string> metrics;
    for (const auto& [id, value] : expected.items())
        metrics.insert(id.substr(0, id.find('.')));
    std::string list;
    for (const std::string& metric : metrics)
        list += (list.empty() ? "" : ",") + metric;
    return list;
}

} // namespace

TEST_SUITE("golden_replays") {
    TEST_CASE("there is one for every table") {
        std::set<std::string> tables;
        for (const Tables::Cpu& cpu : Tables::builtin().cpus()) {
            if (!cpu.match.empty() && cpu.id != "alderlake-n") // alderlake-e under another CPU id
                tables.insert(cpu.id);
        }
        const std::vector<std::string> known = names();
        CHECK(tables == std::set<std::string>(known.begin(), known.end()));
    }

    TEST_CASE("each CPU's counts give the values that its vendor's definitions give") {
        for (const std::string& name : names()) {
            INFO(name);
            const Expected<Result> recorded = Result::from_json(content(replays() + name + ".json"));
            REQUIRE(recorded);
            const auto expected = nlohmann::json::parse(content(replays() + name + ".expected.json"));
            const Expected<Result> result = replay(*recorded, every_metric(expected));
            REQUIRE(result);
            CHECK(result->cpu.table == name);
            const std::vector<MetricValue>& metrics = result->samples.at(0).metrics;
            for (const auto& [key, value] : expected.items()) {
                const std::string id = key;
                INFO(id);
                const auto found = std::ranges::find(metrics, id, &MetricValue::id);
                if (value.is_null()) {
                    CHECK((found == metrics.end() || !found->has_value()));
                    continue;
                }
                REQUIRE(found != metrics.end());
                REQUIRE_MESSAGE(found->has_value(), found->reason.evidence);
                CHECK(found->value() == doctest::Approx(value.get<double>()).epsilon(1e-9));
            }
            for (const MetricValue& metric : metrics) {
                INFO(metric.id);
                CHECK((!metric.has_value() || expected.contains(metric.id)));
            }
        }
    }

    TEST_CASE("the parts of the top-down level 1 are the whole") {
        for (const std::string& name : names()) {
            INFO(name);
            const Expected<Result> recorded = Result::from_json(content(replays() + name + ".json"));
            REQUIRE(recorded);
            const Expected<Result> result = replay(*recorded, "topdown");
            REQUIRE(result);
            double sum = 0;
            bool known = false;
            for (const MetricValue& metric : result->samples.at(0).metrics) {
                known = known || metric.has_value();
                sum += metric.has_value() ? metric.value() : 0;
            }
            CHECK((!known || sum == doctest::Approx(100)));
        }
    }
}
