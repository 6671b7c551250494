#pragma once

#include <pmc/do_not_optimize.hpp>
#include <pmc/export.hpp>
#include <pmc/measurement.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace pmc {

/// What measure() counts, and how long it goes on.
///
///     const pmc::MeasureOptions options{.events = "cycles,instructions", .budget_s = 5, .operations = 1000};
struct MeasureOptions {
    /// An event list: events, metrics, formulas. User mode, unless a modifier says otherwise.
    std::string events = "cycles,instructions";
    /// It ends after so many seconds, setups and warm-up included, tight or not; the run that is under way is finished.
    /// Where callgrind counts (pmcstat --backend model-regions) the time is not looked at: it ends after min_runs.
    double budget_s = 1.0;
    /// Runs before those that count. They take half of the budget at most.
    unsigned warmup = 3;
    /// So many undisturbed runs before it looks whether the values are tight.
    unsigned min_runs = 10;
    /// A pass ends after so many runs, disturbed ones included, tight or not. At least 1.
    unsigned max_runs = 10'000;
    /// Tight: the median's 95 % interval is within this share of it, for everything that is counted; for the time,
    /// where nothing else is.
    double tightness = 0.005;
    /// How many operations one run of the body does: events and the time are divided by it. Metrics and formulas are
    /// not: one without a division is of the whole run. More than 0.
    double operations = 1;
};

class MetricSet;

/// What measure() is made of: everything but the loop itself, which is a template so that the body can be part of it.
class PMC_API MeasureLoop {
public:
    /// Throws Error: a list that can't be read, an unknown name, options without meaning.
    explicit MeasureLoop(const MeasureOptions& options);
    /// The same of a list that was read before.
    MeasureLoop(MetricSet set, const MeasureOptions& options);
    MeasureLoop(const MeasureLoop&) = delete;
    MeasureLoop& operator=(const MeasureLoop&) = delete;
    ~MeasureLoop();

    /// Opens what the next pass counts. A pass is what fits on the PMU at once: nothing takes turns.
    bool next_pass();
    /// Whether one more run of an empty body is to tell what beginning and ending take.
    bool calibrates();
    /// Whether there is one more run of the body.
    bool goes_on();
    Measurement finish();

    // Out of line, so that what they count of themselves does not depend on the code around them.
    [[gnu::noinline]] void begin() noexcept;
    [[gnu::noinline]] void end() noexcept;

private:
    class State;
    std::unique_ptr<State> state_;
};

namespace detail {

struct EmptyBody {
    template <class... Input>
    void operator()(Input&...) const noexcept {}
};

/// One run. A function of its own, and not the tail of another, so that the code around the body is the same whatever
/// the body is: what an empty one costs can then be subtracted, to the last instruction.
template <class Body, class... Input>
[[gnu::noinline]] void run_once(MeasureLoop& loop, Body& body, Input&... input) {
    loop.begin();
    clobber_memory();
    if constexpr (std::is_void_v<std::invoke_result_t<Body&, Input&...>>) {
        body(input...);
    } else {
        const auto& result = body(input...);
        do_not_optimize(result);
    }
    clobber_memory();
    loop.end();
    clobber_memory();
}

/// What the setup gives goes to `use`, which gets nothing where the setup gives nothing.
template <class Setup, class Use>
void with_input(Setup& setup, const Use& use) {
    if constexpr (std::is_void_v<std::invoke_result_t<Setup&>>) {
        setup();
        use();
    } else {
        auto&& input = setup();
        use(input);
    }
}

} // namespace detail

/// Measures a piece of code: runs it until the medians are known closely enough, or the budget is spent.
///
///     const pmc::Measurement m = pmc::measure("cycles,instructions", [&] { return input; },   // setup: not counted
///                                             [](auto& v) { std::ranges::sort(v); });         // the body
///     std::printf("%.0f instructions\n", m["instructions"].median());
///
/// The setup is called before every run, and once more for each pass; what it gives is the body's argument. What the
/// body returns is computed, though nobody looks at it. An empty body measures 0 instructions. Runs that were disturbed
/// are counted (Measurement::runs()) and left out. This thread, and user mode: what other threads do is not counted.
/// Throws Error for a list that can't be read or has unknown names; what can't be counted here is *not available*, with
/// its Reason, and the time is measured all the same. What the setup or the body throws passes through.
template <class Setup, class Body>
Measurement measure(const MeasureOptions& options, Setup&& setup, Body&& body) {
    MeasureLoop loop(options);
    detail::EmptyBody empty;
    while (loop.next_pass()) {
        detail::with_input(setup, [&](auto&... input) {
            while (loop.calibrates())
                detail::run_once(loop, empty, input...);
        });
        while (loop.goes_on())
            detail::with_input(setup, [&](auto&... input) { detail::run_once(loop, body, input...); });
    }
    return loop.finish();
}

/// Without a setup.
template <class Body>
Measurement measure(const MeasureOptions& options, Body&& body) {
    return measure(
        options, [] {}, body);
}

/// With the usual options.
template <class Setup, class Body>
Measurement measure(std::string_view events, Setup&& setup, Body&& body) {
    return measure(MeasureOptions{.events = std::string{events}}, setup, body);
}

template <class Body>
Measurement measure(std::string_view events, Body&& body) {
    return measure(
        MeasureOptions{.events = std::string{events}}, [] {}, body);
}

} // namespace pmc
