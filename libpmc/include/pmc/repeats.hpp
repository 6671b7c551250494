#pragma once

#include <pmc/command.hpp>
#include <pmc/expected.hpp>
#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>
#include <pmc/session.hpp>
#include <pmc/target.hpp>

#include <optional>
#include <string>

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
/// It ends with a run that fails, which stays in the document but counts for nothing. So does a run that was disturbed
/// (on another CPU though the command was pinned to one, or taken off its CPU far more often than the others): another
/// takes its place.
class PMC_API Repeats {
public:
    struct Options {
        unsigned runs = 10; ///< at least 1
        unsigned warmup = 0;
        bool allow_failures = false; ///< runs that fail count like the others
    };
    /// Throws Error (misuse) if there are no runs to count.
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
    /// All runs so far as one document: `run` is the last, `runs` has each. Valid only after an add().
    [[nodiscard]] Result result() const;

private:
    void mark_disturbed();
    [[nodiscard]] unsigned counting() const noexcept;

    MetricSet set_;
    Options options_;
    Result result_;
    std::string ended_;
};

} // namespace pmc
