#include "run_arguments.hpp"

#include "command_line.hpp"
#include "errors.hpp"
#include "form_options.hpp"
#include "help.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;

/// The words of `pmcstat [options] [--] [command…]`, before they are checked against each other.
class RunArguments {
public:
    void add_to(CLI::App& app) {
        add_events(app, events_);
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
        repeat_.add_to(app);
        gate_.add_to(app);
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
        const Expected<RepeatOptions> repeat = repeat_.options();
        if (!repeat)
            return usage_error(repeat.error());
        options_.repeat = *repeat;
        Expected<GateOptions> gate = gate_.options();
        if (!gate)
            return usage_error(gate.error());
        options_.gate = *std::move(gate);
        if (options_.passes)
            if (std::optional<Finished> wrong = wrong_passes())
                return *wrong;
        if (std::optional<Finished> wrong = wrong_repeats())
            return *wrong;
        options_.backend = backend_.backend();
        if (options_.backend != Backend::hardware)
            if (std::optional<Finished> wrong = wrong_backend())
                return *wrong;
        Expected<TargetOptions> target = target_.options(!options_.command.empty());
        if (!target)
            return usage_error(target.error());
        options_.target = *std::move(target);
        if (options_.repeats() && options_.target.target.rows != pmc::Rows::total)
            return usage_error("several runs have no rows: what is told of them is about the command as a whole",
                               "leave the --per-… option out");
        if (options_.repeats() && !options_.target.cgroup_patterns.empty())
            return usage_error("several runs have no rows: what is told of them is about the command as a whole",
                               "leave --for-each-cgroup out");
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
                                   : !time_.first().empty()   ? time_.first()
                                   : !repeat_.first().empty() ? repeat_.first()
                                                              : gate_.first();
        if (!option.empty())
            return usage_error(option + " with --replay: what was counted is counted",
                               gate_.first().empty() ? "leave one of them out"
                                                     : "pmcstat gate --input FILE judges what was recorded");
        if (options_.events && options_.events->empty())
            return usage_error("-e: the list is empty", "name at least one event or metric, or leave -e out");
        return ReplayOptions{*replay_, options_.events.value_or(""), options_.output, options_.form, options_.tables};
    }

    [[nodiscard]] std::optional<Finished> wrong_passes() const {
        if (options_.command.empty())
            return usage_error("--passes without a command: there is nothing to run again", "give a command");
        const std::string target = target_.first();
        std::string option = target.empty() || target == "-i" ? time_.first_of_one_run() : target;
        if (option.empty())
            option = repeat_.first_of_repeats();
        if (option.empty())
            option = gate_.first();
        if (option.empty())
            return std::nullopt;
        return usage_error(option + " with --passes: passes count a command, each time as a whole",
                           "leave one of them out");
    }

    [[nodiscard]] std::optional<Finished> wrong_backend() const {
        if (options_.command.empty())
            return usage_error(backend_.option() + " without a command: valgrind counts what it runs",
                               "give a command");
        if (!can_mark_models(options_.form.format))
            return usage_error(backend_.option() + ": this form can't say that numbers are modelled and not measured",
                               "take text, json, ndjson or csv");
        const std::string target = target_.first();
        const std::string option = !target.empty() ? target : options_.passes ? "--passes" : time_.first_of_one_run();
        if (option.empty())
            return std::nullopt;
        return usage_error(option + " with " + backend_.option() + ": a model counts a command, as a whole",
                           "leave one of them out");
    }

    /// Whether two of the files that are written are one.
    [[nodiscard]] bool has_same_outputs() const {
        const GateOptions& gate = options_.gate;
        const auto same = [](const std::string& a, const std::string& b) { return !a.empty() && a == b; };
        return same(options_.output, gate.save_baseline) || same(options_.output, gate.junit) ||
               same(gate.save_baseline, gate.junit);
    }

