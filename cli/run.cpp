#include "run.hpp"

#include "errors.hpp"
#include "leftovers.hpp"
#include "log.hpp"
#include "output.hpp"
#include "report_text.hpp"
#include "signals.hpp"
#include "status.hpp"
#include "tables.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/session.hpp>
#include <pmc/version.hpp>

#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

namespace cli {
namespace {

using pmc::Expected;
using pmc::MetricSet;
using pmc::Result;
using pmc::Session;

/// libpfm4 encodes names of models other than those it detects only if this is set when it starts: and it does not
/// detect most CPUs sold since 2022. The command must not inherit it.
class Libpfm4Environment {
public:
    Libpfm4Environment() : ours_(std::getenv(name) == nullptr) {
        if (ours_)
            setenv(name, "1", 0);
    }
    Libpfm4Environment(const Libpfm4Environment&) = delete;
    Libpfm4Environment& operator=(const Libpfm4Environment&) = delete;
    ~Libpfm4Environment() {
        if (ours_)
            unsetenv(name);
    }

private:
    static constexpr const char* name = "LIBPFM_ENCODE_INACTIVE";
    bool ours_;
};

Expected<MetricSet> what_to_count(const RunOptions& options) {
    const Libpfm4Environment environment;
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

/// Passes signals on until the command has ended. The last signal that was meant to end it, or 0.
int pass_signals(Session& session, const Signals& signals) {
    int ending = 0;
    while (!has_ended(session.pid())) {
        const Signals::Arrival arrival = signals.wait();
        if (arrival.number == SIGCHLD)
            continue;
        const bool pass_on = !has_it(arrival, session.pid());
        log().debug("signal {} ({})", arrival.number, pass_on ? "passed on" : "from the terminal");
        if (arrival.number != SIGUSR1 && arrival.number != SIGUSR2 && arrival.number != SIGALRM) {
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

void log_plan(const MetricSet& set) {
    for (const std::string& line : set.plan())
        log().debug("{}", line);
    for (const pmc::Event& event : set.events())
        log().debug("event {}: {}", event.name, event.encoding);
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
    if (log().should_log(spdlog::level::debug))
        log_plan(*set);

    const Signals signals;
    Expected<Session> session = Session::start(std::move(*set), {options.command, signals.taken(), options.inherit});
    if (!session) {
        print_error(session.error());
        return exec_status(session.error());
    }
    const int ended_by = pass_signals(*session, signals);
    Result result = session->finish();
    if (ended_by != 0)
        end_leftovers(ended_by);

    result.tool = std::string("pmcstat ") + pmc::version();
    const std::string report = options.format == Format::json ? result.to_json() : text_report(result, options.verbose);
    if (Expected<bool> written = output->write(report); !written) {
        print_error(written.error());
        return result.run.status != 0 ? result.run.status : status::failed;
    }
    return result.run.status;
}

} // namespace cli
