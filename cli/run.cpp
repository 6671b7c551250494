#include "run.hpp"

#include "environment.hpp"
#include "errors.hpp"
#include "log.hpp"
#include "one_run.hpp"
#include "output.hpp"
#include "passes_run.hpp"
#include "region_reports.hpp"
#include "report.hpp"
#include "screen.hpp"
#include "signals.hpp"
#include "status.hpp"
#include "tables.hpp"

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

Expected<MetricSet> what_to_count(const RunOptions& options) {
    // libpfm4 encodes names of models other than those it detects only if this is set when it starts: and it does not
    // detect most CPUs sold since 2022. The command must not inherit it.
    const EnvironmentVariable environment("LIBPFM_ENCODE_INACTIVE", "1");
    const Expected<pmc::Tables> tables = load_tables(options.tables);
    if (!tables)
        return tables.error();
    const pmc::Machine& machine = machine_of(options.backend);
    if (!options.events)
        return MetricSet::standard(machine, *tables);
    Expected<MetricSet> set = MetricSet::parse(*options.events, machine, *tables);
    // Where no hardware counter is to be had, what the kernel itself can count is the next best answer.
    // Who reads perf's lines looks for the rows that he asked for.
    const bool is_perf = options.form.format == Format::perf_csv || options.form.format == Format::perf_json;
    if (set && !is_perf && set->why_no_hardware())
        if (Expected<MetricSet> more = MetricSet::parse(*options.events + ",cpu", machine, *tables))
            return more;
    return set; // also of a list so long that nothing can be added
}

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
    return Prepared{*std::move(output), std::move(control), *std::move(set), *std::move(target)};
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
    OneRun run(options, signals, prepared.output, prepared.control ? &*prepared.control : nullptr);
    return run.count(std::move(prepared.set), prepared.target);
}

} // namespace

int run(const RunOptions& options) {
    Expected<Prepared> prepared = prepare(options);
    if (!prepared) {
        print_error(prepared.error());
        return status::failed;
    }
    const Signals signals; // until the report is written: a closed pipe must not end pmcstat
    Measured measured = count(options, signals, *prepared);
    if (measured.is_reported)
        return measured.exit_status();
    measured.result.tool = std::string("pmcstat ") + pmc::version();
    note_sharing(measured.result, options.form.verbose || options.form.format == Format::json);
    ReportForm form = options.form;
    form.columns = Screen::of(prepared->output.fd()).columns;
    if (const Expected<bool> written = prepared->output.write(report_of(measured.result, form)); !written) {
        print_error(written.error());
        measured.status = status::failed;
    }
    return measured.exit_status();
}

} // namespace cli
