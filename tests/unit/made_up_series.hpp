#pragma once

#include <pmc/gate.hpp>
#include <pmc/result.hpp>
#include <pmc/value_series.hpp>

#include <string>
#include <vector>

/// Values over runs, for reports: made up, as nothing here measures.
namespace made_up {

inline pmc::ValueSeries series(const std::string& name, pmc::ValueSeries::Kind kind, const std::string& unit,
                               std::vector<double> values) {
    pmc::ValueSeries one;
    one.name = one.label = name;
    one.unit = unit;
    one.kind = kind;
    one.better = pmc::ValueSeries::Better::lower;
    one.state = pmc::State::counted;
    one.is_repeated = true;
    one.summary = pmc::summarize(values);
    for (std::size_t run = 0; run < values.size(); ++run)
        one.runs.push_back(static_cast<int>(run));
    one.values = std::move(values);
    return one;
}

inline pmc::ValueSeries event(const std::string& name, std::vector<double> values) {
    return series(name, pmc::ValueSeries::Kind::event, "", std::move(values));
}

inline pmc::ValueSeries time(std::vector<double> values) {
    return series("time", pmc::ValueSeries::Kind::time, "s", std::move(values));
}

inline pmc::ValueSeries missing(const std::string& name, const std::string& why) {
    pmc::ValueSeries one;
    one.name = one.label = name;
    one.reason = {pmc::Cause::not_on_this_cpu, 0, why, "ask for another"};
    return one;
}

/// So many runs of ./app that ended with 0.
inline pmc::Result repeated(unsigned runs) {
    pmc::Result result;
    result.run.argv = {"./app"};
    result.runs.assign(runs, result.run);
    result.repeats = pmc::Result::Repeats{runs, 0, 0, 0, ""};
    for (unsigned run = 0; run < runs; ++run) {
        pmc::Sample sample;
        sample.run = static_cast<int>(run);
        sample.end_s = 1;
        result.samples.push_back(sample);
    }
    return result;
}

inline pmc::Comparison comparison(pmc::ValueSeries a, pmc::ValueSeries b, pmc::Change change,
                                  pmc::Comparison::Verdict verdict) {
    return {std::move(a), std::move(b), change, verdict, ""};
}

inline pmc::Change change(double by, double low, double high) {
    return {by, {low, high, 0.95}, pmc::Change::Basis::ranks, true};
}

} // namespace made_up
