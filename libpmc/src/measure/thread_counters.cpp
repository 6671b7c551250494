#include "measure/thread_counters.hpp"

#include "machine/reason.hpp"

#include <algorithm>
#include <utility>

namespace pmc {
namespace {

Reason reason_of(const Error& error) {
    return error.reason() ? error.reason() : Reason{Cause::rejected, 0, error.message(), error.hint()};
}

} // namespace

GroupSpan::GroupSpan(const Reading& difference) noexcept
    : enabled_ns(difference.enabled_ns()), running_ns(difference.running_ns()), state(difference.state()) {
    for (std::uint32_t i = 0; i < difference.size(); ++i)
        raw[i] = difference[CounterId{i}].raw();
}

void GroupSpan::add(const GroupSpan& more) noexcept {
    for (std::size_t i = 0; i < raw.size(); ++i)
        raw[i] += more.raw[i];
    enabled_ns += more.enabled_ns;
    running_ns += more.running_ns;
    state = std::max(state, more.state);
}

void GroupSpan::subtract(const GroupSpan& overhead) noexcept {
    for (std::size_t i = 0; i < raw.size(); ++i)
        raw[i] -= std::min(raw[i], overhead.raw[i]);
    enabled_ns -= std::min(enabled_ns, overhead.enabled_ns);
    running_ns -= std::min(running_ns, overhead.running_ns);
}

GroupSpan GroupSpan::median(std::span<const GroupSpan> spans) {
    GroupSpan result;
    if (spans.empty())
        return result;
    std::vector<std::uint64_t> numbers(spans.size());
    const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
    const auto median_of = [&](auto&& get) {
        std::ranges::transform(spans, numbers.begin(), get);
        std::nth_element(numbers.begin(), middle, numbers.end());
        return *middle;
    };
    for (std::size_t i = 0; i < result.raw.size(); ++i)
        result.raw[i] = median_of([i](const GroupSpan& span) { return span.raw[i]; });
    result.enabled_ns = median_of([](const GroupSpan& span) { return span.enabled_ns; });
    result.running_ns = median_of([](const GroupSpan& span) { return span.running_ns; });
    result.state = State::counted;
    return result;
}

ThreadCounters::ThreadCounters(const MetricSet::State& set) : set_(set) {
    for (std::size_t number = 0; number < set.plan.groups.size(); ++number) {
        std::vector<Event> events;
        for (const std::size_t event : set.plan.groups[number].events)
            events.push_back(set.events[event]);
        if (events.empty())
            continue;
        Expected<CounterGroup> group = CounterGroup::open(std::move(events));
        if (group) {
            open_.push_back({number, std::move(*group)});
            continue;
        }
        // A group that opens and never runs, for want of free counters or of a core of its type, was not counted.
        const bool opened = group.error().stage() == Stage::verify && group.error().reason();
        lost_.push_back({number, opened ? State::not_counted : State::not_available, reason_of(group.error())});
    }
    before_.resize(open_.size());
    after_.resize(open_.size());
}

Counts ThreadCounters::counts(std::span<const GroupSpan> spans) const {
    Counts counts;
    for (std::size_t i = 0; i < open_.size(); ++i) {
        const GroupSpan span = i < spans.size() ? spans[i] : GroupSpan{};
        const std::vector<std::size_t>& events = set_.plan.groups[open_[i].number].events;
        for (std::size_t place = 0; place < events.size(); ++place)
            counts.push_back({events[place],
                              static_cast<int>(open_[i].number),
                              Count{span.raw[place], span.enabled_ns, span.running_ns, span.state},
                              {}});
    }
    for (const LostGroup& group : lost_)
        for (const std::size_t event : set_.plan.groups[group.number].events)
            counts.push_back({event, static_cast<int>(group.number), Count{0, 0, 0, group.state}, group.reason});
    return counts;
}

std::uint64_t ThreadCounters::raw(std::span<const GroupSpan> spans, std::size_t event, int group) const noexcept {
    for (std::size_t i = 0; i < open_.size() && i < spans.size(); ++i) {
        if (static_cast<int>(open_[i].number) != group)
            continue;
        const std::vector<std::size_t>& events = set_.plan.groups[open_[i].number].events;
        const auto found = std::ranges::find(events, event);
        return found == events.end() ? 0 : spans[i].raw[static_cast<std::size_t>(found - events.begin())];
    }
    return 0;
}

} // namespace pmc
