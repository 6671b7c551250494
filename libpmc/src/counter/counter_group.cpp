#include <pmc/counter_group.hpp>

#include "counter/counter_group_state.hpp"
#include "counter/planner.hpp"
#include "counter/reasons.hpp"
#include "event/event_list.hpp"
#include "event/resolver.hpp"

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

CounterGroup::CounterGroup(std::initializer_list<std::string_view> events, ReadPolicy policy)
    : CounterGroup(std::span{events.begin(), events.size()}, policy) {}

CounterGroup::CounterGroup(std::span<const std::string_view> events, ReadPolicy policy)
    : CounterGroup(open(events, policy).value()) {}

CounterGroup::CounterGroup(std::unique_ptr<State> state) noexcept : reader_(state.release()) {}

CounterGroup::CounterGroup(CounterGroup&& other) noexcept : reader_(std::exchange(other.reader_, &moved_from)) {}

CounterGroup& CounterGroup::operator=(CounterGroup&& other) noexcept {
    if (this != &other) {
        delete state();
        reader_ = std::exchange(other.reader_, &moved_from);
    }
    return *this;
}

CounterGroup::~CounterGroup() {
    delete state();
}

constexpr CounterGroup::Reader CounterGroup::moved_from{[](const Reader&) noexcept { return Reading{}; }};

CounterGroup::State* CounterGroup::state() const noexcept {
    return reader_ == &moved_from ? nullptr : const_cast<State*>(static_cast<const State*>(reader_));
}

Expected<CounterGroup> CounterGroup::open(std::initializer_list<std::string_view> events, ReadPolicy policy) {
    return open(std::span{events.begin(), events.size()}, policy);
}

Expected<CounterGroup> CounterGroup::open(std::span<const std::string_view> events, ReadPolicy policy) {
    std::vector<Event> resolved;
    for (const std::string_view list : events)
        if (auto error = resolve_list(list, Machine::host(), resolved))
            return *std::move(error);
    return open(std::move(resolved), policy);
}

Expected<CounterGroup> CounterGroup::open(std::vector<Event> events, ReadPolicy policy) {
    return open(std::move(events), policy, false);
}

Expected<CounterGroup> CounterGroup::open(std::vector<Event> events, ReadPolicy policy, bool for_regions) {
    if (auto error = check(events))
        return *std::move(error);
    const Machine& machine = Machine::host();
    auto state = std::make_unique<State>(std::move(events), policy, machine);
    state->for_regions = for_regions;
    if (auto error = state->open(machine))
        return *std::move(error);
    return CounterGroup{std::move(state)};
}

Expected<CounterGroup> CounterGroupAccess::open_for_regions(std::vector<Event> events) {
    return CounterGroup::open(std::move(events), ReadPolicy::automatic, true);
}

std::size_t CounterGroup::size() const noexcept {
    return events().size();
}

const std::vector<Event>& CounterGroup::events() const noexcept {
    static const std::vector<Event> none;
    const State* const own = state();
    return own != nullptr ? own->events : none;
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
    if (const State* const own = state(); own != nullptr && own->model)
        return ReadPath::model;
    return read_path_reason() ? ReadPath::system_call : ReadPath::user_read;
}

const Reason& CounterGroup::read_path_reason() const noexcept {
    static const Reason none_left{Cause::no_user_read, 0, "the group was moved from", {}};
    const State* const own = state();
    return own != nullptr ? own->path_reason : none_left;
}

void CounterGroup::require_size(std::size_t size) const {
    if (size != this->size())
        throw misuse("the group has " + std::to_string(this->size()) + " counters, but " + std::to_string(size) +
                         " ids were asked for",
                     "ask for ids<" + std::to_string(this->size()) + ">()");
}

} // namespace pmc
