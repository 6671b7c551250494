#include "report.hpp"

#include "report_csv.hpp"
#include "report_text.hpp"

namespace cli {

bool can_mark_models(Format format) noexcept {
    return format != Format::prom && format != Format::perf_csv && format != Format::perf_json;
}

std::string report_of(const pmc::Result& result, const ReportForm& form) {
    switch (form.format) {
    case Format::json:
        return result.to_json();
    case Format::ndjson:
        return ndjson_lines(result.samples);
    case Format::csv:
        return csv_report(result);
    case Format::prom:
        return prom_text(result, form.prom);
    case Format::perf_csv:
        return perf_csv_lines(result.samples, form.separator, form.perf);
    case Format::perf_json:
        return perf_json_lines(result.samples, form.perf);
    case Format::text:
        break;
    }
    return text_report(result, form.verbose, form.columns);
}

std::string ndjson_lines(std::span<const pmc::Sample> samples) {
    std::string lines;
    for (const pmc::Sample& sample : samples)
        lines.append(sample.to_json()).append("\n");
    return lines;
}

} // namespace cli
