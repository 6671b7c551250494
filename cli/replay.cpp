#include "replay.hpp"

#include "errors.hpp"
#include "input_file.hpp"
#include "output.hpp"
#include "report.hpp"
#include "status.hpp"
#include "tables.hpp"

#include <pmc/replay.hpp>

#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <string>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Result;

std::string name_of(const ReplayOptions& options) {
    return options.file == "-" ? "stdin" : options.file;
}

Expected<Result> recorded(const ReplayOptions& options) {
    std::string text;
    if (const int error = InputFile(options.file).read_all(text); error != 0)
        return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document,
                          fmt::format("cannot read {}: {}", name_of(options), std::strerror(error)),
                          "give --replay the path of a file that pmcstat --format json wrote")
            .with_errno(error);
    Expected<Result> result = Result::from_json(text);
    if (!result)
        return pmc::Error(result.error().kind(), result.error().stage(),
                          fmt::format("{}: {}", name_of(options), result.error().message()), result.error().hint());
    return result;
}

Expected<Result> replayed(const ReplayOptions& options) {
    Expected<Result> result = recorded(options);
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
    Expected<Output> output = Output::open(options.output);
    if (!output) {
        print_error(output.error());
        return status::failed;
    }
    ReportForm form = options.form;
    form.perf = perf_shape_of(result->samples);
    std::string report = report_of(*result, form);
    if (form.format == Format::text)
        report.insert(0, fmt::format("pmcstat: replayed from {}\n", name_of(options)));
    if (Expected<bool> written = output->write(report); !written) {
        print_error(written.error());
        return status::failed;
    }
    return 0;
}

} // namespace cli
