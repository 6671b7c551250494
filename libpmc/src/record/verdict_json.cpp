#include "record/verdict_json.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace pmc::record {
namespace {

using Basis = Change::Basis;

constexpr std::array<std::pair<Basis, std::string_view>, 3> bases{
    {{Basis::too_few, "too few"}, {Basis::ranks, "ranks"}, {Basis::repeats, "repeats"}}};
constexpr std::array outcomes = {Outcome::pass, Outcome::fail, Outcome::unknown, Outcome::inconclusive,
                                 Outcome::invalid};

Json finite_or_null(double number) {
    return std::isfinite(number) ? Json(number) : Json(nullptr);
}

Json to_json(const Interval& interval) {
    return {{"low", finite_or_null(interval.low)},
            {"high", finite_or_null(interval.high)},
            {"confidence", interval.confidence}};
}

Interval read_interval(const Place& place) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const Place low = place.at("low");
    const Place high = place.at("high");
    const Interval interval{low.is_null() ? -infinity : low.number(), high.is_null() ? infinity : high.number(),
                            place.at("confidence").number()};
    if (interval.low > interval.high)
        high.fail("a number that is not below the interval's low one");
    if (interval.confidence < 0 || interval.confidence > 1)
        place.at("confidence").fail("a number from 0 to 1");
    return interval;
}

void put_summary(Json& to, const Summary& summary) {
    to["samples"] = summary.samples;
    to["min"] = finite_or_null(summary.min);
    to["median"] = finite_or_null(summary.median);
    to["max"] = finite_or_null(summary.max);
    to["interval"] = to_json(summary.interval);
}

Summary read_summary(const Place& place) {
    const Summary summary{place.at("samples").count(), place.at("min").number(), place.at("median").number(),
                          place.at("max").number(), read_interval(place.at("interval"))};
    if (summary.samples == 0)
        place.at("samples").fail("a number above 0");
    if (summary.median < summary.min || summary.median > summary.max)
        place.at("median").fail("a number from min to max");
    // An end that is not known (null) is beyond all numbers.
    const auto [low, high, confidence] = summary.interval;
    if (std::isfinite(low) && (low < summary.min || low > summary.median))
        place.at("interval").at("low").fail("a number from min to the median");
    if (std::isfinite(high) && (high > summary.max || high < summary.median))
        place.at("interval").at("high").fail("a number from the median to max");
    return summary;
}

Change read_change(const Place& place) {
    Change change;
    change.is_defined = !place.at("change").is_null();
    if (change.is_defined)
        change.change = place.at("change").number();
    change.interval = read_interval(place.at("interval"));
    const std::string basis = place.at("basis").text();
    for (const auto& [known, text] : bases) {
        if (text != basis)
            continue;
        change.basis = known;
        return change;
    }
    place.at("basis").fail("\"too few\", \"ranks\" or \"repeats\"");
}

Outcome read_outcome(const Place& place) {
    const std::string text = place.text();
    for (const Outcome outcome : outcomes)
        if (text == to_string(outcome))
            return outcome;
    place.fail("\"pass\", \"fail\", \"unknown\", \"inconclusive\" or \"invalid\"");
}

/// Unless it says what is usual.
void put_text(Json& to, const char* key, const std::string& text, std::string_view usual = {}) {
    if (text != usual)
        to[key] = text;
}

} // namespace

Json to_json(const Summary& summary) {
    Json json;
    put_summary(json, summary);
    return json;
}

Json to_json(const Change& change) {
    Json json = {{"change", change.is_defined ? finite_or_null(change.change) : Json(nullptr)},
                 {"interval", to_json(change.interval)}};
    for (const auto& [basis, text] : bases)
        if (basis == change.basis)
            json["basis"] = text;
    return json;
}

Json to_json(const Statistic& statistic) {
    Json json = {{"name", statistic.name}};
    put_text(json, "scope", statistic.scope);
    put_text(json, "id", statistic.id);
    put_text(json, "core", statistic.core);
    put_text(json, "unit", statistic.unit);
    put_text(json, "source", statistic.source, "measured");
    put_summary(json, statistic.summary);
    if (!statistic.outliers.empty())
        json["outliers"] = statistic.outliers;
    return json;
}

Statistic read_statistic(const Place& place) {
    Statistic statistic;
    statistic.name = place.at("name").text();
    statistic.scope = place.text("scope");
    statistic.id = place.text("id");
    statistic.core = place.text("core");
    statistic.unit = place.text("unit");
    statistic.source = place.text("source", "measured");
    statistic.summary = read_summary(place);
    if (!place.has("outliers"))
        return statistic;
    for (const Place& run : place.at("outliers").elements()) {
        statistic.outliers.push_back(run.integer());
        if (statistic.outliers.back() < 0)
            run.fail("a number that is not negative");
    }
    return statistic;
}

Json to_json(const Check& check) {
    Json json = {{"outcome", to_string(check.outcome)}, {"name", check.name}};
    put_text(json, "scope", check.scope);
    put_text(json, "id", check.id);
    json["asked"] = check.asked;
    json["message"] = check.message;
    put_text(json, "hint", check.hint);
    put_text(json, "unit", check.unit);
    put_text(json, "source", check.source, "measured");
    if (check.value)
        json["value"] = to_json(*check.value);
    if (check.baseline)
        json["baseline"] = to_json(*check.baseline);
    if (check.change)
        json["change"] = to_json(*check.change);
    if (check.limit)
        json["limit"] = *check.limit;
    return json;
}

Check read_check(const Place& place) {
    Check check;
    check.outcome = read_outcome(place.at("outcome"));
    check.name = place.at("name").text();
    check.scope = place.text("scope");
    check.id = place.text("id");
    check.asked = place.at("asked").text();
    check.message = place.at("message").text();
    check.hint = place.text("hint");
    check.unit = place.text("unit");
    check.source = place.text("source", "measured");
    if (place.has("value"))
        check.value = read_summary(place.at("value"));
    if (place.has("baseline"))
        check.baseline = read_summary(place.at("baseline"));
    if (place.has("change"))
        check.change = read_change(place.at("change"));
    if (place.has("limit"))
        check.limit = place.at("limit").number();
    return check;
}

} // namespace pmc::record
