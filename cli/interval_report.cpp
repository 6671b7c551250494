#include "interval_report.hpp"

#include "report_text.hpp"

#include <pmc/version.hpp>

#include <iterator>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Result;
using pmc::Sample;

IntervalText::Sparks sparks_for(const TimeOptions& time, const Screen& screen) {
    if (!time.spark)
        return IntervalText::Sparks::none;
    return screen.is_terminal && has_utf8_locale() ? IntervalText::Sparks::blocks : IntervalText::Sparks::ascii;
}

} // namespace

IntervalReport::IntervalReport(Result described, ReportForm form, const TimeOptions& time, Output& output)
    : described_(std::move(described)),
      form_(std::move(form)),
      output_(output),
      text_(described_, time.interval_ms.value_or(0), Screen::of(output.fd()),
            sparks_for(time, Screen::of(output.fd()))) {
    described_.tool = std::string("pmcstat ") + pmc::version();
    form_.columns = Screen::of(output.fd()).columns;
}

bool IntervalReport::takes_totals() const noexcept {
    return false;
}

Expected<bool> IntervalReport::add(const std::vector<Sample>& samples) {
    if (form_.format != Format::text) {
        samples_.insert(samples_.end(), samples.begin(), samples.end());
        return true;
    }
    piece_.clear();
    text_.add(samples, piece_);
    return output_.append(piece_);
}

Expected<bool> IntervalReport::end(Result result) {
    result.tool = described_.tool;
    if (form_.format == Format::text) {
        std::string text = text_.end();
        const std::string rest = text_report(result, form_.verbose, form_.columns);
        if (!rest.empty() && !result.samples.empty())
            text += '\n';
        return output_.append(text + rest);
    }
    samples_.insert(samples_.end(), std::make_move_iterator(result.samples.begin()),
                    std::make_move_iterator(result.samples.end()));
    result.samples = std::move(samples_);
    return output_.write(report_of(result, form_));
}

} // namespace cli
