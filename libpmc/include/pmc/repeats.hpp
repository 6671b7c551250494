#pragma once

#include <pmc/command.hpp>
#include <pmc/expected.hpp>
#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>
#include <pmc/session.hpp>
#include <pmc/target.hpp>

#include <cstddef>
#include <vector>

namespace pmc {

/// One command again and again, as one Result: each run's samples are kept, and Result::statistics says what they came
/// to.
///
///     pmc::Repeats repeats(*std::move(set), {.runs = 10, .warmup = 1});
///     while (repeats.has_next()) {
///         auto session = repeats.start({{"./app"}});
///         if (!session) return fail(session.error());
///         repeats.add(session->finish());
///     }
///     const pmc::Result result = repeats.result();
///
/// It ends with a run that fails. A run that was disturbed (on another CPU though the command was pinned to one, or off
/// its CPU far more often than the others) stays in the document, marked, but counts for nothing, and another takes its
/// place.
class PMC_API Repeats {
public:
    struct Options {
        unsigned runs = 10; ///< at least 1
        unsigned warmup = 0;
        bool allow_failures = false; ///< runs that fail count like the others
    };
    Repeats(MetricSet set, Options options);

    /// Whether there is a run to come. Of the runs that are disturbed as many are replaced as were asked for at most.
    [[nodiscard]] bool has_next() const;
    /// Starts the next run. Errors: as Session::start.
    Expected<Session> start(const Command& command, const Target& target = {});
    /// Takes what it counted.
    void add(Result run);
    /// Asks for more runs: `runs` in all.
    void extend(unsigned runs);
    /// Ends them, for this reason: "SIGINT".
    void end(std::string why);
    [[nodiscard]] Result result() const;

private:
    void mark_disturbed();

    MetricSet set_;
    Options options_;
    Result result_;
};

} // namespace pmc
