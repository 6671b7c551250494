#include <pmc/counter_group.hpp>

#include "counter/open_event.hpp"
#include "counter/planner.hpp"
#include "counter/reading_access.hpp"
#include "counter/reasons.hpp"
#include "event/event_list.hpp"
#include "event/resolver.hpp"
#include "kernel/system_call.hpp"
#include "machine/core_type.hpp"

#include <array>
#include <cerrno>
#include <numeric>
#include <optional>
#include <utility>

namespace pmc {
namespace {

Error misuse(std::string message, std::string hint) {
    return {ErrorKind::misuse, Stage::resolve, std::move(message), std::move(hint)};
}

/// A metric is an unknown name here: their table is on a higher floor, so the hint says where they live.
Error with_metric_hint(const Error& error) {
    if (error.kind() != ErrorKind::unknown_name)
        return error;
    std::string hint = error.hint();
    if (!hint.empty())
        hint += "; ";
    hint += "for a metric such as ipc use pmc::MetricSet";
    return Error{error.kind(), error.stage(), error.message(), std::move(hint)}.with_subject(error.subject());
}

std::optional<Error> resolve_name(const NameItem& item, const Machine& machine, std::vector<Event>& events) {
    Expected<Event> event = resolve_event(item.text, machine, Tables::builtin());
    if (!event)
        return with_metric_hint(event.error());
    event->name = item.written;
    if (item.mode) {
        event->has_mode = true;
        event->mode = *item.mode;
    }
    events.push_back(std::move(*event));
    return std::nullopt;
}

/// The events of one argument: a name, or a list of names.
std::optional<Error> resolve_list(std::string_view list, const Machine& machine, std::vector<Event>& events) {
    Expected<std::vector<ListItem>> items = parse_event_list(list);
    if (!items)
        return items.error();
    for (const ListItem& item : *items) {
        if (const auto* definition = std::get_if<DefinitionItem>(&item))
            return misuse("a group of counters can't hold the formula '" + definition->name + "'",
                          "give formulas and metrics to pmc::MetricSet");
        if (const auto* name = std::get_if<NameItem>(&item)) {
            if (auto error = resolve_name(*name, machine, events))
                return error;
            continue;
        }
        // It is one group anyway: {a,b} is a,b.
        for (const NameItem& name : std::get<GroupItem>(item).names)
            if (auto error = resolve_name(name, machine, events))
                return error;
    }
    return std::nullopt;
}

std::optional<Error> check(const std::vector<Event>& events) {
    if (events.empty() || events.size() > Reading::capacity)
        return misuse("a group takes 1 to " + std::to_string(Reading::capacity) + " events, not " +
                          std::to_string(events.size()),
                      events.empty() ? "name an event, such as cycles" : "use several groups");
    for (const Event& event : events)
        if (event.unavailable)
            return Error{Stage::resolve, event.name, event.unavailable};
    if (const auto stranger = other_pmu(events)) {
        Reason reason = mixed_pmus(events[stranger->event], events[stranger->leader]);
        return misuse(std::move(reason.evidence), "use a group for each PMU")
            .with_subject(events[stranger->event].name);
    }
    return std::nullopt;
}

} // namespace

struct CounterGroup::State {
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { close(); }

    /// The leader last: without it, the siblings would become leaders and count on.
    void close() noexcept {
        while (!fds.empty())
            fds.pop_back();
    }

    std::optional<Error> open_all(const Machine& machine);
    std::optional<Error> start(const Machine& machine);
    [[nodiscard]] Reading read() const noexcept;

