#include "report.hpp"

#include "report_csv.hpp"
#include "report_perf.hpp"
#include "report_text.hpp"

namespace cli {

std::string report_of(const pmc::Result& result, const ReportForm& form) {
    switch (form.format) {
    case Format::json:
        return result.to_json();
    case Format::csv:
        return csv_report(result);
    case Format::perf_csv:
        return perf_csv(result, form.separator);
    case Format::perf_json:
        return perf_json(result);
    case Format::text:
        break;
    }
    return text_report(result, form.verbose, form.columns);
}

} // namespace cli
