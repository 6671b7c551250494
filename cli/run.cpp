#include "run.hpp"

#include "asked.hpp"
#include "calibration.hpp"
#include "errors.hpp"
#include "gate.hpp"
#include "gate_report.hpp"
#include "log.hpp"
#include "one_run.hpp"
#include "output.hpp"
#include "passes_run.hpp"
#include "region_reports.hpp"
#include "repeated_run.hpp"
#include "report.hpp"
#include "screen.hpp"
#include "signals.hpp"
#include "status.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/passes.hpp>
#include <pmc/version.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

using pmc::Expected;
using pmc::MetricSet;

void log_plan(const std::vector<pmc::Event>& events, const std::vector<std::string>& plan) {
    for (const std::string& line : plan)
        log().debug("{}", line);
    for (const pmc::Event& event : events)
        log().debug("event {}: {}", event.name, event.encoding);
}

/// All that must be there before anything is counted.
struct Prepared {
    Output output;
    std::optional<Control> control;
    Gate gate;
    MetricSet set;
    pmc::Target target;
};

Expected<Prepared> prepare(const RunOptions& options) {
    Expected<Output> output = Output::open(options.output);
    if (!output)
        return output.error();
    std::optional<Control> control;
    if (options.time.control) {
        Expected<Control> opened = Control::open(*options.time.control);
        if (!opened)
            return opened.error();
        control.emplace(*std::move(opened));
    }
    Expected<Gate> gate = Gate::open(options.gate);
    if (!gate)
        return gate.error();
    Expected<MetricSet> set = what_to_count(options);
    if (!set)
        return set.error();
    if (options.no_multiplex && !options.passes)
        if (const std::optional<pmc::Error> error = set->needs_multiplexing())
            return pmc::Error(error->kind(), error->stage(), error->message(),
                              options.command.empty() ? "leave it out"
                                                      : "leave it out, or let --passes run the command once per group");
    Expected<pmc::Target> target = find_target(options.target);
    if (!target)
        return target.error();
    return Prepared{*std::move(output), std::move(control), *std::move(gate), *std::move(set), *std::move(target)};
}

Measured count(const RunOptions& options, const Signals& signals, Prepared& prepared) {
    const bool debugs = log().should_log(spdlog::level::debug);
    const std::vector<pmc::Event> events = debugs ? prepared.set.events() : std::vector<pmc::Event>();
    if (options.passes) {
        pmc::Passes passes(prepared.set.passes());
        log_plan(events, debugs ? passes.plan() : std::vector<std::string>());
        return run_passes(passes, options, signals);
    }
    log_plan(events, debugs ? prepared.set.plan() : std::vector<std::string>());
    if (options.repeat.calibrate)
        return calibrate(options, signals, prepared.set, prepared.target);
    if (options.repeats())
        return run_repeatedly(options, signals, prepared.set, prepared.target, prepared.gate);
    OneRun run(options, signals, prepared.output, prepared.control ? &*prepared.control : nullptr);
    return run.count(std::move(prepared.set), prepared.target);
}

/// What the gate says of it, beside the report and as a part of it, and what is saved. Returns whether all of that
/// could be written.
bool judge(const RunOptions& options, Measured& measured, Gate& gate) {
    // Of a command that failed, or was ended before its time, nobody wants to know how fast it did.
    const bool has_run_well = measured.exit_status() == 0 && measured.ended_by == 0;
    if (has_run_well)
        measured.result.verdicts = gate.check(measured.result);
    else if (options.gate.has_gate() || gate.saves())
        measured.result.notes.emplace_back("no verdicts, no baseline: the command failed, or was ended");
    const bool was_asked_for_more = options.gate.has_gate() || options.repeats();
    if (measured.status == 0 && measured.ended_by != 0 && was_asked_for_more)
        measured.status = 128 + measured.ended_by;
    const int verdict = gate_status(measured.result.verdicts);
    if (measured.status == 0)
        measured.status = verdict;
    if (has_run_well && gate.saves() && verdict != 0)
        measured.result.notes.emplace_back("no baseline was saved: the gate did not pass");
    if (has_run_well && gate.saves() && verdict == 0)
        if (const Expected<bool> saved = gate.save(measured.result); !saved) {
            print_error(saved.error());
            const bool is_unknown = saved.error().kind() == pmc::ErrorKind::not_available;
            measured.status = is_unknown ? status::gate_unknown : status::failed;
        }
    const Expected<bool> published = gate.publish(measured.result);
    if (!published)
        print_error(published.error());
    return published && *published;
}

/// The report; the verdicts also where people look who have sent it somewhere else.
bool write(const RunOptions& options, const Measured& measured, Prepared& prepared) {
    ReportForm form = options.form;
    form.columns = Screen::of(prepared.output.fd()).columns;
    std::string report = report_of(measured.result, form);
    const std::string verdicts = gate_text(measured.result.verdicts);
    const Expected<std::string> explained = prepared.gate.explanations(measured.result);
    const std::string remarks = (explained ? *explained : std::string()) + verdicts;
    const bool is_text = form.format == Format::text;
    if (is_text)
        report += remarks;
    if (!prepared.output.is_stderr())
        std::fputs((is_text ? verdicts : remarks).c_str(), stderr);
    const Expected<bool> written = prepared.output.write(report);
    if (!written)
        print_error(written.error());
    else if (!explained)
        print_error(explained.error());
    return written.has_value() && explained.has_value();
}

} // namespace

int run(const RunOptions& options) {
    Expected<Prepared> prepared = prepare(options);
    if (!prepared) {
        print_error(prepared.error());
        return status::failed;
    }
    const Signals signals; // until the report is written: a closed pipe must not end pmcstat
    prepared->output.ask([&signals] { return signals.take_ending() != 0; });
    Measured measured = count(options, signals, *prepared);
    if (measured.is_reported)
        return measured.exit_status();
    measured.result.tool = std::string("pmcstat ") + pmc::version();
    note_sharing(measured.result, options.form.verbose || options.form.format == Format::json);
    const bool is_published = judge(options, measured, prepared->gate);
    if (!write(options, measured, *prepared) || !is_published)
        measured.status = status::failed;
    return measured.exit_status();
}

} // namespace cli
