#include "gate.hpp"

#include "explain.hpp"
#include "gate_report.hpp"
#include "github_annotations.hpp"
#include "junit.hpp"
#include "print.hpp"

#include <pmc/gate.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace cli {
namespace {

using pmc::Check;
using pmc::Difference;
using pmc::Expected;
using pmc::Outcome;
using pmc::Result;

bool is_open(const Check& check) {
    return check.outcome == Outcome::inconclusive;
}

/// Whether it is worth being saved for a gate.
bool is_for_gates(const pmc::ValueSeries& series) {
    return series.has_value() && series.is_asked && series.kind != pmc::ValueSeries::Kind::time;
}

/// Whether counts that could be saved differ from run to run more than those that repeat.
bool strays(const pmc::ValueSeries& series) {
    return is_for_gates(series) && !pmc::repeats(series.summary);
}

/// Whether a verdict of a few runs is one of counts that repeat; or none that more runs could change.
bool is_settled(const Check& check) {
    if (check.outcome != Outcome::pass && check.outcome != Outcome::fail)
        return check.outcome != Outcome::inconclusive;
    if (check.change)
        return check.change->basis == pmc::Change::Basis::repeats;
    return check.value && pmc::repeats(*check.value);
}

/// An error whose hint would not help, with one that does.
pmc::Error with_hint(const pmc::Error& error, std::string hint) {
    return pmc::Error(error.kind(), error.stage(), error.message(), std::move(hint));
}

constexpr const char* junit_path = "give --junit a path that you may write to";

Check no_baseline(const pmc::Error& error) {
    Check check;
    check.outcome = error.kind() == pmc::ErrorKind::not_available ? Outcome::unknown : Outcome::invalid;
    check.name = "baseline";
    check.message = error.message();
    check.hint = error.hint();
    return check;
}

} // namespace

Expected<Gate> Gate::open(const GateOptions& options) {
    Gate gate(options);
    if (!options.baseline.empty()) {
        Expected<Baseline> baseline = Baseline::open(options.baseline);
        if (!baseline)
            return baseline.error();
        gate.baseline_.emplace(*std::move(baseline));
    }
    if (!options.save_baseline.empty()) {
        Expected<BaselinePlace> place = BaselinePlace::open(options.save_baseline);
        if (!place)
            return place.error();
        gate.place_.emplace(*std::move(place));
    }
    if (!options.junit.empty()) {
        Expected<Output> junit = Output::open(options.junit);
        if (!junit)
            return with_hint(junit.error(), junit_path);
        gate.junit_.emplace(*std::move(junit));
    }
    return gate;
}

std::vector<Check> Gate::check(const Result& result, const std::string& region) const {
    std::vector<Check> checks;
    for (const std::string& assertion : options_.assertions)
        if (Expected<std::vector<Check>> found = pmc::check_assertion(result, assertion, region))
            std::ranges::move(*found, std::back_inserter(checks));
    if (!baseline_)
        return checks;
    const Expected<Result> then = baseline_->for_run(result);
    if (!then) {
        checks.push_back(no_baseline(then.error()));
        return checks;
    }
    std::ranges::move(pmc::check_regression(result, *then, *options_.limits, region), std::back_inserter(checks));
    return checks;
}

bool Gate::wants_more(const Result& result) const {
    return std::ranges::any_of(check(result), is_open);
}

bool Gate::wants_usual_runs(const Result& result) const {
    return !std::ranges::all_of(check(result), is_settled) ||
           (place_ && std::ranges::any_of(pmc::series_of(result), strays));
}

Expected<bool> Gate::publish(Result& result) {
    std::vector<Difference> warnings;
    if (baseline_)
        if (const Expected<Result> then = baseline_->for_run(result))
            warnings = pmc::differences(result, *then);
    std::erase_if(warnings, [](const Difference& difference) { return difference.is_hard; });
    for (const Difference& difference : warnings)
        result.notes.push_back(fmt::format("the baseline differs in {}: it has {}, this has {}", difference.what,
                                           difference.then.empty() ? "unknown" : difference.then,
                                           difference.now.empty() ? "unknown" : difference.now));
    if (junit_) {
        const Expected<bool> written = junit_->write(junit_xml(result.verdicts, "pmcstat", result.run.elapsed_s));
        if (!written)
            return with_hint(written.error(), junit_path);
    }
    // A command's last line may lack its end, and then would be a part of the first annotation.
    if (options_.github && print('\n' + github_annotations(result.verdicts, warnings), "annotations") != 0)
        return false;
    return true;
}

Expected<bool> Gate::save(Result& result) {
    if (std::ranges::none_of(pmc::series_of(result), is_for_gates))
        return pmc::Error(pmc::ErrorKind::not_available, pmc::Stage::document,
                          "no baseline was saved: nothing was counted that a gate could compare",
                          "where there is no PMU, --backend model counts");
    Result document = result;
    document.verdicts.clear(); // they are about another baseline
    const Expected<std::string> saved = place_->save(document);
    if (!saved)
        return with_hint(saved.error(), "give --save-baseline a path that you may write to");
    result.notes.push_back("the baseline was saved: " + *saved);
    return true;
}

Expected<std::string> Gate::explanations(const Result& result) const {
    std::string text;
    for (const std::string& name : options_.explain) {
        const Expected<std::string> explained = explain(result, name == "seconds" ? "time" : name);
        if (!explained)
            return explained.error();
        text += '\n' + *explained;
    }
    return text;
}

} // namespace cli
