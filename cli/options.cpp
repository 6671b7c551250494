#include "options.hpp"

#include "errors.hpp"
#include "log.hpp"
#include "status.hpp"

#include <pmc/version.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <string_view>

namespace cli {
namespace {

constexpr const char* run_examples = R"(Examples:
  pmcstat ./app                        why is it slow? the standard metrics
  pmcstat -e ipc,llc -- ./app --fast   two metrics, counted together
  pmcstat -e '{cycles,instructions}:u' ./app
                                       events of one group, user mode only
  pmcstat -e 'apki=1000*cache_references/instructions' ./app
                                       a metric of your own
  pmcstat -e page-faults -o r.json --format json make
                                       the whole result, for a program to read
  pmcstat --passes ./app               as many runs as it takes to share no counter
  pmcstat --replay r.json -e llc       another report of that run, without counting
  pmcstat list llc                     what is there about the last-level cache?

The command runs as it would without pmcstat, and pmcstat exits with its status
(128+N if signal N ended it). 125: pmcstat failed; 126, 127: the command could
not be executed, was not found. The report goes to stderr.)";

constexpr const char* list_examples = R"(Examples:
  pmcstat list                 every metric, then every event of every source
  pmcstat list llc             the metric llc in full, and what else has the word
  pmcstat list llc --cpu zen4  what it is on another CPU
  pmcstat list cpus            the CPUs that can be named there
  pmcstat list walk            all that has the word in its name or description
  pmcstat list sched:          the scheduler's tracepoints

Exits with 1 if nothing matches.)";

/// CLI11's help with a usage line of ours, and a plain name for each option's value: 2.1 can't be told so otherwise.
class HelpFormatter : public CLI::Formatter {
public:
    explicit HelpFormatter(std::string usage) : usage_(std::move(usage)) { column_width(28); }
    std::string make_usage(const CLI::App*, std::string) const override { return usage_ + '\n'; }
    std::string make_option_opts(const CLI::Option* option) const override {
        return option->get_type_size() == 0 ? std::string() : ' ' + option->get_option_text();
    }

private:
    std::string usage_;
};

std::string version_line() {
    return std::string("pmcstat ") + pmc::version();
}

void add_tables(CLI::App& app, std::vector<std::string>& files) {
    app.add_option("--tables", files, "a file of metrics and CPUs of your own (see docs/tables.md); may be repeated")
        ->option_text("FILE")
        ->allow_extra_args(false);
}

void add_log_level(CLI::App& app, std::string& level) {
    app.add_option("--log-level", level, "diagnostics on stderr: trace, debug, info, warn (default), error, off")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
        ->option_text("LEVEL");
}

Format format_of(std::string_view name) {
    return name == "json" ? Format::json : name == "csv" ? Format::csv : Format::text;
}

/// What the options say of the form of a report.
struct FormOptions {
    std::string format;
    std::optional<std::string> separator;
    bool perf_json = false;
    bool verbose = false;

    void add_to(CLI::App& app) {
        app.add_option("--format", format, "text (default), json (the whole document) or csv (with a header row)")
            ->check(CLI::IsMember({"text", "json", "csv"}))
            ->option_text("FORMAT");
        app.add_option("-x,--field-separator", separator, "lines of fields as perf stat -x writes them")
            ->option_text("SEP");
        app.add_flag("-j,--json-output", perf_json, "an object a line as perf stat -j writes them");
        app.add_flag("-v,--verbose", verbose, "also show groups, encodings and raw counts");
    }
    /// What is wrong with them; empty: nothing.
    [[nodiscard]] std::string_view problem() const {
        if (separator && separator->empty())
            return "-x: the separator is empty";
        if (int{!format.empty()} + int{separator.has_value()} + int{perf_json} > 1)
            return "--format, -x and -j: a report has one form";
        return {};
    }
    [[nodiscard]] ReportForm form() const {
        if (separator)
            return {Format::perf_csv, *separator, verbose};
        return {perf_json ? Format::perf_json : format_of(format), {}, verbose};
    }
};

/// CLI11 says what was wrong; ours is one line, and a hint.
Finished usage_error(std::string_view what, std::string_view hint = "see pmcstat --help") {
    print_error(what, hint);
    return {status::failed};
}

/// Lets CLI11 parse, then asks `make` for the options.
template <typename Make>
Options parse(CLI::App& app, std::vector<std::string> arguments, const std::string& level, const Make& make) {
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them last first.
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        std::fputs(app.help().c_str(), stdout);
        return Finished{0};
    } catch (const CLI::CallForVersion&) {
        std::puts(version_line().c_str());
        return Finished{0};
    } catch (const CLI::ParseError& error) {
        return usage_error(error.what(), "see " + app.get_name() + " --help");
    }
    if (!level.empty())
        set_log_level(level);
    return make();
}

