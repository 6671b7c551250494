#include "target.hpp"

#include "report.hpp"

#include <pmc/result.hpp>

/// A recorded document in every form that pmcstat writes.
namespace fuzz {

void take(std::string_view text) {
    const pmc::Expected<pmc::Result> result = pmc::Result::from_json(text);
    if (!result)
        return;
    using cli::Format;
    for (const Format format :
         {Format::text, Format::json, Format::ndjson, Format::csv, Format::prom, Format::perf_csv, Format::perf_json})
        (void)cli::report_of(*result, {format, ";", true, 60});
    (void)cli::report_of(*result, {Format::text, "", false, 1});
}

} // namespace fuzz
