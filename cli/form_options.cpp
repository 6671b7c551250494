#include "form_options.hpp"

#include "errors.hpp"
#include "number_list.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace cli {

Format format_of(std::string_view name) {
    constexpr std::array formats = {
        std::pair{std::string_view("json"), Format::json},
        std::pair{std::string_view("ndjson"), Format::ndjson},
        std::pair{std::string_view("csv"), Format::csv},
        std::pair{std::string_view("prom"), Format::prom},
    };
    for (const auto& [known, format] : formats)
        if (name == known)
            return format;
    return Format::text;
}

void FormArguments::add_to(CLI::App& app) {
    constexpr const char* what = "What the report looks like";
    app.add_option("--format", format_,
                   "text (default), json (the whole document), ndjson (a sample a line), csv, prom (Prometheus)")
        ->check(CLI::IsMember({"text", "json", "ndjson", "csv", "prom"}))
        ->option_text("FORMAT")
        ->group(what);
    app.add_option("-x,--field-separator", separator_, "lines of fields as perf stat -x writes them")
        ->option_text("SEP")
        ->group(what);
    app.add_flag("-j,--json-output", perf_json_, "an object a line as perf stat -j writes them")->group(what);
    app.add_option("--label", labels_, "with prom: a label on each series; may be repeated")
        ->option_text("KEY=VALUE")
        ->allow_extra_args(false)
        ->group(what);
    app.add_option("--max-series", max_series_, "with prom: leave rows out that would make more (2000)")
        ->option_text("N")
        ->group(what);
    app.add_flag("-v,--verbose", verbose_, "also show groups, encodings and raw counts")->group(what);
}

pmc::Expected<ReportForm> FormArguments::form() const {
    if (separator_ && separator_->empty())
        return misuse("-x: the separator is empty");
    if (int{!format_.empty()} + int{separator_.has_value()} + int{perf_json_} > 1)
        return misuse("--format, -x and -j: a report has one form");
    if (format_ != "prom" && (!labels_.empty() || max_series_))
        return misuse(labels_.empty() ? "--max-series without --format prom" : "--label without --format prom");
    ReportForm form{.verbose = verbose_};
    form.format = separator_ ? Format::perf_csv : perf_json_ ? Format::perf_json : format_of(format_);
    form.separator = separator_.value_or("");
    if (form.separator == "\\t") // as perf has it: a shell does not make a tab of it
        form.separator = "\t";
    pmc::Expected<std::vector<PromLabel>> labels = prom_labels(labels_);
    if (!labels)
        return labels.error();
    form.prom.labels = *std::move(labels);
    if (max_series_) {
        const pmc::Expected<int> most = whole_number("--max-series", *max_series_, 1, std::numeric_limits<int>::max());
        if (!most)
            return most.error();
        form.prom.max_series = static_cast<std::size_t>(*most);
    }
    return form;
}

} // namespace cli
