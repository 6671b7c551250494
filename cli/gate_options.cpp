#include "gate_options.hpp"

#include "errors.hpp"
#include "number_list.hpp"

#include <CLI/CLI.hpp>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;

constexpr const char* group = "Gates: what a merge may depend on";

} // namespace

void GateArguments::add_to_document(CLI::App& app) {
    app.add_option("--assert", assertions_,
                   "fail unless it holds: 'ipc>=1.2', 'cycles.max<12M', 'time<1.5ms'; may be repeated")
        ->option_text("EXPR")
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--baseline", baseline_, "compare with what was saved there: a file, or a folder of machines'")
        ->option_text("FILE")
        ->group(group);
    app.add_option("--max-regression", limits_, "fail if it is worse than the baseline by more: 2%, or 2%,cycles=1%")
        ->option_text("LIMITS")
        ->group(group);
    app.add_option("--explain", explain_, "also tell what a metric or event was made of; may be repeated")
        ->option_text("NAME")
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--junit", junit_, "also write the verdicts as JUnit XML")->option_text("FILE")->group(group);
    app.add_flag("--github", github_, "also write them to stdout as annotations for GitHub")->group(group);
}

void GateArguments::add_to(CLI::App& app) {
    add_to_document(app);
    app.add_option("--save-baseline", save_baseline_, "save what was measured: a file, or a folder of machines'")
        ->option_text("FILE")
        ->group(group);
    app.add_option("--max-runs", max_runs_, "run at most so often to come to a verdict (3 times -r, 6 at least)")
        ->option_text("N")
        ->group(group);
}

std::string GateArguments::first() const {
    return !assertions_.empty() ? "--assert"
           : baseline_          ? "--baseline"
           : limits_            ? "--max-regression"
           : save_baseline_     ? "--save-baseline"
           : max_runs_          ? "--max-runs"
           : !explain_.empty()  ? "--explain"
           : junit_             ? "--junit"
           : github_            ? "--github"
                                : "";
}

Expected<GateOptions> GateArguments::options() const {
    GateOptions options{.assertions = assertions_,
                        .baseline = baseline_.value_or(""),
                        .save_baseline = save_baseline_.value_or(""),
                        .explain = explain_,
                        .junit = junit_.value_or(""),
                        .github = github_};
    for (const std::string& assertion : assertions_)
        if (const Expected<std::string> name = pmc::asserted_name(assertion); !name)
            return misuse("--assert: " + name.error().message(), name.error().hint());
    for (const std::string& name : explain_)
        if (name.empty() || name.find_first_of(" ,{}=") != std::string::npos)
            return misuse("--explain: '" + name + "' is no name",
                          "name one metric or event of the list; it may be repeated");
    for (const auto& [option, path] : {std::pair{"--baseline", &baseline_},
                                       std::pair{"--save-baseline", &save_baseline_}, std::pair{"--junit", &junit_}})
        if (*path && (*path)->empty())
            return misuse(std::string(option) + ": the path is empty", "is a variable not set?");
    if (limits_) {
        Expected<pmc::Limits> limits = pmc::Limits::parse(*limits_);
        if (!limits)
            return misuse("--max-regression: " + limits.error().message(), limits.error().hint());
        options.limits = *std::move(limits);
    }
    if (baseline_ && !limits_)
        return misuse("--baseline without --max-regression: how much worse may it become?", "add --max-regression 2%");
    if (limits_ && !baseline_)
        return misuse("--max-regression without --baseline: worse than what?",
                      "add --baseline FILE; pmcstat --save-baseline FILE makes one");
    if (max_runs_) {
        const Expected<int> runs = whole_number("--max-runs", *max_runs_, 1, 1'000'000);
        if (!runs)
            return runs.error();
        options.max_runs = static_cast<unsigned>(*runs);
    }
    if ((junit_ || github_) && !options.has_gate())
        return misuse(std::string(junit_ ? "--junit" : "--github") +
                          " without --assert or --baseline: there are no verdicts",
                      "add one of them");
    return options;
}

} // namespace cli
