#include "cells.hpp"

#include "number.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cli {

using pmc::EventCount;
using pmc::MetricValue;
using pmc::Reason;
using pmc::Result;
using pmc::Sample;
using pmc::State;
using pmc::record::percent_text;
using pmc::record::printable;
using pmc::record::ratio_text;

std::string number_text(const MetricValue& metric) {
    return model_mark(metric.source) + ratio_text(metric.number);
}

const char* model_mark(std::string_view source) {
    return source == "model" ? "~" : "";
}

std::string value_text(const MetricValue& metric) {
    const bool stands_alone = metric.unit.empty() || metric.unit == "insn/cycle";
    return stands_alone ? number_text(metric) : fmt::format("{} {}", number_text(metric), metric.unit);
}

namespace {

const char* missing_text(State state, const Reason& reason) {
    return reason.cause == pmc::Cause::division_by_zero ? "-" : state == State::not_counted ? "not counted" : "n/a";
}

} // namespace

const char* missing_text(const MetricValue& metric) {
    return missing_text(metric.state, metric.reason);
}

const char* missing_text(const EventCount& event) {
    return missing_text(event.count.state(), event.reason);
}

const char* missing_text(const pmc::ValueSeries& series) {
    return missing_text(series.state, series.reason);
}

bool is_shown(const pmc::ValueSeries& series) {
    return series.kind != pmc::ValueSeries::Kind::event || series.is_asked;
}

std::string why_not(const Result& result, const Reason& reason) {
    if (result.no_pmu && reason.evidence == result.no_pmu.evidence)
        return std::string(pmc::record::no_counters_text(result.no_pmu.cause));
    return reason.evidence;
}

std::string coverage_note(double coverage) {
    return coverage < full_coverage ? fmt::format("counted {}: ", percent_text(coverage)) : std::string();
}

std::string with_core(const std::string& name, const std::string& core) {
    return core.empty() ? name : fmt::format("{} ({})", name, core);
}

std::string row_name(const std::string& scope, const std::string& id) {
    return printable(id.empty() ? scope : scope + ' ' + id);
}

std::string hint_lines(const Result& result, const std::vector<Sample>& samples) {
    std::vector<std::string> remedies;
    const auto add = [&](const Reason& reason) {
        if (!reason.remedy.empty() && std::find(remedies.begin(), remedies.end(), reason.remedy) == remedies.end())
            remedies.push_back(reason.remedy);
    };
    add(result.no_pmu);
    for (const Sample& sample : samples) {
        for (const MetricValue& metric : sample.metrics)
            add(metric.reason);
        for (const EventCount& event : sample.events)
            if (event.asked)
                add(event.reason);
    }
    if (result.no_pmu && result.run.target.empty() && !result.run.argv.empty())
        remedies.emplace_back("or count it on a modelled processor, with valgrind: --backend model");
    std::string text;
    for (const std::string& remedy : remedies)
        text += fmt::format("  hint: {}\n", printable(remedy));
    return text;
}

} // namespace cli
