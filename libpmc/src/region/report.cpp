#include "counter/model_reader.hpp"
#include "counter/reasons.hpp"
#include "kernel/client_request.hpp"
#include "kernel/clock.hpp"
#include "kernel/counter_register.hpp"
#include "kernel/file_tree.hpp"
#include "metric/metric_set_state.hpp"
#include "record/describe.hpp"
#include "region/measuring.hpp"
#include "region/scope.hpp"

#include <pmc/region.hpp>
#include <pmc/result.hpp>
#include <pmc/version.hpp>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace pmc {
namespace {

/// A copy of a region's sums, of one thread or of all.
struct Sums {
    Sums(std::size_t words, std::size_t groups) : total(words), nested(words), inner(words), uncounted(groups) {}

    RegionSums head{};
    std::vector<std::uint64_t> total, nested, inner, uncounted;
};

std::uint64_t shared(std::uint64_t& word) noexcept {
    // Each is read before what comes after it.
    return SharedWord{word}.load(std::memory_order_acquire);
}

void copy_words(std::uint64_t* from, std::vector<std::uint64_t>& to) noexcept {
    for (std::size_t i = 0; i < to.size(); ++i)
        to[i] = shared(from[i]);
}

Sums copy_of(RegionSums& from, std::size_t words, std::size_t groups) {
    Sums copy(words, groups);
    copy.head = {shared(from.sequence), shared(from.threads), shared(from.openings), shared(from.uncounted),
                 shared(from.dropped)};
    copy_words(from.total(), copy.total);
    copy_words(from.nested(words), copy.nested);
    copy_words(from.inner(words), copy.inner);
    copy_words(from.uncounted_by_group(words), copy.uncounted);
    return copy;
}

/// What a running thread has at one moment: it may go on while this reads.
Sums copy_of(ThreadRecord& record, std::uint32_t region, std::size_t groups) {
    // A thread that was put aside amid a change comes back sooner or later; a stopped one need not.
    constexpr int patience = 10'000;
    RegionSums& sums = record.sums_of(region);
    for (int i = 0;; ++i) {
        Sums copy = copy_of(sums, record.words, groups);
        const std::uint64_t sequence = copy.head.sequence;
        if (i == patience ||
            ((sequence & 1) == 0 && SharedWord{sums.sequence}.load(std::memory_order_relaxed) == sequence)) {
            copy.head.sequence &= ~std::uint64_t{1};
            copy.head.threads = copy.head.calls() > 0 ? 1 : 0;
            return copy;
        }
        sched_yield();
    }
}

void add(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& more) noexcept {
    for (std::size_t i = 0; i < to.size(); ++i)
        to[i] += more[i];
}

void subtract(std::vector<std::uint64_t>& from, const std::vector<std::uint64_t>& less) noexcept {
    for (std::size_t i = 0; i < from.size(); ++i)
        from[i] -= less[i];
}

void add(Sums& to, const Sums& more) noexcept {
    to.head.sequence += more.head.sequence;
    to.head.threads += more.head.threads;
    to.head.openings += more.head.openings;
    to.head.uncounted += more.head.uncounted;
    to.head.dropped += more.head.dropped;
    add(to.total, more.total);
    add(to.nested, more.nested);
    add(to.inner, more.inner);
    add(to.uncounted, more.uncounted);
}

/// Nanoseconds of the snapshots' ticks.
class TickClock {
public:
    explicit TickClock(const Ledger& ledger) : page_(ledger.clock) {
        if (page_.mult != 0)
            return;
        // Nothing says how fast it ticks: compare it with a clock that is known.
        std::uint64_t ns = 0;
        do {
            ns = kernel::clock_ns(CLOCK_MONOTONIC_RAW);
        } while (ns - ledger.start_ns < shortest_ns);
        ns_per_tick_ = static_cast<double>(ns - ledger.start_ns) /
                       static_cast<double>(kernel::Processor::ticks() - ledger.start_ticks);
    }

