#pragma once

#include "metric/metric_set_state.hpp"
#include "session/valgrind_run.hpp"
#include "session/valgrind_totals.hpp"

#include <pmc/command.hpp>
#include <pmc/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// A command that is counted by one of valgrind's tools in the place of counters.
class ModelRun {
public:
    /// Errors: those of ValgrindRun::prepare(); misuse (not all that the command makes is wanted).
    static Expected<ModelRun> prepare(const MetricSet::State& set, const Command& command);

    /// To be spawned in the place of the command.
    [[nodiscard]] const Command& command() const noexcept { return run_.command(); }

    /// Once its process was released: returns when the command has begun. Errors: those of
    /// ValgrindRun::wait_for_begin().
    [[nodiscard]] Expected<bool> wait_for_begin(pid_t pid) const { return run_.wait_for_begin(pid); }

    /// Reads what was counted, once the command has ended with `status`; says in `notes` what is missing.
    void collect(pid_t pid, int status, std::vector<std::string>& notes);
    /// The counts of the set's events; before collect() there are none.
    [[nodiscard]] Counts counts(const MetricSet::State& set, double seconds) const;

private:
    using Parse = Expected<ValgrindTotals> (*)(std::string_view text);
    ModelRun(ValgrindRun run, Parse parse, std::string asked)
        : run_(std::move(run)), parse_(parse), asked_(std::move(asked)) {}

    ValgrindRun run_;
    Parse parse_;       ///< what the tool writes
    std::string asked_; ///< the command's words, a blank between them
    ValgrindTotals totals_;
    /// Of forks without an exec. Cachegrind goes on counting in them from where their parent was, and nothing tells how
    /// far that had been: they are not in the totals, and where they are more than a trifle beside them, nobody knows.
    ValgrindTotals forked_;
    Reason why_none_; ///< set: there are no totals, or none that is true
};

/// Whether what forks did, at the most, can be left out of a count without being missed.
bool is_trifle(std::uint64_t forked, std::uint64_t counted) noexcept;

/// What an event of a model comes to: the sum of the terms that it is of. Nothing where valgrind did not count one, or
/// the sum is too large.
std::optional<std::uint64_t> modelled_count(const Event& event, const Machine& machine, const ValgrindTotals& totals);

} // namespace pmc
