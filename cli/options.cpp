#include "options.hpp"

#include "errors.hpp"
#include "form_options.hpp"
#include "help.hpp"
#include "log.hpp"
#include "print.hpp"
#include "status.hpp"

#include <pmc/version.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;

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

/// CLI11 says what was wrong; ours is one line, and a hint.
Finished usage_error(std::string_view what, std::string_view hint = "see pmcstat --help") {
    print_error(what, hint);
    return {status::failed};
}

Finished usage_error(const pmc::Error& error) {
    return usage_error(error.message(), error.hint());
}

/// Lets CLI11 parse, then asks `make` for the options.
template <typename Make>
Options parse(CLI::App& app, std::vector<std::string> arguments, const std::string& level, const Make& make) {
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them last first.
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        return Finished{print(help_of(app), "help")};
    } catch (const CLI::CallForVersion&) {
        return Finished{print(version_line() + '\n', "version")};
    } catch (const CLI::ParseError& error) {
        return usage_error(error.what(), "see " + app.get_name() + " --help");
    }
    if (!level.empty())
        set_log_level(level);
    return make();
}

/// The words of `pmcstat [options] [--] [command…]`, before they are checked against each other.
class RunArguments {
public:
    void add_to(CLI::App& app) {
        app.add_option("-e,--events", events_, "metrics and events to count, separated by commas (see pmcstat list)")
            ->option_text("LIST")
            ->allow_extra_args(false);
        app.add_option("-o,--output", options_.output, "write the report to a file instead of stderr")
            ->option_text("FILE");
        add_tables(app, options_.tables);
        app.add_option("--replay", replay_, "report a run again from the file that --format json wrote (- is stdin)")
            ->option_text("FILE");
        app.add_flag("--no-multiplex", options_.no_multiplex,
                     "refuse what the PMU cannot count all at once, before the command runs");
        app.add_flag("--passes", options_.passes,
                     "run the command once per group of what the PMU cannot count all at once; stops when a run fails");
        backend_.add_to(app);
        add_log_level(app, level_);
        target_.add_to(app);
        time_.add_to(app);
        form_.add_to(app);
    }

    [[nodiscard]] const std::string& level() const noexcept { return level_; }

    Options options(std::vector<std::string> command) {
        if (!command.empty() && command.front() == "--")
            command.erase(command.begin());
        else if (!command.empty() && command.front().starts_with("-"))
            return usage_error("unknown option " + command.front());
        options_.command = std::move(command);
        if (!events_.empty())
            options_.events = fmt::format("{}", fmt::join(events_, ","));
        const Expected<ReportForm> form = form_.form();
        if (!form)
            return usage_error(form.error());
        options_.form = *form;
        if (replay_)
            return replay();
        const Expected<TimeOptions> time = time_.options();
        if (!time)
            return usage_error(time.error());
        options_.time = *time;
        if (options_.time.spark && options_.form.format != Format::text)
            return usage_error("--spark: only the text report has spark lines", "leave it out");
        if (options_.passes)
            if (std::optional<Finished> wrong = wrong_passes())
                return *wrong;
        options_.backend = backend_.backend();
        if (options_.backend != Backend::hardware)
            if (std::optional<Finished> wrong = wrong_backend())
                return *wrong;
        Expected<TargetOptions> target = target_.options(!options_.command.empty());
        if (!target)
            return usage_error(target.error());
        options_.target = *std::move(target);
        options_.form.perf = {options_.time.interval_ms.has_value(), options_.target.target.rows == pmc::Rows::thread};
        return options_;
    }

private:
    Options replay() const {
        if (!options_.command.empty())
            return usage_error("--replay FILE and a command: a replay runs nothing", "leave one of them out");
        const std::string option = options_.passes            ? "--passes"
                                   : options_.no_multiplex    ? "--no-multiplex"
                                   : backend_.is_given()      ? backend_.option()
                                   : !target_.first().empty() ? target_.first()
                                                              : time_.first();
        if (!option.empty())
            return usage_error(option + " with --replay: what was counted is counted", "leave one of them out");
        if (options_.events && options_.events->empty())
            return usage_error("-e: the list is empty", "name at least one event or metric, or leave -e out");
        return ReplayOptions{*replay_, options_.events.value_or(""), options_.output, options_.form, options_.tables};
    }

    [[nodiscard]] std::optional<Finished> wrong_passes() const {
        if (options_.command.empty())
            return usage_error("--passes without a command: there is nothing to run again", "give a command");
        const std::string target = target_.first();
        const std::string option = target.empty() || target == "-i" ? time_.first_of_one_run() : target;
        if (option.empty())
            return std::nullopt;
        return usage_error(option + " with --passes: passes count a command, each time as a whole",
                           "leave one of them out");
    }

    [[nodiscard]] std::optional<Finished> wrong_backend() const {
        if (options_.command.empty())
            return usage_error(backend_.option() + " without a command: valgrind counts what it runs", "give a command");
        const std::string target = target_.first();
        const std::string option = !target.empty()    ? target
                                   : options_.passes ? std::string("--passes")
                                                     : time_.first_of_one_run();
        if (option.empty())
            return std::nullopt;
        return usage_error(option + " with " + backend_.option() + ": a model counts a command, as a whole",
                           "leave one of them out");
    }

    RunOptions options_;
    std::string level_;
    std::vector<std::string> events_;
    std::optional<std::string> replay_;
    BackendArguments backend_;
    TargetArguments target_;
    TimeArguments time_;
    FormArguments form_;
};

Options parse_run(std::vector<std::string> arguments) {
    CLI::App app{"Counts what the processor does for a command, a process, CPUs or cgroups.", "pmcstat"};
    app.formatter(std::make_shared<HelpFormatter>(run_usage));
    RunArguments words;
    words.add_to(app);
    app.set_version_flag("--version", version_line(), "print the version");
    app.set_help_flag("-h,--help", "print this help");
    app.footer(run_examples);
    app.prefix_command(); // The first word that is no option begins the command; its options are its own.
    return parse(app, std::move(arguments), words.level(), [&] { return words.options(app.remaining()); });
}

Options parse_list(std::vector<std::string> arguments) {
    CLI::App app{"Lists metrics and events.", "pmcstat list"};
    app.set_help_flag("-h,--help", "print this help");
    app.formatter(std::make_shared<HelpFormatter>(list_usage));
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
