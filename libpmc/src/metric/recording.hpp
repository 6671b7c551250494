#pragma once

#include "counter/counter_set.hpp"
#include "counter/planner.hpp"
#include "event/event_list.hpp"
#include "metric/binder.hpp"
#include "metric/metric_set_state.hpp"
#include "table/tables_state.hpp"

#include <pmc/machine.hpp>
#include <pmc/result.hpp>
#include <pmc/tables.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// The events of one sample of a Result in the place of a machine's: what was counted then can be counted, in the
/// groups of then, and nothing else. An event that is bound to one of them takes its place in the sample as its code
/// (config).
class Recording {
public:
    /// `machine` has the PMUs that the recording's encodings are written for, as far as a table knows them.
    /// All that is given must stay as long as the recording is used.
    Recording(const Result& result, const Sample& sample, const Machine& machine, const Tables& tables);

    [[nodiscard]] Mode mode() const noexcept { return mode_; }
    [[nodiscard]] std::optional<bool> smt() const noexcept { return result_.host.smt; }

    /// See Binder.
    [[nodiscard]] Candidate role(std::string_view role, std::optional<Mode> mode, std::string_view suffix) const;
    [[nodiscard]] Expected<Candidate> event(const NameItem& item) const;
    /// Why these bound events were not counted together; empty where all that take a counter were in one group.
    [[nodiscard]] Reason why_apart(const std::vector<Event>& events) const;

    /// A group for each bundle: which one of the recorded ones that was is for counts() to know.
    [[nodiscard]] static Plan plan(const std::vector<Bundle>& bundles);
    [[nodiscard]] Counts counts(const MetricSet::State& set) const;
    /// The recorded group that a bundle's events were counted in; nothing if there is none, or it does not matter.
    [[nodiscard]] std::optional<int> group_of(const MetricSet::State& set, std::size_t bundle) const;
    /// What was recorded of a bound event.
    [[nodiscard]] const EventCount& recorded(const Event& bound) const { return sample_.events[bound.config]; }

private:
    /// What an event is on its PMU. "hardware" and "cache" are the kernel's own codes.
    struct Code {
        std::string pmu;
        std::uint64_t config = 0, config1 = 0, config2 = 0;
        bool operator==(const Code&) const = default;
    };
    /// An event of the sample, or one that is looked for among them.
    struct Identity {
        std::string name;         ///< without its modifier, underscores for hyphens
        std::string encoding;     ///< may be empty
        std::string pmu;          ///< the machine's name for it
        std::optional<Code> code; ///< nothing where the PMU is not known
        std::string_view fixed;   ///< "cycles", "instructions", or nothing
        std::optional<Mode> mode;
    };

    [[nodiscard]] Identity identity(const EventCount& event) const;
    [[nodiscard]] Identity identity(const Event& event, std::string_view name, const RoleEvent* role) const;
    [[nodiscard]] std::string_view fixed_name(const std::optional<Code>& code) const;
    [[nodiscard]] std::optional<Code> code_of(const Event& event) const;
    [[nodiscard]] std::optional<Code> code_of(std::string_view encoding) const;
    [[nodiscard]] std::string core_pmu() const;
    [[nodiscard]] std::string machine_pmu(std::string_view recorded) const;

    [[nodiscard]] static bool same(const Identity& recorded, const Identity& wanted);
    [[nodiscard]] std::optional<std::size_t> find(const Identity& wanted) const;
    [[nodiscard]] std::optional<std::size_t> find(const NameItem& written) const;
    /// Makes the candidate the recorded event.
    void bind(Candidate& candidate, std::size_t index) const;

    [[nodiscard]] std::vector<int> groups_of(const Event& bound) const;
    /// The groups that all of them were counted in.
    [[nodiscard]] std::vector<int> common_groups(const std::vector<Event>& events) const;
    [[nodiscard]] GroupedCount count_in(const Event& bound, std::optional<int> group) const;

    const Result& result_;
    const Sample& sample_;
    const Machine& machine_;
    const Tables& tables_;
    Mode mode_ = Mode::user_kernel;
    std::optional<Code> cycles_, instructions_; ///< of this CPU's table
    std::vector<Identity> events_;              ///< by place in the sample
};

} // namespace pmc
