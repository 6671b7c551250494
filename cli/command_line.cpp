#include "command_line.hpp"

#include "errors.hpp"
#include "help.hpp"
#include "log.hpp"
#include "print.hpp"
#include "status.hpp"

#include <pmc/version.hpp>

#include <algorithm>
#include <utility>

namespace cli {

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

void add_events(CLI::App& app, std::vector<std::string>& lists) {
    app.add_option("-e,--events", lists, "metrics and events to count, separated by commas (see pmcstat list)")
        ->option_text("LIST")
        ->allow_extra_args(false);
}

void add_help(CLI::App& app) {
    app.set_help_flag("-h,--help", "print this help");
}

Finished usage_error(std::string_view what, std::string_view hint) {
    print_error(what, hint);
    return {status::failed};
}

Finished usage_error(const pmc::Error& error) {
    return usage_error(error.message(), error.hint());
}

Options parse_words(CLI::App& app, std::vector<std::string> arguments, const std::string& level,
                    const std::function<Options()>& make) {
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

} // namespace cli
