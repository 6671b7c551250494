#include "metric/recording.hpp"

#include "event/resolver.hpp"
#include "machine/pmu.hpp"
#include "machine/reason.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <linux/perf_event.h>
#include <numeric>

namespace pmc {

namespace {

Reason not_recorded() {
    return make_reason(Cause::not_recorded, "not in the recording");
}

Reason recorded_apart() {
    return {Cause::not_recorded, 0, "its events were recorded in different groups",
            "record them together: in one group, {…}"};
}

std::string normalized(std::string_view name) {
    std::string text(name);
    std::ranges::replace(text, '-', '_');
    return text;
}

/// A recorded name, parted from its modifier.
NameItem parted(std::string_view name) {
    if (Expected<std::vector<ListItem>> list = parse_event_list(name); list && list->size() == 1) {
        if (const auto* item = std::get_if<NameItem>(&list->front()))
            return *item;
    }
    return {std::string(name), {}, std::string(name), 0};
}

/// "config=0x3,config1=0x1", as config_encoding writes it.
std::optional<std::array<std::uint64_t, 3>> parse_configs(std::string_view terms) {
    constexpr std::array<std::string_view, 3> keys{"config=0x", "config1=0x", "config2=0x"};
    std::array<std::uint64_t, 3> configs{};
    while (!terms.empty()) {
        const std::size_t end = std::min(terms.find(','), terms.size());
        const std::string_view term = terms.substr(0, end);
        const auto key = std::ranges::find_if(keys, [&](std::string_view known) { return term.starts_with(known); });
        if (key == keys.end())
            return std::nullopt;
        const char* const last = term.data() + term.size();
        std::uint64_t& config = configs[static_cast<std::size_t>(key - keys.begin())];
        const auto [stop, error] = std::from_chars(term.data() + key->size(), last, config, 16);
        if (error != std::errc{} || stop != last)
            return std::nullopt;
        terms.remove_prefix(std::min(end + 1, terms.size()));
    }
    return configs;
}

bool is_kernels_own(std::string_view pmu) noexcept {
    return pmu == "hardware" || pmu == "cache" || pmu == "software" || pmu == "tracepoint";
}

/// On a hybrid CPU the upper half is the type of a PMU, which is another number on another machine.
constexpr std::uint64_t kernels_code = 0xffff'ffff;

std::uint32_t type_of(std::string_view pmu) noexcept {
    return pmu == "software" ? PERF_TYPE_SOFTWARE : pmu == "tracepoint" ? PERF_TYPE_TRACEPOINT : PERF_TYPE_RAW;
}

Mode mode_of(std::string_view text) noexcept {
    for (const Mode mode : {Mode::user, Mode::kernel}) {
        if (text == to_string(mode))
            return mode;
    }
    return Mode::user_kernel;
}

} // namespace

Recording::Recording(const Result& result, const Sample& sample, const Machine& machine, const Tables& tables)
    : result_(result), sample_(sample), machine_(machine), tables_(tables), mode_(mode_of(result.run.mode)) {
    const CoreType& core = machine.core_types().front();
    const auto code_of_role = [&](std::string_view name) -> std::optional<Code> {
        const RoleEvent* role = tables.state().find_role(name, core);
        if (role == nullptr || role->quality != "exact")
            return std::nullopt;
        const Expected<Event> event = resolve_role(*role, machine, core);
        return event ? code_of(*event) : std::nullopt;
    };
    cycles_ = code_of_role("cycles");
    instructions_ = code_of_role("instructions");
    for (const EventCount& event : sample.events)
        events_.push_back(identity(event));
}

std::string Recording::core_pmu() const {
    const std::string& pmu = machine_.core_types().front().pmu;
    return pmu.empty() ? "cpu" : pmu;
}

/// The same PMU is armv8_pmuv3 on one machine, and armv8_pmuv3_0 on another.
std::string Recording::machine_pmu(std::string_view recorded) const {
    const bool is_core = recorded == "hardware" || recorded == "cache" ||
                         (is_core_pmu_name(recorded, machine_.arch()) && machine_.pmu(recorded) == nullptr);
    return is_core ? core_pmu() : std::string(recorded);
}

std::optional<Recording::Code> Recording::code_of(const Event& event) const {
    switch (event.type) {
    case PERF_TYPE_HARDWARE:
        return Code{"hardware", event.config & kernels_code};
    case PERF_TYPE_HW_CACHE:
        return Code{"cache", event.config & kernels_code};
    case PERF_TYPE_SOFTWARE:
    case PERF_TYPE_TRACEPOINT:
        return Code{event.pmu, event.config};
    default:
        break;
    }
    if (machine_.pmu(event.pmu) == nullptr) // not encoded
        return std::nullopt;
    return Code{event.pmu, event.config, event.config1, event.config2};
}

std::optional<Recording::Code> Recording::code_of(std::string_view encoding) const {
    const std::size_t slash = encoding.find('/');
    if (slash == std::string_view::npos || encoding.size() < slash + 2 || !encoding.ends_with('/'))
        return std::nullopt;
    const std::string_view pmu = encoding.substr(0, slash);
    const std::string_view terms = encoding.substr(slash + 1, encoding.size() - slash - 2);
    if (is_kernels_own(pmu)) {
        const auto configs = parse_configs(terms);
        return configs ? std::optional(Code{std::string(pmu), (*configs)[0] & kernels_code}) : std::nullopt;
    }
    const Resolved event = resolve_sysfs(machine_pmu(pmu).append("/").append(terms).append("/"), machine_);
    return event && *event ? code_of(**event) : std::nullopt;
}

std::string_view Recording::fixed_name(const std::optional<Code>& code) const {
    if (!code)
        return {};
    if (*code == Code{"hardware", PERF_COUNT_HW_CPU_CYCLES} || code == cycles_)
        return "cycles";
    if (*code == Code{"hardware", PERF_COUNT_HW_INSTRUCTIONS} || code == instructions_)
        return "instructions";
    return {};
}

Recording::Identity Recording::identity(const EventCount& event) const {
    const NameItem item = parted(event.name);
    Identity identity{normalized(item.text), event.encoding, {}, {}, {}, item.mode};
    if (const RoleInfo* info = tables_.state().find_role_info(identity.name); info != nullptr && !info->of.empty()) {
        identity.name = info->of;
        identity.mode = info->mode == "kernel" ? Mode::kernel : Mode::user;
    }
    if (!event.encoding.empty()) {
        identity.code = code_of(event.encoding);
        identity.pmu = machine_pmu(event.encoding.substr(0, event.encoding.find('/')));
    } else if (const Resolved generic = resolve_generic(identity.name, machine_); generic && *generic) {
        identity.code = code_of(**generic);
        identity.pmu = (*generic)->pmu;
    } else {
        const RoleEvent* role = tables_.state().find_role(identity.name, machine_.core_types().front());
        identity.pmu = role == nullptr || role->pmu.empty() ? core_pmu() : std::string(role->pmu);
    }
    identity.fixed = fixed_name(identity.code);
    return identity;
}

Recording::Identity Recording::identity(const Event& event, std::string_view name, const RoleEvent* role) const {
    Identity identity{normalized(name), event.encoding, event.pmu, code_of(event), {}, {}};
    if (event.has_mode)
        identity.mode = event.mode;
    identity.fixed = fixed_name(identity.code);
    if (role != nullptr && role->quality == "exact" && (role->role == "cycles" || role->role == "instructions"))
        identity.fixed = role->role;
    return identity;
}

bool Recording::same(const Identity& recorded, const Identity& wanted) {
    if (!recorded.fixed.empty() && recorded.fixed == wanted.fixed)
        return true;
    if (recorded.code && wanted.code && !recorded.encoding.empty())
        return recorded.code == wanted.code;
    if (!recorded.encoding.empty() && recorded.encoding == wanted.encoding)
        return true;
    return recorded.name == wanted.name || (recorded.code && recorded.code == wanted.code);
}

std::optional<std::size_t> Recording::find(const Identity& wanted) const {
    const auto first = [&](bool counted, bool same_words) -> std::optional<std::size_t> {
        for (std::size_t i = 0; i < events_.size(); ++i) {
            if (counted && sample_.events[i].count.state() == State::not_available)
                continue;
            const std::optional<Mode>& mode = events_[i].mode;
            const bool same_mode =
                same_words ? mode == wanted.mode : mode.value_or(mode_) == wanted.mode.value_or(mode_);
            if (same_mode && same(events_[i], wanted))
                return i;
        }
        return std::nullopt;
    };
    for (const bool counted : {true, false}) {
        for (const bool same_words : {true, false}) {
            if (const std::optional<std::size_t> found = first(counted, same_words))
                return found;
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> Recording::find(const NameItem& written) const {
    const std::string name = normalized(written.text);
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < events_.size(); ++i) {
        const bool is_it =
            written.written == sample_.events[i].name || (events_[i].name == name && events_[i].mode == written.mode);
        if (!is_it)
            continue;
        if (found) // one is a role's event, the other the kernel's: the codes must tell
            return std::nullopt;
        found = i;
    }
    return found;
}

void Recording::bind(Candidate& candidate, std::size_t index) const {
    const EventCount& recorded = sample_.events[index];
    const Identity& identity = events_[index];
    Event& event = candidate.event;
    // A document written by hand may name a role and nothing else: then one count is what the table says.
    const bool says_nothing = recorded.encoding.empty() && recorded.unit.empty() && recorded.scale == 1.0;
    if (!says_nothing) {
        event.scale = recorded.scale;
        event.unit = recorded.unit;
    }
    event.encoding = recorded.encoding;
    event.pmu = identity.pmu;
    event.type = type_of(identity.pmu);
    event.config = index;
    event.config1 = event.config2 = 0;
    event.has_mode = identity.mode.has_value();
    event.mode = identity.mode.value_or(Mode::user_kernel);
    event.unavailable = {};
    if (recorded.count.state() == State::not_available)
        event.unavailable = recorded.reason ? recorded.reason : not_recorded();
}

Candidate Recording::role(std::string_view role, std::optional<Mode> mode, std::string_view suffix) const {
    Candidate candidate;
    candidate.name = role;
    if (const RoleInfo* info = tables_.state().find_role_info(role); info != nullptr && !info->of.empty()) {
        candidate = this->role(info->of, info->mode == "kernel" ? Mode::kernel : Mode::user, {});
        candidate.name = role;
        candidate.event.name = role;
        return candidate;
    }
    const CoreType& core = machine_.core_types().front();
    const auto wanted_mode = [&](Event& event) {
        event.has_mode = mode.has_value();
        event.mode = mode.value_or(Mode::user_kernel);
    };
    // A machine without a table, when it was recorded, counted the fall-back's events.
    const RoleEvent* const first = tables_.state().find_role(role, core);
    const RoleEvent* const fall_back = tables_.state().generic().find_for(role, core.cpu_id);
    for (const RoleEvent* one : {first, fall_back}) {
        if (one == nullptr)
            continue;
        Expected<Event> event = resolve_role(*one, machine_, core);
        if (!event)
            continue;
        wanted_mode(*event);
        if (const auto index = find(identity(*event, role, one))) {
            candidate.role = one;
            candidate.event.scale = event->scale;
            candidate.event.unit = event->unit;
            bind(candidate, *index);
            candidate.event.name = std::string(role).append(suffix);
            return candidate;
        }
    }
    if (first == nullptr && fall_back == nullptr) {
        // No table says what plays it: then it is what the recording calls so.
        wanted_mode(candidate.event);
        if (const auto index = find(Identity{normalized(role), {}, {}, {}, {}, mode})) {
            bind(candidate, *index);
            candidate.event.name = std::string(role).append(suffix);
            return candidate;
        }
    }
    candidate.event.name = std::string(role).append(suffix);
    candidate.event.unavailable = not_recorded();
    return candidate;
}

Expected<Candidate> Recording::event(const NameItem& item) const {
    Candidate candidate;
    candidate.name = item.written;
    candidate.event.name = item.written;
    if (const auto index = find(item)) {
        bind(candidate, *index);
        return candidate;
    }
    std::vector<std::string> known; // for suggestions
    for (const MetricDef& metric : tables_.state().metrics)
        known.emplace_back(metric.id);
    for (const EventCount& event : sample_.events)
        known.push_back(event.name);
    Expected<Event> event = resolve_event(item.text, machine_, tables_, known);
    if (!event) {
        // Of several samples, another may have what only its own machine could resolve.
        const bool in_another = std::ranges::any_of(result_.samples, [&](const Sample& sample) {
            return std::ranges::find(sample.events, item.written, &EventCount::name) != sample.events.end();
        });
        if (!in_another)
            return std::move(event.error());
        candidate.event.unavailable = not_recorded();
        return candidate;
    }
    candidate.event = std::move(*event);
    candidate.event.name = item.written;
    if (item.mode) {
        candidate.event.has_mode = true;
        candidate.event.mode = *item.mode;
    }
    if (const auto index = find(identity(candidate.event, item.text, nullptr)))
        bind(candidate, *index);
    else
        candidate.event.unavailable = not_recorded();
    return candidate;
}

std::vector<int> Recording::groups_of(const Event& bound) const {
    const EventCount& event = recorded(bound);
    std::vector<int> groups;
    if (event.group >= 0)
        groups.push_back(event.group);
    for (const GroupedCount& other : event.others) {
        if (other.group >= 0)
            groups.push_back(other.group);
    }
    std::ranges::sort(groups);
    return groups;
}

std::vector<int> Recording::common_groups(const std::vector<Event>& events) const {
    std::vector<int> common = events.empty() ? std::vector<int>{} : groups_of(events.front());
    for (const Event& event : events) {
        const std::vector<int> groups = groups_of(event);
        std::erase_if(common, [&](int group) { return std::ranges::find(groups, group) == groups.end(); });
    }
    return common;
}

std::optional<int> Recording::group_of(const MetricSet::State& set, std::size_t bundle) const {
    std::vector<Event> takers;
    for (const std::size_t event : set.bundles[bundle].events) {
        if (takes_counter(set.events[event]))
            takers.push_back(set.events[event]);
    }
    const std::vector<int> groups = common_groups(takers);
    if (groups.empty())
        return std::nullopt;
    // Where several would do, the one that the metric was taken from then.
    for (const PlannedMetric& metric : set.metrics) {
        if (std::ranges::find(metric.bindings, bundle, &Binding::bundle) == metric.bindings.end())
            continue;
        for (const PlannedValue& value : metric.values) {
            const auto old = std::ranges::find_if(sample_.metrics, [&](const MetricValue& one) {
                return one.id == value.id && std::ranges::find(groups, one.group) != groups.end();
            });
            if (old != sample_.metrics.end())
                return old->group;
        }
    }
    return groups.front();
}

Reason Recording::why_apart(const std::vector<Event>& events) const {
    std::vector<Event> takers;
    std::ranges::copy_if(events, std::back_inserter(takers), takes_counter);
    for (const Event& first : takers) {
        std::vector<Event> of_pmu;
        std::ranges::copy_if(takers, std::back_inserter(of_pmu),
                             [&](const Event& event) { return event.pmu == first.pmu; });
        const bool is_one =
            std::ranges::all_of(of_pmu, [&](const Event& event) { return event.config == first.config; });
        if (!is_one && common_groups(of_pmu).empty())
            return recorded_apart();
    }
    return {};
}

Plan Recording::plan(const std::vector<Bundle>& bundles) {
    Plan plan;
    for (const Bundle& bundle : bundles)
        plan.groups.push_back({bundle.events, bundle.explicit_group});
    plan.group_of_bundle.resize(bundles.size());
    std::iota(plan.group_of_bundle.begin(), plan.group_of_bundle.end(), std::size_t{0});
    return plan;
}

GroupedCount Recording::count_in(const Event& bound, std::optional<int> group) const {
    const EventCount& event = recorded(bound);
    for (const GroupedCount& other : event.others) {
        if (group && other.group == *group && event.group != *group)
            return other;
    }
    return {event.group, event.count, event.reason};
}

Counts Recording::counts(const MetricSet::State& set) const {
    Counts counts;
    for (std::size_t i = 0; i < set.bundles.size(); ++i) {
        std::vector<Event> members;
        for (const std::size_t event : set.bundles[i].events)
            members.push_back(set.events[event]);
        const Reason apart = set.bundles[i].explicit_group ? why_apart(members) : Reason{};
        const std::optional<int> group = group_of(set, i);
        for (std::size_t member = 0; member < members.size(); ++member) {
            GroupedCount then = count_in(members[member], group);
            GroupCount count{set.bundles[i].events[member], static_cast<int>(i), then.count, std::move(then.reason)};
            if (apart) {
                count.count = Count(0, 0, 0, State::not_available);
                count.reason = apart;
            }
            counts.push_back(std::move(count));
        }
    }
    return counts;
}

} // namespace pmc
