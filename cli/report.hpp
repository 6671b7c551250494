#pragma once

#include "report_perf.hpp"
#include "report_prom.hpp"

#include <pmc/result.hpp>

#include <span>
#include <string>

namespace cli {

/// What a report looks like.
enum class Format {
    text,      ///< for people
    json,      ///< the whole document
    ndjson,    ///< a sample a line
    csv,       ///< a table with a header row
    prom,      ///< for Prometheus: totals, as node_exporter's textfile collector reads them
    perf_csv,  ///< -x: as perf stat has it
    perf_json, ///< -j: likewise
};

struct ReportForm {
    Format format = Format::text;
    std::string separator{}; ///< of perf_csv
    bool verbose = false;    ///< of text
    int columns = 100;       ///< of text: how wide a table may be
    PerfShape perf{};        ///< of perf_csv and perf_json
    PromForm prom{};         ///< of prom
};

/// Whether the form can say that a number is a model's and was not measured.
bool can_mark_models(Format format) noexcept;

/// A whole document. Of a recorded one, perf_shape_of() tells the shape.
std::string report_of(const pmc::Result& result, const ReportForm& form);

/// A sample a line, as it stands in the document.
std::string ndjson_lines(std::span<const pmc::Sample> samples);

} // namespace cli