    /// What can't be told in the form that the report has.
    [[nodiscard]] std::optional<Finished> wrong_form_of_gate() const {
        const bool is_text = options_.form.format == Format::text;
        const bool has_verdicts = is_text || options_.form.format == Format::json;
        if (options_.output.empty() && !is_text && !options_.gate.explain.empty())
            return usage_error("--explain: only the text report has a place for it on stderr",
                               "add -o FILE for the report");
        if (options_.output.empty() && !has_verdicts && options_.gate.has_gate())
            return usage_error("the report has no place for verdicts in this form", "add -o FILE for the report");
        if (has_same_outputs())
            return usage_error("two of -o, --save-baseline and --junit are one file", "give each its own");
        if (options_.command.empty() && options_.gate.has_gate() && options_.time.timeout_ms)
            return usage_error("--timeout ends with 124, whatever a gate says",
                               "let a command say how long: -p PID --assert EXPR -- sleep 5");
        return std::nullopt;
    }

    /// What can't be had when the command runs several times, or when something is to be judged.
    [[nodiscard]] std::optional<Finished> wrong_repeats() const {
        const std::string quiet = repeat_.first();
        const std::string gate = gate_.first();
        if (quiet.empty() && gate.empty())
            return std::nullopt;
        if (!quiet.empty() && options_.command.empty())
            return usage_error(quiet + " without a command: there is nothing to run", "give a command");
        if (options_.time.interval_ms && (!repeat_.first_of_repeats().empty() || !gate.empty()))
            return usage_error((gate.empty() ? repeat_.first_of_repeats() : gate) +
                                   " with -I: what is judged and repeated is a run as a whole",
                               "leave one of them out");
        if (std::optional<Finished> wrong = wrong_form_of_gate())
            return wrong;
        if (!options_.repeats())
            return wrong_without_repeats();
        if (options_.command.empty())
            return usage_error(gate + " without a command: there is nothing to run again", "give a command");
        if (options_.time.delay_ms || options_.time.control)
            return usage_error(time_.first_of_one_run() + " with several runs: each is counted as a whole",
                               "leave it out, or run the command once");
        if (options_.form.format != Format::text && options_.form.format != Format::json)
            return usage_error("several runs have no such form: they are told as text, or whole as --format json",
                               "choose one of those");
        if (options_.gate.max_runs && options_.repeat.runs.value_or(1) > *options_.gate.max_runs)
            return usage_error("--max-runs is less than -r", "-r says how many there are at least");
        if (options_.repeat.calibrate && (options_.gate.has_gate() || !options_.gate.save_baseline.empty()))
            return usage_error("--calibrate with " + gate + ": it compares the command with itself alone",
                               "leave one of them out");
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Finished> wrong_without_repeats() const {
        const std::string option = repeat_.first_of_repeats();
        if (!option.empty())
            return usage_error(option + " without -r: the command runs once", "add -r N");
        if (options_.gate.max_runs)
            return usage_error("--max-runs without -r or --baseline: the command runs once", "add -r N");
        return std::nullopt;
    }

    RunOptions options_;
    std::string level_;
    std::vector<std::string> events_;
    std::optional<std::string> replay_;
    BackendArguments backend_;
    TargetArguments target_;
    TimeArguments time_;
    RepeatArguments repeat_;
    GateArguments gate_;
    FormArguments form_;
};

} // namespace

Options parse_run(std::vector<std::string> arguments) {
    CLI::App app{"Counts what the processor does for a command, a process, CPUs or cgroups.", "pmcstat"};
    app.formatter(std::make_shared<HelpFormatter>(run_usage));
    RunArguments words;
    words.add_to(app);
    app.set_version_flag("--version", version_line(), "print the version");
    add_help(app);
    app.footer(run_examples);
    app.prefix_command(); // The first word that is no option begins the command; its options are its own.
    return parse_words(app, std::move(arguments), words.level(), [&] { return words.options(app.remaining()); });
}

} // namespace cli
