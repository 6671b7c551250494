#include "time_options.hpp"

#include "errors.hpp"
#include "number_list.hpp"

#include <CLI/CLI.hpp>
#include <limits>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;

constexpr int any = std::numeric_limits<int>::max();

/// Reads a number if the option was given.
Expected<std::optional<int>> number(const char* option, const std::optional<std::string>& text, int least) {
    if (!text)
        return std::optional<int>();
    const Expected<int> value = whole_number(option, *text, least, any);
    if (!value)
        return value.error();
    return std::optional<int>(*value);
}

} // namespace

Expected<std::optional<int>> timeout_of(const std::optional<std::string>& text) {
    return number("--timeout", text, 1);
}

void TimeArguments::add_to(CLI::App& app) {
    constexpr const char* when = "When";
    const auto add = [&](const char* names, std::optional<std::string>& value, const char* word, const char* text) {
        app.add_option(names, value, text)->option_text(word)->group(when);
    };
    add("-I,--interval-print", interval_, "MS", "a report every so many milliseconds, each of that time alone");
    add("--count,--interval-count", count_, "N",
        "with -I: stop counting after so many; a command runs on to its end, uncounted");
    app.add_flag("--summary", summary_, "with -I: the totals after them")->group(when);
    app.add_flag("--spark", spark_, "with -I: a spark line per value, a screenful at a time")->group(when);
    add("-D,--delay", delay_, "MS", "begin to count later; -1: when `enable` comes by --control");
    add("--control", control_, "fd:N[,M]|fifo:PATH[,PATH]",
        "take lines enable, disable, ping, stop from N or PATH; \"ack\\n\" to the second, as perf has it");
    add("--timeout", timeout_, "MS", "end the command (SIGTERM), or the counting, then; the status is 124");
    app.add_flag("--self-overhead", self_overhead_, "also tell what pmcstat itself cost")->group(when);
}

std::string TimeArguments::first_of_one_run() const {
    return interval_  ? "-I"
           : count_   ? "--count"
           : summary_ ? "--summary"
           : spark_   ? "--spark"
           : delay_   ? "-D"
           : control_ ? "--control"
                      : "";
}

std::string TimeArguments::first() const {
    if (std::string option = first_of_one_run(); !option.empty())
        return option;
    return timeout_ ? "--timeout" : self_overhead_ ? "--self-overhead" : "";
}

Expected<TimeOptions> TimeArguments::options() const {
    const Expected<std::optional<int>> interval = number("-I", interval_, 1);
    const Expected<std::optional<int>> count = number("--count", count_, 1);
    const Expected<std::optional<int>> delay = number("-D", delay_, -1);
    const Expected<std::optional<int>> timeout = timeout_of(timeout_);
    for (const auto* const value : {&interval, &count, &delay, &timeout})
        if (!*value)
            return value->error();
    TimeOptions options{*interval, *count, summary_, spark_, *delay, {}, *timeout, self_overhead_};
    if (control_) {
        Expected<ControlSpec> control = ControlSpec::parse(*control_);
        if (!control)
            return control.error();
        options.control = *std::move(control);
    }
    const char* const of_intervals = options.count ? "--count" : summary_ ? "--summary" : spark_ ? "--spark" : nullptr;
    if (of_intervals != nullptr && !options.interval_ms)
        return misuse(std::string(of_intervals) + " without -I: there are no intervals", "add -I MS");
    if (options.delay_ms == -1 && !options.control)
        return misuse("-D -1 without --control: nothing could begin the counting", "add --control, or give -D a time");
    return options;
}

} // namespace cli
