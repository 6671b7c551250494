#pragma once

#include "interval_text.hpp"
#include "output.hpp"
#include "report.hpp"
#include "time_options.hpp"

#include <pmc/expected.hpp>
#include <pmc/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cli {

/// The report on what is counted in intervals: what can be written as it comes is written at once, each interval by one
/// write.
class IntervalReport {
public:
    /// `described`: what is counted, without samples.
    IntervalReport(pmc::Result described, ReportForm form, const TimeOptions& time, Output& output);

    /// Whether it is to be given the totals by then, rather than the interval alone.
    [[nodiscard]] bool takes_totals() const noexcept;
    /// Errors: io.
    pmc::Expected<bool> add(const std::vector<pmc::Sample>& samples);
    /// `result` has the totals if they are asked for, and what the command's regions came to. Errors: io.
    pmc::Expected<bool> end(pmc::Result result);

private:
    /// Of forms that go on line by line.
    std::string lines_of(const std::vector<pmc::Sample>& samples);

    pmc::Result described_;
    ReportForm form_;
    Output& output_;
    std::optional<IntervalText> text_; ///< of text
    bool has_begun_ = false;           ///< of text: an interval was told
    bool has_header_ = false;          ///< of csv: it was written
    std::string piece_;                ///< what is written next; its memory is reused
    std::vector<pmc::Sample> samples_; ///< of a form that is written as a whole
};

} // namespace cli