    std::vector<Event> events;
    std::vector<std::size_t> order;    ///< the kernel's: leader first
    std::vector<kernel::UniqueFd> fds; ///< in that order
    const ReadingLayout* layout = nullptr;
};

std::optional<Error> CounterGroup::State::open_all(const Machine& machine) {
    order.resize(events.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    put_leader_first(events, order);
    fds.reserve(events.size());
    for (const std::size_t i : order) {
        // Group times are the leader's, so all must start at once: built disabled, and enabled by one switch.
        OpenRequest request{.mode = Mode::user, .disabled = fds.empty()};
        request.group_fd = fds.empty() ? -1 : fds.front().get();
        request.members = fds.size();
        Opened opened = open_event(events[i], request, machine);
        if (!opened.fd)
            return Error{Stage::open, events[i].name, std::move(opened.reason)}.with_tried(std::move(opened.tried));
        fds.push_back(std::move(opened.fd));
    }
    return std::nullopt;
}

std::optional<Error> CounterGroup::State::start(const Machine& machine) {
    const Event& leader = events[order.front()];
    if (kernel::perf_ioctl(fds.front().get(), PERF_EVENT_IOC_ENABLE, 0) != 0) {
        const int error = errno;
        return Error{Stage::enable, leader.name, machine.why(error, leader.name, leader.pmu, false)};
    }

    layout = make_layout(events.size());
    // That it opened proves nothing: arm64 (6.1) takes groups that never fit, and x86 knows nothing of other users. The
    // events of a running thread get their counters within the ENABLE; the tries only wait for the clock to move.
    constexpr int tries = 100;
    for (int i = 0; i < tries; ++i)
        if (read().state() == pmc::State::counted)
            return std::nullopt;

    const std::string core = core_apart(machine, leader.pmu);
    Reason reason = core.empty() ? counters_busy(events.size(), machine) : never_ran_on(core);
    // The probe enables its leader, so that the kernel counts it when it checks whether the group fits.
    close();
    if (const Reason refused = probe(events, Mode::user, machine))
        reason = refused;
    return Error{Stage::verify, leader.name, std::move(reason)};
}

Reading CounterGroup::State::read() const noexcept {
    std::array<std::uint64_t, group_header + Reading::capacity> words; // filled by the read: no need to clear it
    const std::size_t size = (group_header + order.size()) * sizeof(std::uint64_t);
    std::array<std::uint64_t, Reading::capacity> raw{};
    const std::span counts{raw.data(), order.size()};
    const ssize_t got = kernel::perf_read(fds.front().get(), words.data(), size);
    // Nothing at all is a group in error; another number is a group that lost members.
    if (got != static_cast<ssize_t>(size) || words[0] != order.size())
        return ReadingAccess::make(layout, counts, 0, 0, pmc::State::not_counted);
    const std::uint64_t enabled = words[1];
    const std::uint64_t running = words[2];
    for (std::size_t i = 0; i < order.size(); ++i)
        raw[order[i]] = words[group_header + i];
    return ReadingAccess::make(layout, counts, enabled, running,
                               running > 0 ? pmc::State::counted : pmc::State::not_counted);
}

CounterGroup::CounterGroup(std::initializer_list<std::string_view> events)
    : CounterGroup(std::span{events.begin(), events.size()}) {}

CounterGroup::CounterGroup(std::span<const std::string_view> events) : CounterGroup(open(events).value()) {}

CounterGroup::CounterGroup(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

CounterGroup::CounterGroup(CounterGroup&&) noexcept = default;
CounterGroup& CounterGroup::operator=(CounterGroup&&) noexcept = default;
CounterGroup::~CounterGroup() = default;

Expected<CounterGroup> CounterGroup::open(std::initializer_list<std::string_view> events) {
    return open(std::span{events.begin(), events.size()});
}

Expected<CounterGroup> CounterGroup::open(std::span<const std::string_view> events) {
    std::vector<Event> resolved;
    for (const std::string_view list : events)
        if (auto error = resolve_list(list, Machine::host(), resolved))
            return *std::move(error);
    return open(std::move(resolved));
}

Expected<CounterGroup> CounterGroup::open(std::vector<Event> events) {
    if (auto error = check(events))
        return *std::move(error);
    const Machine& machine = Machine::host();
    auto state = std::make_unique<State>();
    state->events = std::move(events);
    if (auto error = state->open_all(machine))
        return *std::move(error);
    if (auto error = state->start(machine))
        return *std::move(error);
    return CounterGroup{std::move(state)};
}

Reading CounterGroup::read() const noexcept {
    return state_ ? state_->read() : Reading{};
}

std::size_t CounterGroup::size() const noexcept {
    return state_ ? state_->events.size() : 0;
}

const std::vector<Event>& CounterGroup::events() const noexcept {
    static const std::vector<Event> none;
    return state_ ? state_->events : none;
}

CounterId CounterGroup::id(std::string_view event) const {
    const std::vector<Event>& all = events();
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].name == event)
            return {static_cast<std::uint32_t>(i)};
    std::string names;
    for (const Event& known : all)
        names += (names.empty() ? "" : ", ") + known.name;
    throw Error{ErrorKind::unknown_name, Stage::resolve, "this group does not count '" + std::string{event} + "'",
                names.empty() ? std::string{} : "it counts " + names}
        .with_subject(std::string{event});
}

ReadPath CounterGroup::read_path() const noexcept {
    return ReadPath::system_call;
}

void CounterGroup::require_size(std::size_t size) const {
    if (size != this->size())
        throw misuse("the group has " + std::to_string(this->size()) + " counters, but " + std::to_string(size) +
                         " ids were asked for",
                     "ask for ids<" + std::to_string(this->size()) + ">()");
}

} // namespace pmc