Options replay_options(const std::string& file, const RunOptions& run) {
    if (!run.command.empty())
        return usage_error("--replay FILE and a command: a replay runs nothing", "leave one of them out");
    if (!run.inherit)
        return usage_error("-i with --replay: what was counted is counted", "leave one of them out");
    if (run.no_multiplex || run.passes)
        return usage_error(
            fmt::format("{} with --replay: what was counted is counted", run.passes ? "--passes" : "--no-multiplex"),
            "leave one of them out");
    if (run.events && run.events->empty())
        return usage_error("-e: the list is empty", "name at least one event or metric, or leave -e out");
    return ReplayOptions{file, run.events.value_or(""), run.output, run.form, run.tables};
}

Options parse_run(std::vector<std::string> arguments) {
    CLI::App app{"Counts what the processor does while a command runs.", "pmcstat"};
    app.formatter(std::make_shared<HelpFormatter>(
        "Usage: pmcstat [options] [--] command [argument...]\n       pmcstat --replay FILE [options]\n"
        "       pmcstat list [WORD]"));
    RunOptions options;
    std::string level;
    std::vector<std::string> events;
    app.add_option("-e,--events", events, "metrics and events to count, separated by commas (see pmcstat list)")
        ->option_text("LIST")
        ->allow_extra_args(false);
    app.add_option("-o,--output", options.output, "write the report to a file instead of stderr")->option_text("FILE");
    FormOptions form;
    form.add_to(app);
    add_tables(app, options.tables);
    std::optional<std::string> replay;
    app.add_option("--replay", replay, "report a run again from the file that --format json wrote (- is stdin)")
        ->option_text("FILE");
    bool no_inherit = false;
    app.add_flag("-i,--no-inherit", no_inherit, "do not count the threads and children that the command makes");
    app.add_flag("--no-multiplex", options.no_multiplex,
                 "refuse what the PMU cannot count all at once, before the command runs");
    app.add_flag("--passes", options.passes,
                 "run the command once per group of what the PMU cannot count all at once; stops when a run fails");
    add_log_level(app, level);
    app.set_version_flag("--version", version_line(), "print the version");
    app.set_help_flag("-h,--help", "print this help");
    app.footer(run_examples);
    app.prefix_command(); // The first word that is no option begins the command; its options are its own.

    return parse(app, std::move(arguments), level, [&]() -> Options {
        options.command = app.remaining();
        if (!options.command.empty() && options.command.front() == "--")
            options.command.erase(options.command.begin());
        else if (!options.command.empty() && options.command.front().starts_with("-"))
            return usage_error("unknown option " + options.command.front());
        if (!events.empty())
            options.events = fmt::format("{}", fmt::join(events, ","));
        options.inherit = !no_inherit;
        if (const std::string_view problem = form.problem(); !problem.empty())
            return usage_error(problem);
        options.form = form.form();
        if (replay)
            return replay_options(*replay, options);
        if (options.command.empty())
            return usage_error("no command to count", "give one: pmcstat -- ./app; or see pmcstat --help");
        return options;
    });
}

Options parse_list(std::vector<std::string> arguments) {
    CLI::App app{"Lists metrics and events.", "pmcstat list"};
    app.set_help_flag("-h,--help", "print this help");
    app.formatter(std::make_shared<HelpFormatter>("Usage: pmcstat list [options] [WORD]"));
    ListOptions options;
    std::string level;
    app.add_option("WORD", options.word, "only what has this word in its name or description")->option_text(" ");
    add_tables(app, options.tables);
    app.add_option("--cpu", options.cpu, "as it would be on another CPU: zen4, midr-41-d40 (see pmcstat list cpus)")
        ->option_text("ID");
    std::string format;
    app.add_option("--format", format, "text (default) or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->option_text("FORMAT");
    add_log_level(app, level);
    app.footer(list_examples);
    return parse(app, std::move(arguments), level, [&]() -> Options {
        options.format = format_of(format);
        return options;
    });
}

} // namespace

Options parse_options(int argc, char** argv) {
    std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    if (!arguments.empty() && arguments.front() == "list") {
        arguments.erase(arguments.begin());
        return parse_list(std::move(arguments));
    }
    return parse_run(std::move(arguments));
}

} // namespace cli
