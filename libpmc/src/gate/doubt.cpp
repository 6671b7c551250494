#include "gate/doubt.hpp"

#include "record/number.hpp"

#include <cstddef>

namespace pmc {
namespace {

std::string ended_with(int status) {
    return " ended with status " + std::to_string(status);
}

} // namespace

std::optional<Doubt> doubt_of(const ValueSeries& series) {
    if (!series.has_value())
        return Doubt{std::string{to_string(series.state)} +
                         (series.reason.evidence.empty() ? "" : ": " + series.reason.evidence),
                     series.reason.remedy};
    if (series.coverage < least_coverage)
        return Doubt{"an estimate: it was counted " + record::percent_text(series.coverage) + " of the time",
                     "ask for fewer events at once"};
    return std::nullopt;
}

std::string failure_of(const Result& result) {
    if (result.repeats && result.repeats->allow_failures)
        return {};
    for (std::size_t run = 0; run < result.runs.size(); ++run) {
        if (result.runs[run].status != 0)
            return "run " + std::to_string(run) + ended_with(result.runs[run].status);
    }
    if (result.run.status != 0)
        return "it" + ended_with(result.run.status);
    if (result.repeats && result.repeats->failed != 0)
        return std::to_string(result.repeats->failed) + " of its runs did";
    return {};
}

bool is_count(const ValueSeries& series) noexcept {
    if (series.kind == ValueSeries::Kind::time)
        return false;
    return series.source == "model" || (series.kind == ValueSeries::Kind::event && series.unit.empty());
}

} // namespace pmc
