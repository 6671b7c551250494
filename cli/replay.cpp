#include "replay.hpp"

#include "errors.hpp"
#include "output.hpp"
#include "recorded.hpp"
#include "report.hpp"
#include "status.hpp"
#include "tables.hpp"

#include <pmc/replay.hpp>

#include <cstdlib>
#include <fmt/format.h>
#include <string>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Result;

Expected<Result> replayed(const ReplayOptions& options) {
    Expected<Result> result =
        read_result(options.file, "give --replay the path of a file that pmcstat --format json wrote");
    if (!result)
        return result;
    const Expected<pmc::Tables> tables = load_tables(options.tables);
    if (!tables)
        return tables.error();
    setenv("LIBPFM_ENCODE_INACTIVE", "1", 0); // no command is there that could inherit it
    return pmc::replay(*result, options.events, *tables);
}

} // namespace

int replay(const ReplayOptions& options) {
    const Expected<Result> result = replayed(options);
    if (!result) {
        print_error(result.error());
        return status::failed;
    }
    if (result->run.backend == "model" && !can_mark_models(options.form.format)) {
        print_error("this form can't say that numbers are modelled and not measured", "take text, json, ndjson or csv");
        return status::failed;
    }
    Expected<Output> output = Output::open(options.output);
    if (!output) {
        print_error(output.error());
        return status::failed;
    }
    ReportForm form = options.form;
    form.perf = perf_shape_of(result->samples);
    std::string report = report_of(*result, form);
    if (form.format == Format::text)
        report.insert(0, fmt::format("pmcstat: replayed from {}\n", file_name(options.file)));
    if (Expected<bool> written = output->write(report); !written) {
        print_error(written.error());
        return status::failed;
    }
    return 0;
}

} // namespace cli
