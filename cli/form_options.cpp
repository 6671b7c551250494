#include "form_options.hpp"

#include <CLI/CLI.hpp>

namespace cli {

Format format_of(std::string_view name) {
    return name == "json" ? Format::json : name == "csv" ? Format::csv : Format::text;
}

void FormArguments::add_to(CLI::App& app) {
    constexpr const char* what = "What the report looks like";
    app.add_option("--format", format_, "text (default), json (the whole document) or csv (with a header row)")
        ->check(CLI::IsMember({"text", "json", "csv"}))
        ->option_text("FORMAT")
        ->group(what);
    app.add_option("-x,--field-separator", separator_, "lines of fields as perf stat -x writes them")
        ->option_text("SEP")
        ->group(what);
    app.add_flag("-j,--json-output", perf_json_, "an object a line as perf stat -j writes them")->group(what);
    app.add_flag("-v,--verbose", verbose_, "also show groups, encodings and raw counts")->group(what);
}

pmc::Expected<ReportForm> FormArguments::form() const {
    const auto misuse = [](const char* message) {
        return pmc::Error(pmc::ErrorKind::misuse, pmc::Stage::parse, message, "see pmcstat --help");
    };
    if (separator_ && separator_->empty())
        return misuse("-x: the separator is empty");
    if (int{!format_.empty()} + int{separator_.has_value()} + int{perf_json_} > 1)
        return misuse("--format, -x and -j: a report has one form");
    if (separator_)
        return ReportForm{Format::perf_csv, *separator_, verbose_};
    return ReportForm{perf_json_ ? Format::perf_json : format_of(format_), {}, verbose_};
}

} // namespace cli
