#include "kernel/child.hpp"
#include "kernel/clock.hpp"
#include "kernel/cpu_watch.hpp"
#include "kernel/end_watch.hpp"
#include "metric/metric_set_state.hpp"
#include "record/describe.hpp"
#include "session/abandoned.hpp"
#include "session/attach_cpus.hpp"
#include "session/migrations.hpp"
#include "session/model_run.hpp"
#include "session/refusal.hpp"

#include <pmc/session.hpp>
#include <pmc/version.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <sys/wait.h>

namespace pmc {
namespace {

bool counted_hardware(const MetricSet::State& set, const std::vector<Sample>& samples) {
    const auto is_counted = [&](const Event& event) {
        return takes_counter(event) && std::ranges::any_of(samples, [&](const Sample& sample) {
                   return std::ranges::any_of(sample.events, [&](const EventCount& count) {
                       return count.name == event.name && count.has_value();
                   });
               });
    };
    return std::ranges::any_of(set.events, is_counted);
}

bool has(const std::vector<pid_t>& ids, pid_t id) noexcept {
    return std::ranges::find(ids, id) != ids.end();
}

/// On a machine with several core types: what belongs to other cores than those of the row.
void drop_other_cores(Sample& sample) {
    const auto is_elsewhere = [](const auto& one) {
        return !one.core.empty() && !one.has_value() && one.reason.cause == Cause::never_ran;
    };
    std::erase_if(sample.events, is_elsewhere);
    std::erase_if(sample.metrics, is_elsewhere);
}

} // namespace

struct Session::State {
    MetricSet set;
    Command command = {};
    Target target = {};
    std::optional<ModelRun> model = {}; ///< instead of counters; what the child is then is valgrind
    std::optional<kernel::Child> child = {};
    Migrations migrations = {}; ///< of a command that is pinned
    Attached attached = {};
    std::optional<CpuAttachment> cpus = {};
    kernel::CpuWatch cpu_watch = {};
    kernel::EndWatch ends = {};

    bool from_exec = false;           ///< a command is counted from its exec on
    std::uint64_t begun_ns = 0;       ///< when counting began; 0: not yet
    std::uint64_t off_since_ns = 0;   ///< 0: the counters are on
    std::uint64_t paused_ns = 0;      ///< how long they have been off, pauses that ended
    std::vector<Sample> samples = {}; ///< of the last interval
    Counts counts = {};

    explicit State(MetricSet metrics) : set(std::move(metrics)) {}

