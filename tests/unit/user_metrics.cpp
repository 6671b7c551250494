#include "table/tables_state.hpp"
#include "user_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace pmc;
using pmc::test::check_refusal;
using pmc::test::tables;

namespace {

using Json = nlohmann::ordered_json;

/// A document with the metric "x", which has all that a metric needs, and these keys.
std::string metric_x(std::string_view keys) {
    return "{'constants': ['my_number'], 'metrics': {'x': {'title': 'a', 'read': 'b', 'source': 'c', " +
           std::string(keys) + "}}}";
}

/// One value, and this formula.
std::string formula_x(std::string_view formula) {
    return metric_x("'unit': 'u', 'label': 'l', 'formula': '" + std::string(formula) + "'");
}

/// Variants of one value.
std::string variants_x(std::string_view variants) {
    return metric_x("'unit': 'u', 'values': {'v': {'label': 'l'}}, 'variants': [" + std::string(variants) + "]");
}

const MetricDef& x_of(const Tables& mine) {
    const MetricDef* metric = mine.state().find_metric("x");
    REQUIRE(metric != nullptr);
    return *metric;
}

using Views = std::vector<std::string_view>;

void check_same(const MetricVariant& one, const MetricVariant& other) {
    CHECK(one.needs == other.needs);
    CHECK(one.leader == other.leader);
    CHECK(one.smt == other.smt);
    CHECK(one.strict == other.strict);
    CHECK(std::ranges::equal(one.lets, other.lets, [](const LetDef& a, const LetDef& b) {
        return a.name == b.name && a.formula == b.formula;
    }));
    CHECK(std::ranges::equal(one.values, other.values, [](const MetricValueDef& a, const MetricValueDef& b) {
        return a.id == b.id && a.label == b.label && a.unit == b.unit && a.formula == b.formula &&
               a.better == b.better && a.optional == b.optional;
    }));
}

} // namespace

