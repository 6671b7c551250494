#include "counter/counter_set.hpp"
#include "counter/planner.hpp"
#include "kernel/child.hpp"
#include "kernel/clock.hpp"
#include "metric/metric_set_state.hpp"
#include "record/describe.hpp"

#include <pmc/session.hpp>
#include <pmc/version.hpp>

#include <cstdint>

namespace pmc {
namespace {

bool counted_hardware(const MetricSet::State& set, const Sample& sample) {
    for (const Event& event : set.events)
        for (const EventCount& count : sample.events)
            if (count.name == event.name && count.has_value() && takes_counter(event))
                return true;
    return false;
}

} // namespace

struct Session::State {
    MetricSet set;
    Command command;
    kernel::Child child;
    CounterSet counters;
    std::uint64_t start_ns;
};

Session::Session(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Expected<Session> Session::start(MetricSet set, const Command& command) {
    Expected<kernel::Child> child = kernel::Child::spawn(command);
    if (!child)
        return child.error();
    const MetricSet::State& asked = set.state();
    CounterSet counters =
        CounterSet::open_on_exec(asked.events, asked.plan, child->pid(), asked.mode, asked.machine, command.inherit);
    const std::uint64_t start_ns = kernel::clock_ns(CLOCK_MONOTONIC);
    if (Expected<bool> released = child->release(); !released)
        return released.error();
    return Session(
        std::make_unique<State>(State{std::move(set), command, std::move(*child), std::move(counters), start_ns}));
}

int Session::pid() const noexcept {
    return state_->child.pid();
}

int Session::end_fd() const noexcept {
    return state_->child.pidfd();
}

void Session::signal(int number) noexcept {
    state_->child.signal(number);
}

Result Session::finish() {
    const kernel::Child::End end = state_->child.wait();
    const double elapsed_s = static_cast<double>(kernel::clock_ns(CLOCK_MONOTONIC) - state_->start_ns) * 1e-9;
    const Counts counts = state_->counters.read();

    const MetricSet::State& set = state_->set.state();
    Result result;
    result.tool = std::string("libpmc ") + version();
    result.plan = state_->set.plan();
    result.run.argv = state_->command.argv;
    result.run.inherit = state_->command.inherit;
    result.run.pid = state_->child.pid();
    result.run.status = end.status;
    result.run.mode = to_string(set.mode);
    result.run.elapsed_s = elapsed_s;
    result.run.user_s = kernel::seconds(end.usage.ru_utime);
    result.run.sys_s = kernel::seconds(end.usage.ru_stime);
    result.run.max_rss_bytes = static_cast<std::int64_t>(end.usage.ru_maxrss) * 1024;

    Sample sample;
    sample.id = std::to_string(result.run.pid);
    sample.end_s = elapsed_s;
    evaluate(set, counts, elapsed_s, sample);
    if (!counted_hardware(set, sample)) {
        result.run.backend = "software";
        result.no_pmu = state_->set.why_no_hardware();
    }
    result.samples.push_back(std::move(sample));
    describe_machine(set, result);
    return result;
}

} // namespace pmc