    Expected<bool> attach();
    /// The command, or what runs it under the model.
    Expected<kernel::Child> spawn();
    void started() noexcept;
    void on() noexcept;
    void off() noexcept;
    [[nodiscard]] bool is_on() const noexcept { return begun_ns != 0 && off_since_ns == 0; }
    /// How long since the beginning, and how much of it the counters were off: of one moment.
    struct Times {
        double elapsed_s = 0, paused_s = 0;
    };
    [[nodiscard]] Times times() const noexcept;
    Times marked = {}; ///< when the last interval ended
    Times fill(std::vector<Sample>& into, CounterSet::Since since);
    /// Counters that the kernel ended, or may have ended, before what they were on: all of a row, so that nothing is
    /// counted there any more?
    [[nodiscard]] bool are_all_abandoned(std::size_t row) const noexcept;
    /// Whether some of a row surely are.
    [[nodiscard]] bool are_some_abandoned(std::size_t row) const noexcept;
    /// Whether a command that has used so much has far less in `counts`, which are since the start: of its children
    /// nothing else tells.
    [[nodiscard]] bool has_less_than(double used_s) const noexcept;
    bool is_short = false; ///< it had
    /// Tells of that.
    void note_abandoned(Result& result) const;
    [[nodiscard]] CountedOn counted_on() const noexcept {
        return target.is_cpus() && target.cgroups.empty() ? CountedOn::cpu : CountedOn::task;
    }
};

Expected<bool> Session::State::attach() {
    // A command runs all the same; with nothing but a target there would be nothing to do.
    if (std::optional<Error> refusal = refusal_of(target, set.state().machine))
        return std::move(*refusal);
    Expected<Attached> opened = [&]() -> Expected<Attached> {
        if (!target.is_cpus())
            return attach_to_threads(set.state(), target);
        cpus.emplace(set.state(), target);
        return cpus->attach();
    }();
    if (!opened)
        return std::move(opened.error());
    attached = *std::move(opened);
    if (cpus)
        cpu_watch = kernel::CpuWatch::open();
    for (const pid_t process : attached.processes) {
        ends.add_process(process);
        ends.add_counters(process);
    }
    for (const pid_t thread : attached.threads) {
        ends.add_thread(thread);
        if (!has(attached.processes, thread)) // else its counters are watched already
            ends.add_counters(thread);
    }
    return true;
}

Expected<kernel::Child> Session::State::spawn() {
    const MetricSet::State& metrics = set.state();
    if (!metrics.machine.is_model())
        return kernel::Child::spawn(command);
    Expected<ModelRun> run = ModelRun::prepare(metrics, command);
    if (!run)
        return run.error();
    model = *std::move(run);
    return kernel::Child::spawn(model->command());
}

void Session::State::started() noexcept {
    begun_ns = kernel::clock_ns(CLOCK_MONOTONIC);
}

void Session::State::on() noexcept {
    if (is_on())
        return;
    attached.counters.enable();
    if (begun_ns == 0)
        return started();
    paused_ns += kernel::clock_ns(CLOCK_MONOTONIC) - off_since_ns;
    off_since_ns = 0;
}

void Session::State::off() noexcept {
    if (!is_on())
        return;
    attached.counters.disable();
    off_since_ns = kernel::clock_ns(CLOCK_MONOTONIC);
}

Session::State::Times Session::State::times() const noexcept {
    if (begun_ns == 0)
        return {};
    const std::uint64_t now = kernel::clock_ns(CLOCK_MONOTONIC);
    const std::uint64_t off = paused_ns + (off_since_ns == 0 ? 0 : now - off_since_ns);
    return {static_cast<double>(now - begun_ns) * 1e-9, static_cast<double>(off) * 1e-9};
}

Session::State::Times Session::State::fill(std::vector<Sample>& into, CounterSet::Since since) {
    const bool from_start = since == CounterSet::Since::start;
    const Times now = times();
    const double start_s = from_start ? 0 : marked.elapsed_s;
    const double end_s = now.elapsed_s;
    constexpr double a_moment = 1e-6; // rounding of doubles, and of the clock
    const double on_s = end_s - start_s - (now.paused_s - (from_start ? 0 : marked.paused_s));
    const double paused = on_s < a_moment ? end_s - start_s : std::max(0.0, end_s - start_s - on_s);
    // Who never ran while the counters were on did nothing then; while they were off nothing is known.
    const bool idle_is_nothing = since == CounterSet::Since::mark && on_s >= a_moment;
    into.resize(attached.rows.size());
    const bool by_core = cpus && set.state().machine.is_hybrid();
    for (std::size_t row = 0; row < into.size(); ++row) {
        Sample& sample = into[row];
        const Sample& what = attached.rows[row];
        sample.scope = what.scope;
        sample.id = what.id;
        sample.name = what.name;
        sample.cgroup = what.cgroup;
        sample.cpus = what.cpus;
        sample.start_s = start_s;
        sample.end_s = end_s;
        sample.paused_s = paused;
        const bool all_abandoned = are_all_abandoned(row);
        if (model)
            counts = model->counts(set.state(), end_s - start_s);
        else
            attached.counters.counts(row, idle_is_nothing && !all_abandoned ? CounterSet::Since::mark_enabled : since,
                                     counts);
        if (all_abandoned)
            leave_out_abandoned(counts);
        evaluate(set.state(), counts, end_s - start_s - paused, sample, counted_on());
        if (are_some_abandoned(row))
            mark_abandoned(sample);
        if (by_core)
            drop_other_cores(sample);
    }
    return now;
}

bool Session::State::are_all_abandoned(std::size_t row) const noexcept {
    const std::vector<pid_t>& surely = ends.without_counters();
    const std::vector<pid_t>& perhaps = ends.perhaps_without_counters();
    if (!attached.owners.empty())
        return has(surely, attached.owners[row]) || has(perhaps, attached.owners[row]);
    const auto is_process = [&](pid_t thread) { return has(attached.processes, thread); };
    const auto twice = static_cast<std::size_t>(std::ranges::count_if(attached.threads, is_process));
    const std::size_t all =
        attached.processes.size() + attached.threads.size() - twice + (child && target.is_empty() ? 1 : 0);
    const std::size_t ended = surely.size() + perhaps.size();
    return is_short || (ended != 0 && ended == all);
}

bool Session::State::are_some_abandoned(std::size_t row) const noexcept {
    const std::vector<pid_t>& surely = ends.without_counters();
    return is_short || (attached.owners.empty() ? !surely.empty() : has(surely, attached.owners[row]));
}

void Session::State::note_abandoned(Result& result) const {
    for (const pid_t one : ends.without_counters()) {
        const char* const what = has(attached.processes, one) ? "process " : "thread ";
        result.notes.push_back(
            note_of_abandoned(child && target.is_empty() ? "the command" : what + std::to_string(one)));
    }
    if (is_short)
        result.notes.push_back(note_of_abandoned("the command"));
}

bool Session::State::has_less_than(double used_s) const noexcept {
    const bool all_counted =
        !model && child && target.is_empty() && command.inherit && from_exec && is_on() && paused_ns == 0;
    return all_counted && ends.without_counters().empty() && are_short(counts, used_s);
}

Session::Session(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Expected<Session> Session::start(MetricSet set, const Command& command, const Target& target, Begin begin) {
    if (target.is_empty() && target.rows != Rows::total && target.rows != Rows::thread)
        return Error(ErrorKind::misuse, Stage::open, "a command has no row for a CPU, core, socket or node");
    if (set.state().machine.is_model() && (!target.is_empty() || begin == Begin::later))
        return Error(ErrorKind::misuse, Stage::open, "a model counts a command from its beginning, and nothing else");
    auto state = std::make_unique<State>(std::move(set));
    State& self = *state;
    self.command = command;
    self.target = target;
    Expected<kernel::Child> child = self.spawn();
    if (!child)
        return child.error();
    self.child = std::move(*child);
    if (command.cpu)
        self.migrations = Migrations(self.child->pid(), self.set.state().machine);
    const bool at_once = begin == Begin::at_once;
    self.from_exec = at_once;
    if (self.model) {
        self.attached.rows.emplace_back().id = std::to_string(self.child->pid());
    } else if (target.is_empty()) {
        self.attached = attach_to_command(self.set.state(), command, self.child->pid(), at_once);
        self.ends.add_counters(self.child->pid());
        if (self.ends.fd() >= 0)
            self.ends.add_process(self.child->pid());
        if (at_once)
            self.attached.counters.enable_units();
    } else {
        if (Expected<bool> attached = self.attach(); !attached)
            return std::move(attached.error());
        if (at_once)
            self.attached.counters.enable();
    }
    if (at_once)
        self.started();
    if (Expected<bool> released = self.child->release(); !released)
        return released.error();
    if (self.model)
        if (Expected<bool> begun = self.model->wait_for_begin(self.child->pid()); !begun)
            return begun.error();
    return Session(std::move(state));
}

Expected<Session> Session::start(MetricSet set, const Target& target, Begin begin) {
    if (target.is_empty())
        return Error(ErrorKind::misuse, Stage::open, "nothing to count: the target is empty");
    if (set.state().machine.is_model())
        return Error(ErrorKind::misuse, Stage::open, "a model counts a command, not what runs already");
    auto state = std::make_unique<State>(std::move(set));
    state->target = target;
    if (Expected<bool> attached = state->attach(); !attached)
        return std::move(attached.error());
    if (begin == Begin::at_once)
        state->on();
    return Session(std::move(state));
}

int Session::pid() const noexcept {
    return state_->child ? state_->child->pid() : -1;
}

int Session::end_fd() const noexcept {
    const State& self = *state_;
    const bool beside_target = self.child && !self.target.is_empty();
    return !beside_target && self.ends.fd() >= 0 ? self.ends.fd() : self.child ? self.child->pidfd() : -1;
}

bool Session::has_ended() noexcept {
    const bool all_ended = state_->ends.all_ended();
    if (!state_->child)
        return all_ended;
    siginfo_t info{};
    const int pid = state_->child->pid();
    return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

int Session::change_fd() const noexcept {
    return state_->cpu_watch.fd();
}

void Session::follow() {
    State& self = *state_;
    if (!self.cpus)
        return;
    if (self.cpu_watch.fd() >= 0 && !self.cpu_watch.take())
        return;
    self.attached.counters.read();
    if (self.cpus->follow(self.attached, self.is_on()) && self.is_on())
        self.attached.counters.enable();
}

bool Session::signal(int number) noexcept {
    return !state_->child || state_->child->signal(number);
}

void Session::enable() noexcept {
    state_->on();
}

void Session::disable() noexcept {
    state_->off();
}

double Session::elapsed_s() const noexcept {
    return state_->times().elapsed_s;
}

const std::vector<Sample>& Session::interval() {
    State& self = *state_;
    if (self.cpus && self.cpu_watch.fd() < 0)
        follow();
    (void)self.ends.all_ended(); // or their counters
    self.attached.counters.read();
    self.marked = self.fill(self.samples, CounterSet::Since::mark);
    self.attached.counters.mark();
    return self.samples;
}

std::vector<Sample> Session::totals() {
    State& self = *state_;
    (void)self.ends.all_ended(); // or their counters
    self.attached.counters.read();
    std::vector<Sample> samples;
    self.fill(samples, CounterSet::Since::start);
    return samples;
}

const std::vector<std::string>& Session::notes() const noexcept {
    return state_->attached.notes;
}

Result Session::describe() const {
    const State& self = *state_;
    const MetricSet::State& set = self.set.state();
    Result result;
    result.tool = std::string("libpmc ") + version();
    result.plan = self.set.plan();
    result.notes = self.attached.notes;
    result.run.argv = self.command.argv;
    result.run.target = self.attached.text;
    result.run.inherit = self.target.is_empty() ? self.command.inherit : self.target.inherit;
    if (self.child)
        result.run.pid = self.child->pid();
    else if (self.attached.processes.size() == 1 && self.attached.threads.empty())
        result.run.pid = self.attached.processes.front();
    result.run.mode = to_string(set.mode);
    result.run.cpu = self.command.cpu;
    result.run.fixed_addresses = self.command.fixed_addresses;
    result.run.fixed_environment = self.command.environment.has_value();
    result.run.elapsed_s = self.times().elapsed_s;
    result.no_pmu = self.set.why_no_hardware();
    if (result.no_pmu)
        result.run.backend = "software";
    describe_machine(set, result);
    return result;
}

Result Session::finish() {
    State& self = *state_;
    (void)has_ended(); // before the child is gone
    const kernel::Child::End end = self.child ? self.child->wait() : kernel::Child::End{};
    if (self.model)
        self.model->collect(self.child->pid(), end.status, self.attached.notes);
    std::vector<Sample> samples = totals();
    self.is_short = self.has_less_than(kernel::seconds(end.usage.ru_utime) + kernel::seconds(end.usage.ru_stime));
    if (self.is_short)
        samples = totals();
    Result result = describe();
    result.run.status = end.status;
    result.run.user_s = kernel::seconds(end.usage.ru_utime);
    result.run.sys_s = kernel::seconds(end.usage.ru_stime);
    result.run.involuntary_switches = end.usage.ru_nivcsw;
    result.run.migrations = self.migrations.count();
    result.run.max_rss_bytes = static_cast<std::int64_t>(end.usage.ru_maxrss) * 1024;
    if (!samples.empty())
        result.run.elapsed_s = samples.front().end_s;
    const bool is_model = self.set.state().machine.is_model();
    if (!is_model && counted_hardware(self.set.state(), samples)) {
        result.no_pmu = {};
        result.run.backend = "hardware";
    } else if (!is_model) {
        result.run.backend = "software";
    }
    self.note_abandoned(result);
    result.samples = std::move(samples);
    return result;
}

} // namespace pmc
