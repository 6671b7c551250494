#pragma once

#include <pmc/event.hpp>
#include <pmc/expected.hpp>
#include <pmc/machine.hpp>
#include <pmc/tables.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// What -e, PMC_EVENTS and measure() ask for, made ready to be counted: names resolved, each metric's best variant
/// chosen among those whose events open on this machine, and the events packed into as few groups as the PMU allows.
///
///     auto set = pmc::MetricSet::parse("ipc,llc,page-faults");
///     if (!set) { fail(set.error()); }
///     auto result = pmc::Session::start(std::move(*set), {{"./app"}})->finish();
///
/// On a machine with several core types, what needs a core's event is counted once on each: the values keep their ids,
/// and differ in `core`. A PMU that is named ("cpu_core/cycles/") is that one alone, and so is all that stands in one
/// {…} or formula with it.
class PMC_API MetricSet {
public:
    /// A list in the event language. Errors: syntax, unknown_name (with suggestions). What exists but can't be counted
    /// here is no error: it becomes *not available*, with its Reason.
    /// Metrics and CPUs are those compiled in, with the files of PMC_TABLES over them (see Tables::from_environment).
    static Expected<MetricSet> parse(std::string_view list, const Machine& machine = Machine::host());
    /// The same with given tables, and the most that events without a modifier count.
    static Expected<MetricSet> parse(std::string_view list, const Machine& machine, const Tables& tables,
                                     Mode most = Mode::user_kernel);
    /// The default set: the metrics that answer "why is it slow" on any machine.
    static MetricSet standard(const Machine& machine = Machine::host(), const Tables& tables = Tables::builtin());

    // Copies share what was made ready, so that a command can be counted again and again.
    MetricSet(const MetricSet&) noexcept;
    MetricSet(MetricSet&&) noexcept;
    MetricSet& operator=(const MetricSet&) noexcept;
    MetricSet& operator=(MetricSet&&) noexcept;
    ~MetricSet();

    /// All events that will be counted, each once.
    [[nodiscard]] const std::vector<Event>& events() const noexcept;
    /// The privilege levels that events without a modifier count: user+kernel, or user where the kernel may not be
    /// counted.
    [[nodiscard]] Mode mode() const noexcept;
    /// Why no hardware counter is to be had here, if anything in the list needs one; empty otherwise.
    [[nodiscard]] Reason why_no_hardware() const;
    /// Whether some PMU has more than one group to count, so that they take turns: then the error names the first
    /// metric or event, in the order asked for, that no longer fits beside those before it. Groups of software events
    /// don't count, nor does what is not available.
    [[nodiscard]] std::optional<Error> needs_multiplexing() const;
    /// The set in parts that need no multiplexing, each to be counted in a run of its own (see Passes): one group of
    /// every PMU, and all groups of software events. A metric is in the part that has its events. The first part also
    /// has the metrics of software events alone, and whatever is not available. At least one; all that there is, if
    /// nothing needs multiplexing.
    [[nodiscard]] std::vector<MetricSet> passes() const;
    /// The plan, a line per group, for people: "group 0  armv8_pmuv3  cycles, instructions".
    [[nodiscard]] std::vector<std::string> plan() const;
    /// The table that roles came from: "neoverse-n1", or "generic" (a labelled fall-back). With several core types
    /// those of all: "alderlake-p+alderlake-e".
    [[nodiscard]] const std::string& table() const noexcept;

    struct State;
    [[nodiscard]] const State& state() const noexcept { return *state_; }

private:
    explicit MetricSet(std::unique_ptr<State> state) noexcept;
    std::shared_ptr<const State> state_;
};

} // namespace pmc
