#include "run.hpp"

#include "environment.hpp"
#include "errors.hpp"
#include "leftovers.hpp"
#include "log.hpp"
#include "output.hpp"
#include "region_reports.hpp"
#include "report.hpp"
#include "signals.hpp"
#include "status.hpp"
#include "tables.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/passes.hpp>
#include <pmc/session.hpp>
#include <pmc/version.hpp>

#include <optional>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cli {
namespace {

using pmc::Expected;
using pmc::MetricSet;
using pmc::Passes;
using pmc::Result;
using pmc::Session;

Expected<MetricSet> what_to_count(const RunOptions& options) {
    // libpfm4 encodes names of models other than those it detects only if this is set when it starts: and it does not
    // detect most CPUs sold since 2022. The command must not inherit it.
    const EnvironmentVariable environment("LIBPFM_ENCODE_INACTIVE", "1");
    const Expected<pmc::Tables> tables = load_tables(options.tables);
    if (!tables)
        return tables.error();
    const pmc::Machine& machine = pmc::Machine::host();
    if (!options.events)
        return MetricSet::standard(machine, *tables);
    Expected<MetricSet> set = MetricSet::parse(*options.events, machine, *tables);
    // Where no hardware counter is to be had, what the kernel itself can count is the next best answer.
    if (set && set->why_no_hardware())
        if (Expected<MetricSet> more = MetricSet::parse(*options.events + ",cpu", machine, *tables))
            return more;
    return set; // also of a list so long that nothing can be added
}

bool has_ended(int pid) noexcept {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

/// Whether the command has the signal already. Not if it left our process group, which is all that a terminal reaches.
bool has_it(const Signals::Arrival& arrival, int pid) noexcept {
    return arrival.from_terminal && getpgid(pid) == getpgrp();
}

/// Whether the signal is meant to end what it is sent to.
bool is_ending(int number) noexcept {
    return number != SIGCHLD && number != SIGUSR1 && number != SIGUSR2 && number != SIGALRM;
}

/// Passes signals on until the command has ended. The last signal that was meant to end it, or 0.
int pass_signals(Session& session, const Signals& signals) {
    int ending = 0;
    while (!has_ended(session.pid())) {
        const Signals::Arrival arrival = signals.wait();
        if (arrival.number == SIGCHLD)
            continue;
        const bool pass_on = !has_it(arrival, session.pid());
        log().debug("signal {} ({})", arrival.number, pass_on ? "passed on" : "from the terminal");
        if (is_ending(arrival.number)) {
            ending = arrival.number;
            adopt_leftovers();
        }
        if (pass_on)
            session.signal(arrival.number);
    }
    return ending;
}

int exec_status(const pmc::Error& error) {
    if (error.kind() != pmc::ErrorKind::command || error.stage() != pmc::Stage::exec)
        return status::failed;
    return error.error_number() == ENOENT ? status::not_found : status::not_executable;
}

void log_plan(const std::vector<pmc::Event>& events, const Passes& passes) {
    for (const std::string& line : passes.plan())
        log().debug("{}", line);
    for (const pmc::Event& event : events)
        log().debug("event {}: {}", event.name, event.encoding);
}

/// The set as it is, or in parts.
std::vector<MetricSet> runs_of(MetricSet& set, bool passes) {
    if (passes)
        return set.passes();
    std::vector<MetricSet> whole;
    whole.push_back(std::move(set));
    return whole;
}

/// The last signal that came while no command was running and was meant to end one, or 0.
int ending_between(const Signals& signals) {
    int ending = 0;
    while (const std::optional<Signals::Arrival> arrival = signals.poll())
        ending = is_ending(arrival->number) ? arrival->number : ending;
    return ending;
}

Expected<Session> start(Passes& passes, const RunOptions& options, const Signals& signals,
                        const RegionReports& reports) {
    const EnvironmentVariable report("PMC_REPORT", reports.variable());
    return passes.start({options.command, signals.taken(), options.inherit});
}

/// Runs the command once per part; 0, or pmcstat's exit status for a run that was due and did not start.
int run_all(Passes& passes, const RunOptions& options, const Signals& signals) {
    const RegionReports reports;
    while (passes.has_next()) {
        Expected<Session> session = start(passes, options, signals, reports);
        if (!session) {
            print_error(session.error());
            return exec_status(session.error());
        }
        const int ended_by = pass_signals(*session, signals);
        Result result = session->finish();
        if (ended_by != 0)
            end_leftovers(ended_by);
        reports.collect(result);
        passes.add(std::move(result));
        if (ended_by != 0)
            return 0; // its own status stands, whatever it made of the signal
        // The terminal sends Ctrl-C to the command too, but not to one that is yet to start.
        if (!passes.has_next())
            return 0;
        if (const int ending = ending_between(signals); ending != 0)
            return 128 + ending;
    }
    return 0;
}

} // namespace

int run(const RunOptions& options) {
    Expected<Output> output = Output::open(options.output);
    if (!output) {
        print_error(output.error());
        return status::failed;
    }
    Expected<MetricSet> set = what_to_count(options);
    if (!set) {
        print_error(set.error());
        return status::failed;
    }
    if (options.no_multiplex && !options.passes) {
        if (const std::optional<pmc::Error> error = set->needs_multiplexing()) {
            print_error(error->message(), "leave it out, or let --passes run the command once per group");
            return status::failed;
        }
    }
    const bool debugs = log().should_log(spdlog::level::debug);
    const std::vector<pmc::Event> events = debugs ? set->events() : std::vector<pmc::Event>();
    Passes passes(runs_of(*set, options.passes));
    if (debugs)
        log_plan(events, passes);

    const Signals signals; // until the report is written: a closed pipe must not end pmcstat
    const int failure = run_all(passes, options, signals);
    Result result = passes.result();
    if (result.run.argv.empty()) // not even the first run could be started
        return failure;
    result.tool = std::string("pmcstat ") + pmc::version();
    note_sharing(result, options.form.verbose || options.form.format == Format::json);
    const std::string report = report_of(result, options.form);
    if (Expected<bool> written = output->write(report); !written) {
        print_error(written.error());
        return result.run.status != 0 ? result.run.status : status::failed;
    }
    return result.run.status != 0 ? result.run.status : failure;
}

} // namespace cli
