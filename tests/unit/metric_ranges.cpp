// Every formula of the tables over thousands of made-up counts: what is a share stays between 0 and 100 %, what adds up
// to a whole does, and nothing becomes infinite.
#include "table/formula.hpp"
#include "table/tables_state.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>

using namespace pmc;

namespace {

using Values = std::map<std::string, double, std::less<>>;

/// Counts as a machine could have them: a part is never more than its whole.
class MadeUp {
public:
    explicit MadeUp(unsigned seed) : random_(seed) {}

    Values draw() {
        Values values;
        for (const RoleInfo& role : Tables::builtin().state().roles)
            values[std::string(role.role)] = number(1, 1e12);
        values["seconds"] = number(1e-6, 1e5);
        values["group_seconds"] = number(1e-6, 1e5);
        const double width = values["width"] = std::round(number(1, 10));
        values["sve_units"] = std::round(number(1, 4));
        const double cycles = values["cycles"];
        values["instructions"] = cycles * share();

        for (const auto& [part, whole] : {std::pair{"kernel_cycles", "cycles"},
                                          {"branch_misses", "branches"},
                                          {"l1d_misses", "l1d_refs"},
                                          {"l2_misses", "l2_refs"},
                                          {"llc_misses", "llc_refs"},
                                          {"l3_misses", "l3_refs"},
                                          {"itlb_walk_cycles", "cycles"},
                                          {"stall_frontend", "cycles"},
                                          {"stall_backend", "cycles"},
                                          {"stall_memory", "stall_backend"},
                                          {"td_incomplete_load", "td_incomplete"},
                                          {"td_m_fetch_latency", "td_m_frontend"},
                                          {"td_m_memory", "td_m_backend"},
                                          {"td_m_mispredicts", "td_m_bad_speculation"},
                                          {"td_m_heavy", "td_m_retiring"}})
            values[part] = values[whole] * share();
        // Two kinds of walks may be under way at once, but this formula adds them up.
        values["dtlb_load_walk_cycles"] = cycles * share() / 2;
        values["dtlb_store_walk_cycles"] = cycles * share() / 2;

        split(values, width * cycles, {"td_ops_retired", "wasted", "td_frontend", "td_backend", "td_smt"});
        values["td_ops_dispatched"] = values["td_ops_retired"] + values["wasted"];
        values["td_ops_microcode"] = values["td_ops_retired"] * share();
        values["td_frontend_idle"] = values["td_frontend"] / width * share();

        // The same slots in the words of the older Intel events, whose frontend stalls are cycles.
        const double core_cycles = values["core_cycles"] = 2 * cycles;
        split(values, width * core_cycles / 2, {"td_uops_retired", "wasted", "td_undelivered", "rest"});
        const double recovery = share();
        values["td_recovery"] = values["wasted"] * recovery / width;
        values["td_recovery_core"] = 2 * values["td_recovery"];
        values["td_uops_issued"] = values["td_uops_retired"] + values["wasted"] * (1 - recovery);
        values["stall_frontend"] = std::min(values["stall_frontend"], values["td_undelivered"] / width);

        // And Arm's: what is not stalled is busy; a flush moves slots from the sides to bad speculation.
        split(values, width * cycles, {"stall_slot_frontend", "stall_slot_backend", "busy"});
        values["stall_slot"] = values["stall_slot_frontend"] + values["stall_slot_backend"];
        values["ops_retired"] = values["ops_speculated"] * share();
        values["flush_frontend"] = std::round(number(0, 4));
        values["flush_backend"] = std::round(number(0, 4));
        const double side = std::min(values["stall_slot_frontend"], values["stall_slot_backend"]) / (width * cycles);
        values["stall_frontend_flush"] = cycles * side * share();
        values["branch_misses_speculated"] = cycles * side * share() / 4;
        return values;
    }

private:
    double share() { return std::uniform_real_distribution(0.0, 1.0)(random_); }
    /// Of any size between the two.
    double number(double least, double most) {
        return least == 0 ? share() * most
                          : std::exp(std::uniform_real_distribution(std::log(least), std::log(most))(random_));
    }
    void split(Values& values, double whole, const std::vector<std::string>& parts) {
        double sum = 0;
        for (const std::string& part : parts)
            sum += values[part] = share() + 1e-9;
        for (const std::string& part : parts)
            values[part] *= whole / sum;
    }

    std::mt19937_64 random_;
};

/// What a formula's names mean: a count, or a `let` before it.
std::optional<double> value_of(std::string_view text, const Values& values) {
    const Expected<Formula> formula = Formula::parse(text);
    REQUIRE(formula.has_value());
    return formula
        ->evaluate([&](std::string_view name) -> std::optional<double> {
            const auto found = values.find(name);
            return found == values.end() ? std::nullopt : std::optional(found->second);
        })
        .value;
}

struct Parsed {
    std::string id, unit;
    Formula formula;
};

} // namespace

TEST_SUITE("metric_ranges") {
    TEST_CASE("10,000 made-up counts: shares are shares, rates are finite and not negative") {
        for (const MetricDef& metric : Tables::builtin().state().metrics) {
            for (const MetricVariant& variant : metric.variants) {
                std::vector<Parsed> lets;
                std::vector<Parsed> formulas;
                for (const LetDef& let : variant.lets)
                    lets.push_back({std::string(let.name), "", *Formula::parse(let.formula)});
                for (const MetricValueDef& value : variant.values)
                    formulas.push_back(
                        {std::string(value.id), std::string(value.unit), *Formula::parse(value.formula)});
                MadeUp made_up(7);
                int wrong = 0;
                for (int draw = 0; draw < 10'000 && wrong == 0; ++draw) {
                    Values values = made_up.draw();
                    const auto look_up = [&](std::string_view name) -> std::optional<double> {
                        const auto found = values.find(name);
                        return found == values.end() ? std::nullopt : std::optional(found->second);
                    };
                    for (const Parsed& let : lets)
                        values[let.id] = let.formula.evaluate(look_up).value.value_or(std::nan(""));
                    for (const Parsed& value : formulas) {
                        const double result = value.formula.evaluate(look_up).value.value_or(std::nan(""));
                        const bool may_exceed = metric.id == "clock_ratio"; // boost
                        const bool right = std::isfinite(result) && result >= -1e-6 &&
                                           (value.unit != "%" || may_exceed || result <= 100 + 1e-6);
                        wrong += right ? 0 : 1;
                        if (!right) // an assertion for each would take seconds
                            FAIL_CHECK(value.id << " = " << result << " " << value.unit);
                    }
                }
            }
        }
    }

    TEST_CASE("the top-down shares of every variant add up to 100 %") {
        const MetricDef* topdown = Tables::builtin().state().find_metric("topdown");
        REQUIRE(topdown != nullptr);
        REQUIRE(topdown->variants.size() >= 7);
        for (const MetricVariant& variant : topdown->variants) {
            MadeUp made_up(11);
            for (int draw = 0; draw < 100; ++draw) {
                Values values = made_up.draw();
                for (const LetDef& let : variant.lets)
                    values[std::string(let.name)] = value_of(let.formula, values).value_or(std::nan(""));
                double sum = 0;
                for (const MetricValueDef& value : variant.values)
                    sum += value_of(value.formula, values).value_or(std::nan(""));
                CHECK(sum == doctest::Approx(100));
            }
        }
    }
}
