#include "gate/doubt.hpp"

#include "record/number.hpp"

namespace pmc {

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

bool is_count(const ValueSeries& series) noexcept {
    if (series.kind == ValueSeries::Kind::time)
        return false;
    return series.source == "model" || (series.kind == ValueSeries::Kind::event && series.unit.empty());
}

} // namespace pmc
