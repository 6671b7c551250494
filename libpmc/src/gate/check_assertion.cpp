#include "gate/doubt.hpp"
#include "gate/judgement.hpp"
#include "gate/rows.hpp"
#include "table/quote.hpp"

#include <pmc/gate.hpp>

#include <algorithm>

namespace pmc {
namespace {

/// The command's, where it has one of this name; else those of all rows. Of a metric of several core types those that
/// it ran on.
std::vector<ValueSeries> values_named(std::vector<ValueSeries> values, std::string_view name) {
    std::erase_if(values, [&](const ValueSeries& one) { return !is_named(one, name); });
    if (std::ranges::any_of(values, [](const ValueSeries& one) { return one.scope.empty(); }))
        std::erase_if(values, [](const ValueSeries& one) { return !one.scope.empty(); });
    if (std::ranges::any_of(values, &ValueSeries::has_value))
        std::erase_if(values, never_ran);
    return values;
}

Check check_of(const Assertion& assertion, const ValueSeries& value) {
    const Judgement judgement = judge(assertion, value);
    Check check;
    check.outcome = judgement.outcome;
    check.name = full_name(value);
    check.scope = value.scope;
    check.id = value.id;
    // Of several runs it must be said which number it is.
    if (judgement.is_of_statistic && value.is_repeated)
        check.message = std::string{to_string(assertion.statistic)} + " ";
    check.message += judgement.found;
    check.hint = judgement.hint;
    check.unit = value.unit;
    check.source = value.source;
    if (value.has_value())
        check.value = value.summary;
    check.limit = judgement.limit;
    return check;
}

Check invalid(std::string name, std::string message, std::string hint) {
    Check check;
    check.outcome = Outcome::invalid;
    check.name = std::move(name);
    check.message = std::move(message);
    check.hint = std::move(hint);
    return check;
}

std::vector<Check> checks_of(const Result& result, const Assertion& assertion, std::string_view region) {
    const std::vector<std::string> regions = regions_of(result);
    if (!region.empty() && std::ranges::find(regions, region) == regions.end())
        return {invalid(assertion.name, "there is no region " + quoted(region),
                        regions.empty() ? "the document has no regions" : hint_for(region, regions))};
    const std::vector<ValueSeries> values = gated_values(result, region);
    std::vector<Check> checks;
    for (const ValueSeries& value : values_named(values, assertion.name))
        checks.push_back(check_of(assertion, value));
    if (checks.empty())
        checks.push_back(invalid(assertion.name, "nothing was measured by the name " + quoted(assertion.name),
                                 hint_for(assertion.name, names_of(values))));
    return checks;
}

} // namespace

Expected<std::vector<Check>> check_assertion(const Result& result, std::string_view assertion,
                                             std::string_view region) {
    const Expected<Assertion> parsed = parse_assertion(assertion);
    if (!parsed)
        return parsed.error();
    std::vector<Check> checks = checks_of(result, *parsed, region);
    const std::string failure = failure_of(result);
    for (Check& check : checks) {
        check.asked = assertion;
        if (failure.empty() || check.outcome == Outcome::invalid)
            continue;
        check.outcome = Outcome::unknown;
        check.message = "the command failed: " + failure;
        check.hint.clear();
    }
    return checks;
}

Expected<std::string> asserted_name(std::string_view assertion) {
    Expected<Assertion> parsed = parse_assertion(assertion);
    if (!parsed)
        return std::move(parsed.error());
    return std::move(parsed->name);
}

} // namespace pmc
