#pragma once

#include <pmc/command.hpp>
#include <pmc/expected.hpp>
#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>
#include <pmc/session.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace pmc {

/// Several runs of one command, each with its own part of what is to be counted, in one Result: nothing is multiplexed,
/// at the price of numbers that come from different runs.
///
///     pmc::Passes passes(pmc::MetricSet::standard().passes());
///     while (passes.has_next()) {
///         auto session = passes.start({{"./app"}});
///         if (!session) return fail(session.error());
///         passes.add(session->finish());
///     }
///     const pmc::Result result = passes.result();
///
/// The passes stop with a run that fails. Its status is the Result's; what the others would have counted is *not
/// counted*. With one part only, it is what Session does.
class PMC_API Passes {
public:
    explicit Passes(std::vector<MetricSet> parts);

    /// False once all have run, or one has ended with a status other than 0.
    [[nodiscard]] bool has_next() const noexcept;
    /// Starts the next run. Errors: as Session::start.
    Expected<Session> start(const Command& command);
    /// Takes what it counted.
    void add(Result run);
    /// The plan, a line per group: "pass 0  group 0  armv8_pmuv3  cycles, instructions".
    [[nodiscard]] const std::vector<std::string>& plan() const noexcept { return plan_; }
    /// One document: a Sample per pass, whose `run` is the pass; `run` is the last one, `runs` has each.
    [[nodiscard]] Result result() const;

private:
    std::vector<MetricSet> parts_; ///< those that were started are gone
    std::vector<Sample> not_run_;  ///< by part: what it has where it does not run
    std::vector<std::string> plan_;
    std::size_t started_ = 0;
    Result result_;
};

} // namespace pmc