    [[nodiscard]] double seconds(std::uint64_t ticks) const noexcept {
        if (page_.mult != 0)
            return static_cast<double>(page_.since_update(0, ticks)) * 1e-9;
        return static_cast<double>(ticks) * ns_per_tick_ * 1e-9;
    }

private:
    static constexpr std::uint64_t shortest_ns = 2'000'000;
    kernel::UserClock page_;
    double ns_per_tick_ = 1;
};

/// What a region has for itself is a difference of sums. A signal handler's scope at the edge of another one may be in
/// the nested sum and not in the whole.
constexpr std::uint64_t not_negative(std::uint64_t word) noexcept {
    return word >> 63 != 0 ? 0 : word;
}

class Reporter {
public:
    Reporter(const Measuring& measured, const Ledger& ledger)
        : measured_(measured), clock_(ledger.clock), tick_clock_(ledger), pid_(getpid()) {}

    /// The region's two samples.
    void add_samples(const char* name, Sums sums, Result& result) const {
        std::vector<std::uint64_t> inclusive = sums.total;
        subtract(inclusive, sums.inner);
        result.samples.push_back(sample("region", name, sums, inclusive));
        subtract(sums.total, sums.nested);
        result.samples.push_back(sample("region_self", name, sums, sums.total));
    }

private:
    Sample sample(const char* scope, const char* name, const Sums& sums,
                  const std::vector<std::uint64_t>& words) const {
        Sample sample;
        sample.scope = scope;
        sample.id = name;
        sample.end_s = tick_clock_.seconds(not_negative(words[0]));
        sample.region = RegionUse{.pid = pid_,
                                  .calls = sums.head.calls(),
                                  .threads = sums.head.threads,
                                  .openings = sums.head.openings,
                                  .uncounted = sums.head.uncounted,
                                  .dropped = sums.head.dropped,
                                  .time_s = sample.end_s,
                                  .reason = {}};
        if (measured_.set)
            evaluate(measured_.set->state(), counts(sums, words, sample.region->reason), sample.end_s, sample);
        return sample;
    }

    /// The sums as counts of the set's events. `reason`: why calls were not counted.
    Counts counts(const Sums& sums, const std::vector<std::uint64_t>& words, Reason& reason) const {
        Counts counts;
        const std::vector<PlannedGroup>& groups = measured_.set->state().plan.groups;
        for (std::size_t g = 0; g < groups.size(); ++g) {
            const RegionLayout::Group& at = measured_.layout.groups[g];
            const auto untimed = static_cast<std::uint64_t>(tick_clock_.seconds(words[at.untimed()]) * 1e9);
            const std::uint64_t elapsed = clock_.since_update(0, words[0]) + untimed;
            const std::uint64_t enabled = not_negative(words[at.enabled] + elapsed);
            const std::uint64_t running = not_negative(words[at.running()] + elapsed);
            const bool counted = sums.uncounted[g] < sums.head.calls() && (running > 0 || enabled == 0);
            Reason why = sums.uncounted[g] > 0 ? group_reason(g) : Reason{};
            if (sums.uncounted[g] > 0 && !why)
                why = unread_reason(groups[g]);
            if (why && !reason)
                reason = why;
            for (std::size_t i = 0; i < groups[g].events.size(); ++i)
                counts.push_back({groups[g].events[i], static_cast<int>(g),
                                  counted ? Count{not_negative(words[at.count(i)]), enabled, running, State::counted}
                                          : Count{0, enabled, running, State::not_counted},
                                  counted ? Reason{} : not_counted_reason(why, enabled, groups[g])});
        }
        return counts;
    }

    [[nodiscard]] Reason unread_reason(const PlannedGroup& group) const {
        if (is_modelled(measured_.set->state().events[group.events.front()]))
            return {Cause::under_valgrind, 0, "valgrind's answer was lost, or the program had its counts dumped", {}};
        return {Cause::never_scheduled, 0, "the group could not be read", {}};
    }

