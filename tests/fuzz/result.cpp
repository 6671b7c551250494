#include "target.hpp"

#include <pmc/gate.hpp>
#include <pmc/replay.hpp>
#include <pmc/result.hpp>
#include <pmc/value_series.hpp>

/// A recorded document: a baseline, a replay, what `gate` and `compare` are given.
namespace fuzz {
namespace {

using namespace pmc;

void judge(const Result& result) {
    for (const ValueSeries& series : series_of(result))
        expect(series.runs.empty() || series.runs.size() == series.values.size(), "each value is of a run");
    for (const char* const assertion : {"cycles<=1000", "ipc.min>1.2", "time==1ms", "llc.mpki.max<2%"})
        expect(check_assertion(result, assertion).has_value(), "an assertion is understood, whatever it is of");
    expect(differences(result, result).empty(), "a document is of one kind with itself");
    (void)check_regression(result, result, Limits{0.02, {{"cycles", 0.01}}});
    (void)baseline_name(result);
    for (const bool is_paired : {false, true})
        for (const Comparison& comparison : compare(result, result, is_paired)) {
            expect(comparison.verdict != Comparison::Verdict::better &&
                       comparison.verdict != Comparison::Verdict::worse,
                   "a document is neither better nor worse than itself");
            (void)comparison.to_json();
        }
}

} // namespace

void take(std::string_view text) {
    const Expected<Result> result = Result::from_json(text);
    if (!result) {
        expect(result.error().kind() == ErrorKind::format, "what is no document is an error of form");
        return;
    }
    const std::string written = result->to_json();
    const Expected<Result> again = Result::from_json(written);
    expect(again.has_value(), "what was written can be read");
    expect(again->to_json() == written, "and is written as it was");
    judge(*result);
    expect(replay(*result).has_value(), "what was read can be replayed");
    const Expected<Result> asked = replay(*result, "ipc,llc,cycles,x=instructions/cycles");
    expect(asked.has_value(), "a list that is understood can be asked for");
    expect(Result::from_json(asked->to_json()).has_value(), "a replay is a document");
}

} // namespace fuzz