TEST_SUITE("user_metrics") {
    TEST_CASE("the built-in metrics, read as a user's document, are what the build made of them") {
        std::ifstream file(std::string(std::getenv("PMC_SOURCE_ROOT")) + "/events/metrics.json");
        const Json document = Json::parse(file);
        const Expected<Tables> again = Tables::builtin().with_document(document.dump(), "metrics.json");
        if (!again)
            FAIL(again.error().what());
        const Tables::State& built = Tables::builtin().state();
        REQUIRE(again->state().metrics.size() == built.metrics.size());
        REQUIRE(again->state().roles.size() == built.roles.size());
        CHECK(again->state().constants == built.constants);
        for (std::size_t i = 0; i < built.metrics.size(); ++i) {
            const MetricDef& one = again->state().metrics[i];
            const MetricDef& other = built.metrics[i];
            INFO(std::string(other.id));
            CHECK(one.id == other.id);
            CHECK(one.title == other.title);
            CHECK(one.read == other.read);
            CHECK(one.source == other.source);
            CHECK(one.also == other.also);
            CHECK(one.standard == other.standard);
            REQUIRE(one.variants.size() == other.variants.size());
            for (std::size_t v = 0; v < one.variants.size(); ++v)
                check_same(one.variants[v], other.variants[v]);
        }
    }

    TEST_CASE("a metric of one value") {
        const Tables mine =
            tables(metric_x("'unit': 'u', 'label': 'l', 'better': 'lower', 'standard': true, 'group': 'weak',"
                            "'formula': '1000 * llc_misses / instructions', 'also': ['page_faults']"));
        const MetricDef& x = x_of(mine);
        CHECK(x.title == "a");
        CHECK(x.standard);
        CHECK(x.also == Views{"page_faults"});
        REQUIRE(x.variants.size() == 1);
        CHECK(x.variants[0].needs == Views{"llc_misses", "instructions"});
        CHECK_FALSE(x.variants[0].strict);
        REQUIRE(x.variants[0].values.size() == 1);
        CHECK(x.variants[0].values[0].id == "x");
        CHECK(x.variants[0].values[0].better == "lower");
        // Those of one's own come last.
        CHECK(mine.state().metrics.back().id == "x");
        CHECK(mine.state().metrics.size() == Tables::builtin().state().metrics.size() + 1);
    }

    TEST_CASE("variants see the lets before a formula, and need what they come down to") {
        const Tables mine = tables(variants_x(
            "{'leader': 'cycles', 'smt': 'off', 'needs': ['page_faults'], 'let': {'a': 'branches + 1', 'b': 'a * a'},"
            " 'values': {'v': 'b / cycles * my_number', 'w': {'label': 'lw', 'formula': 'llc_misses', 'optional': "
            "true}}},"
            "{'smt': 'any', 'values': {'v': 'seconds'}}"));
        const MetricDef& x = x_of(mine);
        REQUIRE(x.variants.size() == 2);
        CHECK(x.variants[0].needs == Views{"cycles", "page_faults", "branches"});
        CHECK(x.variants[0].leader == "cycles");
        CHECK(x.variants[0].smt == "off");
        CHECK(x.variants[0].strict);
        CHECK(x.variants[0].lets.size() == 2);
        CHECK(x.variants[0].values[1].id == "x.w");
        CHECK(x.variants[0].values[1].optional);
        CHECK(x.variants[1].smt.empty());
        CHECK(mine.state().find_metric_value("x.w").metric == &x);
    }

    TEST_CASE("a metric with a built-in id takes its place, whole") {
        const Tables mine =
            tables("{'metrics': {'llc': {'title': 'a', 'read': 'b', 'source': 'c', 'unit': 'u', 'label': 'l',"
                   "'formula': 'llc_misses'}}}");
        const std::vector<MetricDef>& built = Tables::builtin().state().metrics;
        REQUIRE(mine.state().metrics.size() == built.size());
        for (std::size_t i = 0; i < built.size(); ++i)
            CHECK(mine.state().metrics[i].id == built[i].id);
        CHECK(mine.state().find_metric("llc")->title == "a");
        CHECK_FALSE(mine.state().find_metric("llc")->standard);
        CHECK(mine.state().find_metric_value("llc.mpki").metric == nullptr);
    }

    TEST_CASE("ids") {
        const std::string rest =
            ": {'title': 'a', 'read': 'b', 'source': 'c', 'unit': 'u', 'label': 'l', 'formula': '1'}}}";
        check_refusal("{'metrics': {'my-metric'" + rest, "metrics.my-metric: ", "'my-metric' is not an id");
        check_refusal("{'metrics': {''" + rest, "metrics", "is not an id");
        check_refusal("{'metrics': {'page_faults'" + rest, "metrics.page_faults: ", "hide the kernel's event");
        check_refusal("{'metrics': {'cs'" + rest, "metrics.cs: ", "hide the kernel's event");
        check_refusal("{'metrics': {'llc_misses'" + rest, "metrics.llc_misses: ", "name of a role");
        check_refusal("{'roles': {'mine': {'title': 'a'}}, 'metrics': {'mine'" + rest,
                      "metrics.mine: ", "name of a role");
    }

    TEST_CASE("keys that are wrong, missing or too many") {
        check_refusal("{'metrics': {'x': 1}}", "metrics.x: ", "must be an object");
        check_refusal("{'metrics': {'x': {}}}", "metrics.x: ", "'title' is missing");
        check_refusal(metric_x("'formulas': 'a'"),
                      "metrics.x: ", "there is no key 'formulas' here; the keys are title, read");
        check_refusal(metric_x("'label': 'l', 'formula': '1'"), "metrics.x: ", "'unit' is missing");
        check_refusal(metric_x("'unit': 'l', 'formula': '1'"), "metrics.x: ", "'label' is missing");
        check_refusal(metric_x("'unit': 'u', 'label': 'l'"), "metrics.x: ", "has no formula");
        check_refusal(metric_x("'unit': 'u', 'label': 'l', 'formula': '1', 'values': {}"),
                      "metrics.x: ", "either 'formula'");
        check_refusal(metric_x("'unit': '', 'label': 'l', 'formula': '1'"), "metrics.x.unit: ", "not empty");
        check_refusal(metric_x("'unit': 'u', 'label': ['l'], 'formula': '1'"), "metrics.x.label: ", "must be a text");
        check_refusal(metric_x("'unit': 'u', 'label': 'l', 'formula': 1"), "metrics.x.formula: ", "must be a text");
        check_refusal(metric_x("'unit': 'u', 'label': 'l', 'formula': '1', 'standard': 1"),
                      "metrics.x.standard: ", "true or");
        check_refusal(metric_x("'unit': 'u', 'label': 'l', 'formula': '1', 'better': 'up'"),
                      "metrics.x.better: ", "higher");
        check_refusal(metric_x("'unit': 'u', 'label': 'l', 'formula': '1', 'group': 'none'"),
                      "metrics.x.group: ", "weak");
        check_refusal(metric_x("'unit': 'u', 'label': 'l', 'formula': '1', 'also': ['x']"),
                      "metrics.x.also[0]: ", "role");
        check_refusal(metric_x("'unit': 'u', 'label': 'l', 'formula': '1', 'also': 'cycles'"),
                      "metrics.x.also: ", "a list");
        check_refusal(metric_x("'unit': 'u', 'label': 'l', 'formula': '1', 'also': ['cycles', 'cycles']"),
                      "metrics.x.also[1]: ", "twice");
        check_refusal(metric_x("'unit': 'u', 'values': {'a': {'label': 'a', 'formula': '1'}, 'b': {'label': 'b'}}"),
                      "metrics.x.values: ", "either all");
        check_refusal(metric_x("'unit': 'u', 'values': {'a': {'label': 'a', 'formulas': '1'}}"),
                      "metrics.x.values.a: ", "formulas");
        check_refusal(metric_x("'unit': 'u', 'values': {'A': {'label': 'a', 'formula': '1'}}"),
                      "metrics.x.values.A: ", "identifier");
    }

    TEST_CASE("variants that are wrong") {
        check_refusal(metric_x("'unit': 'u', 'variants': {}"), "metrics.x.variants: ", "must be a list");
        check_refusal(variants_x(""), "metrics.x: ", "has no formula");
        check_refusal(variants_x("{}"), "metrics.x.variants[0]: ", "'values' is missing");
        check_refusal(variants_x("{'values': {'v': '1'}}, {'value': {}}"), "metrics.x.variants[1]: ", "'value'");
        check_refusal(variants_x("{'values': {}}"), "metrics.x.variants[0]: ", "optional");
        check_refusal(variants_x("{'values': {'v': {'formula': '1', 'optional': true}}}"),
                      "metrics.x.variants[0]: ", "not all values can be optional");
        check_refusal(variants_x("{'values': {'v': {'formula': '1', 'optional': 'yes'}}}"),
                      "metrics.x.variants[0].values.v.optional: ", "true or false");
        check_refusal(variants_x("{'values': {'w': '1'}}"), "metrics.x.variants[0].values.w: ", "'label' is missing");
        check_refusal(variants_x("{'values': {'v': {}}}"), "metrics.x.variants[0].values.v: ", "'formula' is missing");
        check_refusal(variants_x("{'values': {'v': 7}}"), "metrics.x.variants[0].values.v: ", "must be an object");
        check_refusal(variants_x("{'values': {'v': '1'}, 'smt': 'maybe'}"),
                      "metrics.x.variants[0].smt: ", "on, off, any");
        check_refusal(variants_x("{'values': {'v': '1'}, 'leader': 'x'}"),
                      "metrics.x.variants[0].leader: ", "not a role");
        check_refusal(variants_x("{'values': {'v': '1'}, 'needs': ['x']}"),
                      "metrics.x.variants[0].needs[0]: ", "not a role");
    }

    TEST_CASE("a let sees those before it only, and hides nothing") {
        check_refusal(variants_x("{'let': {'a': 'a'}, 'values': {'v': 'a'}}"),
                      "metrics.x.variants[0].let.a: ", "'a' is no role");
        check_refusal(variants_x("{'let': {'a': 'b', 'b': '1'}, 'values': {'v': 'a'}}"),
                      "metrics.x.variants[0].let.a: ", "'b' is no role");
        for (const char* name : {"cycles", "my_number", "width", "seconds", "max"})
            check_refusal(variants_x("{'let': {'" + std::string(name) + "': '1'}, 'values': {'v': '1'}}"),
                          "metrics.x.variants[0].let." + std::string(name) + ": ",
                          "name of a role, a constant or a builtin");
        check_refusal(variants_x("{'let': {'A': '1'}, 'values': {'v': '1'}}"),
                      "metrics.x.variants[0].let.A: ", "identifier");
        std::string lets;
        for (int i = 0; i < 17; ++i)
            lets += (i == 0 ? "'l" : ", 'l") + std::to_string(i) + "': '1'";
        check_refusal(variants_x("{'let': {" + lets + "}, 'values': {'v': '1'}}"),
                      "metrics.x.variants[0].let.l16: ", "more than 16");
    }

    TEST_CASE("formulas that can't be read, or name what is not there") {
        for (const char* bad : {"1 +", "(1", "1)", "1 2", "cycles instructions", "min(1)", "sqrt(2)", "1..2", "IPC",
                                "$", "1e400", "cycles ? 1 : 2", "cycles ** 2", "a.b", "   ", "x == 1"})
            check_refusal(formula_x(bad), "metrics.x.formula: ", "");
        check_refusal(formula_x("1 +"), "metrics.x.formula: ", "expected a number or a name at the end, in '1 +'");
        check_refusal(formula_x("`cycles` / 2"), "metrics.x.formula: ", "no event in backquotes");
        check_refusal(formula_x("no_such / 2"),
                      "metrics.x.formula: ", "'no_such' is no role, no 'let' before it, no constant");
        check_refusal(formula_x("min"), "metrics.x.formula: ", "'min' is no role");
        check_refusal(formula_x("ipc / 2"), "metrics.x.formula: ", "'ipc' is a metric");
        check_refusal(formula_x("x / 2"), "metrics.x.formula: ", "'x' is a metric");
        check_refusal(variants_x("{'values': {'v': '1'}}, {'values': {'v': 'oops'}}"),
                      "metrics.x.variants[1].values.v: ", "'oops'");
        check_refusal(formula_x(std::string(1000, '(')), "metrics.x.formula: ", "nested too deeply");
        check_refusal(formula_x(std::string(4000, '-') + "1"), "metrics.x.formula: ", "nested too deeply");
        CHECK(test::over_builtin(formula_x("max(0, -cycles) / (1e9 * seconds) + group_seconds * width + my_number")));
    }

    TEST_CASE("a role that a metric needs has an event on some CPU") {
        const std::string head =
            "{'roles': {'mine': {'title': 'a'}, 'mine_kernel': {'title': 'a', 'of': 'mine', 'mode': 'kernel'}},"
            "'metrics': {'x': {'title': 'a', 'read': 'b', 'source': 'c', 'unit': 'u', 'label': 'l', ";
        const std::string played =
            ", 'cpus': {'generic': {'events': {'mine': {'generic': 'minor-faults', 'pmu': 'software'}}}}";
        for (const char* rest :
             {"'formula': 'mine'}}", "'formula': 'mine_kernel'}}", "'formula': '1', 'also': ['mine']}}"}) {
            check_refusal(head + rest + "}", "metrics.x: ", "no table has an event for the role 'mine");
            CHECK(test::over_builtin(head + rest + played + "}"));
        }
    }

    TEST_CASE("what should add up is added up, in each variant") {
        const auto summed = [](std::string_view variant) {
            return metric_x(
                "'unit': 'u', 'sum': 100, 'values': {'v': {'label': 'l'}, 'w': {'label': 'l'}}, 'variants': [{" +
                std::string(variant) + "}]");
        };
        const std::string values =
            "'let': {'all': 'cycles + width'}, 'values': {'v': '100 * cycles / all', 'w': '100 * width / all'}";
        CHECK(test::over_builtin(summed(values + ", 'example': {'cycles': 3, 'width': 4}")));
        check_refusal(summed(values), "metrics.x.variants[0]: ", "needs an 'example'");
        check_refusal(summed(values + ", 'example': {'cycles': 3}"),
                      "metrics.x.variants[0].let.all: ", "no number for 'width'");
        check_refusal(summed(values + ", 'example': {'cycles': 0, 'width': 0}"),
                      "metrics.x.variants[0].values.v: ", "by zero");
        check_refusal(summed(values + ", 'example': {'cycles': 1e308, 'width': 1e308}"),
                      "metrics.x.variants[0].let.all: ", "no value");
        check_refusal(summed(values + ", 'example': {'cycles': '3', 'width': 4}"),
                      "metrics.x.variants[0].example.cycles: ", "number");
        check_refusal(summed(values + ", 'example': []"), "metrics.x.variants[0].example: ", "object");
        check_refusal(summed("'values': {'v': 'cycles', 'w': '1'}, 'example': {'cycles': 98}"),
                      "metrics.x.variants[0]: ", "add up to 99.0, not to 100.0");
        check_refusal(metric_x("'unit': 'u', 'label': 'l', 'formula': '1', 'sum': 1"),
                      "metrics.x: ", "needs an 'example'");
    }
}