    [[nodiscard]] Reason not_counted_reason(const Reason& why, std::uint64_t enabled, const PlannedGroup& group) const {
        if (why)
            return why;
        return enabled == 0 ? Reason{Cause::never_ran, 0, "no call of the region has ended", {}}
                            : never_scheduled(group.events.size(), measured_.set->state().machine);
    }

    const Measuring& measured_;
    kernel::UserClock clock_;
    TickClock tick_clock_;
    int pid_;
};

std::vector<std::string> command_line() {
    std::vector<std::string> words;
    std::string text = kernel::FileTree("").read("/proc/self/cmdline").value_or("");
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\0', at), text.size());
        words.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

void describe_process(Result& result) {
    result.tool = std::string("libpmc ") + version();
    result.run.argv = command_line();
    result.run.pid = getpid();
    result.run.inherit = false;
    if (const Ledger& book = ledger(); book.start_ns != 0) // a fork's child without regions has not begun
        result.run.elapsed_s = static_cast<double>(kernel::clock_ns(CLOCK_MONOTONIC_RAW) - book.start_ns) * 1e-9;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    result.run.user_s = kernel::seconds(usage.ru_utime);
    result.run.sys_s = kernel::seconds(usage.ru_stime);
    result.run.max_rss_bytes = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

void describe_counting(const Measuring& measured, Result& result) {
    result.notes = measured.notes;
    result.run.mode = to_string(Mode::user);
    if (!measured.set)
        return;
    result.plan = measured.set->plan();
    describe_machine(measured.set->state(), result);
    result.no_pmu = measured.set->why_no_hardware();
    if (result.no_pmu)
        result.run.backend = "software";
}

void add_note(Result& result, std::uint64_t number, const char* what) {
    if (number > 0)
        result.notes.push_back(std::to_string(number) + " " + what);
}

/// What stands in every call's counts for the scope itself.
void add_cost_note(const Measuring& measured, const std::uint64_t* words, Result& result) {
    std::string counts;
    const MetricSet::State& set = measured.set->state();
    for (std::size_t g = 0; g < set.plan.groups.size(); ++g) {
        const std::vector<std::size_t>& events = set.plan.groups[g].events;
        for (std::size_t i = 0; i < events.size(); ++i)
            if (takes_counter(set.events[events[i]]))
                counts += (counts.empty() ? "" : ", ") + std::to_string(words[measured.layout.groups[g].count(i)]) +
                          " " + set.events[events[i]].name;
    }
    if (!counts.empty())
        result.notes.push_back("an empty scope counts " + counts);
}

} // namespace

Result report() {
    const kernel::Uncounted uncounted;
    Result result;
    const Measuring* measured = measuring();
    if (measured == nullptr)
        return result;
    describe_process(result);
    describe_counting(*measured, result);
    Ledger& book = ledger();
    if (book.alive.load(std::memory_order_acquire) == 0)
        return result; // a fork's child that had no regions
    const BusyMark busy;
    const LedgerLock lock;
    const Reporter reporter(*measured, book);
    const std::size_t groups = measured->layout.groups.size();
    const std::uint32_t end = region_end();
    for (std::uint32_t id = first_region; id < end; ++id) {
        Sums sums = copy_of(book.sums_of(id), measured->layout.words, groups);
        for (ThreadOwner* owner = threads(); owner != nullptr; owner = owner->next)
            add(sums, copy_of(*owner->record, id, groups));
        if (sums.head.calls() > 0 || sums.head.dropped > 0)
            reporter.add_samples(region_name(id), std::move(sums), result);
    }
    if (measured->set && shared(book.cost().sequence) != 0)
        add_cost_note(*measured, book.cost().total(), result);
    add_note(result, book.refused.load(), "threads could not be measured, for want of memory");
    add_note(result, book.unnamed.load(),
             "scopes were dropped whose region had no number: there is room for 1024 regions");
    return result;
}

} // namespace pmc
