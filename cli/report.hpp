#pragma once

#include <pmc/result.hpp>

#include <string>

namespace cli {

/// What a report looks like.
enum class Format {
    text,      ///< for people
    json,      ///< the whole document
    csv,       ///< a table with a header row
    perf_csv,  ///< -x: as perf stat has it
    perf_json, ///< -j: likewise
};

struct ReportForm {
    Format format = Format::text;
    std::string separator; ///< of perf_csv
    bool verbose = false;  ///< of text
    int columns = 100;     ///< of text: how wide a table may be
};

std::string report_of(const pmc::Result& result, const ReportForm& form);

} // namespace cli
