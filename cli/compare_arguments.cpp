#include "compare_arguments.hpp"

#include "backend.hpp"
#include "command_line.hpp"
#include "help.hpp"
#include "repeat_options.hpp"
#include "time_options.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;

/// The words, before they are checked against each other.
class CompareArguments {
public:
    void add_to(CLI::App& app) {
        app.add_option("COMMAND", options_.commands,
                       "two or more commands, each one word for the shell: 'sort -n a.txt' 'sort a.txt'")
            ->option_text(" ");
        add_events(app, events_);
        app.add_option("-o,--output", options_.run.output, "write the report to a file instead of stdout")
            ->option_text("FILE");
        app.add_flag("--shell", options_.shell, "let /bin/sh run the commands, which counts the shell as well");
        app.add_flag("--results", recorded_,
                     "compare files that --format json wrote with -r, instead of running anything");
        app.add_option("--format", format_, "text (default), json, markdown (a table for a pull request)")
            ->check(CLI::IsMember({"text", "json", "markdown"}))
            ->option_text("FORMAT");
        app.add_option("--timeout", timeout_, "end a run (SIGTERM) that takes longer; the status is 124")
            ->option_text("MS");
        backend_.add_to(app);
        add_tables(app, options_.run.tables);
        add_log_level(app, level_);
        repeat_.add_quiet_to(app);
    }

    [[nodiscard]] const std::string& level() const noexcept { return level_; }

    Options options() {
        options_.format = format_ == "json"       ? CompareOptions::Format::json
                          : format_ == "markdown" ? CompareOptions::Format::markdown
                                                  : CompareOptions::Format::text;
        if (options_.commands.size() < 2)
            return usage_error(recorded_ ? "--results: two files at least are compared"
                                         : "compare: two commands at least are compared, each quoted as one word",
                               recorded_ ? "pmcstat compare --results a.json b.json"
                                         : "pmcstat compare 'sort -n a.txt' 'sort a.txt'");
        if (recorded_)
            return of_files();
        if (!events_.empty())
            options_.run.events = fmt::format("{}", fmt::join(events_, ","));
        options_.run.backend = backend_.backend();
        const Expected<RepeatOptions> repeat = repeat_.options();
        if (!repeat)
            return usage_error(repeat.error());
        options_.run.repeat = *repeat;
        const Expected<std::optional<int>> timeout = timeout_of(timeout_);
        if (!timeout)
            return usage_error(timeout.error());
        options_.run.time.timeout_ms = *timeout;
        return options_;
    }

private:
    Options of_files() {
        const std::string option = !events_.empty()           ? "-e"
                                   : options_.shell           ? "--shell"
                                   : timeout_                 ? "--timeout"
                                   : backend_.is_given()      ? "--backend"
                                   : !repeat_.first().empty() ? repeat_.first()
                                                              : "";
        if (!option.empty())
            return usage_error(option + " with --results: what was counted is counted", "leave one of them out");
        options_.recorded = std::exchange(options_.commands, {});
        return options_;
    }

    CompareOptions options_;
    std::string level_, format_;
    std::vector<std::string> events_;
    std::optional<std::string> timeout_;
    bool recorded_ = false;
    BackendArguments backend_;
    RepeatArguments repeat_;
};

} // namespace

Options parse_compare(std::vector<std::string> arguments) {
    CLI::App app{"Runs commands in turns and tells how they differ, with how sure that is.", "pmcstat compare"};
    add_help(app);
    app.formatter(std::make_shared<HelpFormatter>(compare_usage));
    CompareArguments words;
    words.add_to(app);
    app.footer(compare_examples);
    return parse_words(app, std::move(arguments), words.level(), [&] { return words.options(); });
}

} // namespace cli
