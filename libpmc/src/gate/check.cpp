#include "gate/check.hpp"

#include "gate/judgement.hpp"
#include "table/quote.hpp"

#include <string>

namespace pmc {
namespace {

ValueSeries series_of(const MeasuredValue& value) {
    ValueSeries series;
    series.name = value.name;
    series.unit = value.unit;
    series.core = value.core;
    series.kind = value.is_event ? ValueSeries::Kind::event : ValueSeries::Kind::metric;
    series.state = value.state;
    series.reason = value.reason;
    series.is_repeated = true;
    series.summary = value.summary;
    return series;
}

Verdict no_answer(Outcome outcome, std::string message, const std::string& hint = {}) {
    if (!hint.empty())
        message += "; " + hint;
    return {outcome, std::move(message)};
}

} // namespace

Verdict judge(const Assertion& assertion, const MeasuredValue& value) {
    const Judgement judgement = judge(assertion, series_of(value));
    const std::string subject =
        judgement.is_of_statistic ? assertion.name + "." + std::string{to_string(assertion.statistic)} : value.name;
    return no_answer(judgement.outcome, subject + " is " + judgement.found, judgement.hint);
}

Verdict Measurement::check(std::string_view text) const {
    const Expected<Assertion> assertion = parse_assertion(text);
    if (!assertion)
        return no_answer(Outcome::invalid, assertion.error().message(), assertion.error().hint());
    // Gates of the command line know it by the other name.
    if (const MeasuredValue* value = find(assertion->name == "time" ? "seconds" : assertion->name))
        return judge(*assertion, *value);
    std::string names;
    for (const MeasuredValue& value : values_)
        names += (names.empty() ? "there are " : ", ") + value.name;
    return no_answer(Outcome::invalid, "nothing was measured by the name " + quoted(assertion->name), names);
}

} // namespace pmc
