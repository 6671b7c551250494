#pragma once

#include <pmc/export.hpp>
#include <pmc/reason.hpp>
#include <pmc/result.hpp>

#include <memory>
#include <string_view>

namespace pmc {

/// Counts an event list on this thread over as many pieces of time as one likes, for what has a loop of its own: a
/// benchmark framework, a game's frame. User mode unless a modifier says otherwise.
///
///     pmc::Tally tally{"cycles,ipc"};                // throws pmc::Error with a hint
///     for (…) { tally.resume(); work(); tally.pause(); other_work(); }
///     for (const pmc::MetricValue& metric : tally.sample().metrics)
///         …
///
/// The two readings around each piece count some of themselves: measure single short pieces by measure(), which
/// subtracts that. Only the thread that made it may use it. Where not all fits on the PMU at once, what is asked for
/// first is counted, and the rest is *not counted*: nothing takes turns.
class PMC_API Tally {
public:
    /// Throws Error: a list that can't be read, an unknown name. What can't be counted here is *not available*.
    explicit Tally(std::string_view list);
    Tally(Tally&&) noexcept;
    Tally& operator=(Tally&&) noexcept;
    ~Tally();

    // Neither allocates. A resume without a pause between begins anew; a pause without a resume is none.
    void resume() noexcept;
    void pause() noexcept;
    /// Forgets what was counted.
    void clear() noexcept;

    /// The totals of all pieces, as one sample of scope "measure". A piece that was not counted makes its values *not
    /// counted*, as totals would be too small.
    [[nodiscard]] Sample sample() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace pmc
