#include "interval_report.hpp"

#include "report_csv.hpp"
#include "report_text.hpp"
#include "screen.hpp"

#include <pmc/version.hpp>

#include <iterator>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Result;
using pmc::Sample;

} // namespace

IntervalReport::IntervalReport(Result described, ReportForm form, const TimeOptions& time, Output& output)
    : described_(std::move(described)), form_(std::move(form)), output_(output) {
    described_.tool = std::string("pmcstat ") + pmc::version();
    if (form_.format != Format::text)
        return;
    const Screen screen = Screen::of(output.fd());
    const bool blocks = screen.is_terminal && has_utf8_locale();
    form_.columns = screen.columns;
    text_.emplace(described_, time.interval_ms.value_or(0), screen,
                  !time.spark ? IntervalText::Sparks::none
                  : blocks    ? IntervalText::Sparks::blocks
                              : IntervalText::Sparks::ascii);
}

bool IntervalReport::takes_totals() const noexcept {
    return form_.format == Format::prom;
}

std::string IntervalReport::lines_of(const std::vector<Sample>& samples) {
    switch (form_.format) {
    case Format::ndjson:
        return ndjson_lines(samples);
    case Format::csv:
        return std::exchange(has_header_, true) ? csv_rows(samples) : csv_header() + csv_rows(samples);
    case Format::perf_csv:
        return perf_csv_lines(samples, form_.separator, form_.perf);
    case Format::perf_json:
        return perf_json_lines(samples, form_.perf);
    case Format::text:
    case Format::json:
    case Format::prom:
        break;
    }
    return {};
}

Expected<bool> IntervalReport::add(const std::vector<Sample>& samples) {
    switch (form_.format) {
    case Format::text:
        piece_.clear();
        has_begun_ = true;
        text_->add(samples, piece_);
        return output_.append(piece_);
    case Format::json: // one document
        samples_.insert(samples_.end(), samples.begin(), samples.end());
        return true;
    case Format::prom: // on stderr, one document
        if (output_.is_stderr())
            return true;
        described_.samples = samples;
        return output_.write(prom_text(described_, form_.prom));
    default:
        return output_.append(lines_of(samples));
    }
}

Expected<bool> IntervalReport::end(Result result) {
    result.tool = described_.tool;
    switch (form_.format) {
    case Format::text: {
        std::string text = text_->end();
        const std::string rest = text_report(result, form_.verbose, form_.columns);
        if (!result.samples.empty() && has_begun_)
            text += '\n';
        return output_.append(text + rest);
    }
    case Format::json:
        samples_.insert(samples_.end(), std::make_move_iterator(result.samples.begin()),
                        std::make_move_iterator(result.samples.end()));
        result.samples = std::move(samples_);
        return output_.write(report_of(result, form_));
    case Format::prom:
        return output_.write(prom_text(result, form_.prom));
    default:
        return output_.append(lines_of(result.samples));
    }
}

} // namespace cli
