#include "metric/binder.hpp"

#include "counter/open_event.hpp"
#include "counter/planner.hpp"
#include "counter/reasons.hpp"
#include "event/resolver.hpp"
#include "machine/budget.hpp"
#include "machine/core_type.hpp"
#include "machine/reason.hpp"
#include "metric/recording.hpp"

#include <algorithm>
#include <cerrno>
#include <linux/perf_event.h>

namespace pmc {

namespace {

bool is_software(const RoleEvent& role) noexcept {
    return role.pmu == "software";
}

Reason reason_of(const Error& error) {
    if (error.reason())
        return error.reason();
    return make_reason(Cause::rejected, error.message());
}

/// Known from the type alone, without a look at sysfs, for most events.
bool is_of_core(const Event& event, const Machine& machine) {
    if (event.type == PERF_TYPE_HARDWARE || event.type == PERF_TYPE_HW_CACHE || event.type == PERF_TYPE_RAW)
        return true;
    if (event.type == PERF_TYPE_SOFTWARE || event.type == PERF_TYPE_TRACEPOINT)
        return false;
    const Pmu* pmu = machine.pmu(event.pmu);
    return pmu != nullptr && pmu->core;
}

bool is_known(const CounterBudget& budget) noexcept {
    return budget.generic + budget.fixed_cycles + budget.fixed_instructions > 0;
}

/// A shortage is of this moment: a program that binds its list once may have files when it counts.
Reason lasting(Reason reason) {
    return reason.cause == Cause::too_many_files || reason.cause == Cause::out_of_memory ? Reason{} : reason;
}

} // namespace

Binder::Binder(const Machine& machine, const Tables& tables, bool tries) : Binder(machine, tables, nullptr) {
    tries_ = tries && !machine.is_model();
}

Binder::Binder(const Machine& machine, const Tables& tables, const Recording* recording, Mode most)
    : machine_(machine), tables_(tables), tries_(recording == nullptr && !machine.is_model()), recording_(recording) {
    if (recording != nullptr) {
        mode_ = recording->mode();
        return;
    }
    if (machine.is_model()) {
        mode_ = most == Mode::kernel ? Mode::kernel : Mode::user;
        table(); // also where all that is asked for has one of the kernel's names
        return;
    }
    const Permission& permission = permitted_mode(machine);
    mode_ = most == Mode::user_kernel ? permission.mode : most;
    // Short of files it is not known whether the kernel may be counted.
    denied_ = most == Mode::user_kernel ? permission.denied : lasting(permission.denied);
}

Binder Binder::on(const CoreType& core) const {
    Binder other = *this;
    other.core_ = &core;
    other.table_ = nullptr;
    return other;
}

const CoreType& Binder::core() {
    if (core_ == nullptr)
        core_ = &main_core(machine_);
    return *core_;
}

Candidate Binder::role(std::string_view role, std::optional<Mode> mode, std::string_view suffix) {
    if (recording_ != nullptr)
        return recording_->role(role, mode, suffix);
    Candidate candidate;
    candidate.name = role;
    candidate.event.name = role;
    if (const RoleInfo* info = tables().find_role_info(role); info != nullptr && !info->of.empty()) {
        candidate = this->role(info->of, info->mode == "kernel" ? Mode::kernel : Mode::user, {});
        candidate.name = role;
        candidate.event.name = role;
        return candidate;
    }
    if (const RoleEvent* software = tables().generic().find(role); software != nullptr && is_software(*software)) {
        candidate.role = software;
        if (Resolved event = resolve_generic(software->generic, machine_); event && *event) {
            candidate.event = std::move(**event);
            settle(candidate, std::string(role) + std::string(suffix), mode);
        } else {
            candidate.event.unavailable = make_reason(Cause::rejected, "there is no such software event");
        }
        return candidate;
    }
    table();
    if (const Reason& reason = why_no_core_event()) {
        candidate.event.unavailable = reason;
        return candidate;
    }

    table();
    candidate.role = tables().find_role(role, core());
    if (candidate.role == nullptr) {
        candidate.event.unavailable = not_in_table();
        return candidate;
    }
    Expected<Event> event = resolve_role(*candidate.role, machine_, core());
    if (!event) {
        candidate.event.unavailable = reason_of(event.error());
        return candidate;
    }
    candidate.event = std::move(*event);
    settle(candidate, std::string(role) + std::string(suffix), mode);
    return candidate;
}

Expected<Candidate> Binder::event(const NameItem& item) {
    if (recording_ != nullptr)
        return recording_->event(item);
    std::vector<std::string> metric_ids; // for suggestions
    for (const MetricDef& metric : tables().metrics)
        metric_ids.emplace_back(metric.id);
    Expected<Event> event = resolve_event(item.text, machine_, tables_, metric_ids, core_);
    if (!event)
        return std::move(event.error());
    Candidate candidate;
    candidate.name = item.written;
    candidate.event = std::move(*event);
    limit_as_in_table(candidate.event);
    settle(candidate, item.written, item.mode);
    return candidate;
}

void Binder::limit_as_in_table(Event& event) {
    if (!event.counters.empty() || event.type == PERF_TYPE_HARDWARE || event.type == PERF_TYPE_HW_CACHE ||
        !is_of_core(event, machine_))
        return;
    const std::vector<CoreType>& cores = machine_.core_types();
    const auto core = std::ranges::find(cores, event.pmu, &CoreType::pmu);
    if (core == cores.end())
        return;
    for (const RoleEvent& role : tables().table_for(*core).events) {
        if (role.on.empty() || !role.pmu.empty())
            continue;
        const Expected<Event> known = resolve_role(role, machine_, *core);
        if (known && known->pmu == event.pmu && known->config == event.config && known->config1 == event.config1 &&
            known->config2 == event.config2) {
            event.counters = role.on;
            return;
        }
    }
}

void Binder::settle(Candidate& candidate, std::string name, std::optional<Mode> mode) {
    Event& event = candidate.event;
    event.name = std::move(name);
    if (mode) {
        event.has_mode = true;
        event.mode = *mode;
    }
    if (is_of_core(event, machine_))
        event.core = core_apart(machine_, event.pmu);
    event.unavailable = why_not(event);
}

Reason Binder::why_not(const Event& event) {
    if (machine_.is_model())
        return why_not_modelled(event);
    if (denied_)
        return denied_;
    if (is_of_core(event, machine_) && why_no_core_event())
        return why_no_core_event();
    if (event.unavailable)
        return event.unavailable;
    // It would open, and read 0 for ever.
    if (happens_in_kernel(event) && (event.has_mode ? event.mode : mode_) == Mode::user)
        return needs_kernel_mode(event, machine_);
    // Opened alone, a top-down metric is EINVAL: whether it opens shows in the group of its slots.
    return event.is_software() || !tries_ || needs_slots(event) ? Reason{} : lasting(probe({event}, mode_, machine_));
}

Reason Binder::why_not_modelled(const Event& event) {
    if (const Pmu* pmu = core_pmu(machine_, core()); pmu == nullptr || pmu->type != event.type)
        return not_modelled("the model has no such event");
    if ((event.has_mode ? event.mode : mode_) != Mode::user)
        return not_modelled("the model has no kernel, and counts user mode alone");
    return event.unavailable;
}

Reason Binder::why_no_time() const {
    return machine_.is_model() ? not_modelled("the time is valgrind's, not the program's") : Reason{};
}

const Reason& Binder::why_no_core_event() {
    if (!why_no_core_event_)
        why_no_core_event_ = denied_ ? denied_ : hides_pmus(machine_) ? Reason{} : machine_.why_no_pmu();
    return *why_no_core_event_;
}

const CpuTable& Binder::table() {
    if (table_ == nullptr)
        table_ = &tables().table_for(core());
    return *table_;
}

std::string_view Binder::table_id() const noexcept {
    return table_ == nullptr ? std::string_view() : table_->id;
}

Reason Binder::not_in_table() {
    return make_reason(Cause::not_on_this_cpu,
                       "no event is known for it on this CPU (table " + std::string(table().id) + ")");
}

std::optional<double> Binder::number(std::string_view name) {
    if (name == "width")
        return table().width == 0 ? std::nullopt : std::optional<double>(table().width);
    const auto found = std::ranges::find(table().constants, name, &Constant::name);
    return found == table().constants.end() ? std::nullopt : std::optional(found->value);
}

CounterBudget Binder::budget(std::string_view pmu) {
    const std::vector<CoreType>& cores = machine_.core_types();
    const auto core = std::ranges::find(cores, pmu, &CoreType::pmu);
    if (core == cores.end())
        return {};
    const CpuTable& of_core = tables().table_for(*core);
    CounterBudget known = of_core.counters;
    if (!is_known(known))
        return machine_.budget(*core);
    if (of_core.generic_alone != 0 && !machine_.smt())
        known.generic = of_core.generic_alone;
    return machine_.nmi_watchdog() ? without_watchdog(known) : known;
}

bool Binder::needs_slots(const Event& event) {
    return is_topdown_metric(event) && budget(event.pmu).fixed_slots > 0;
}

bool Binder::fits(const std::vector<Event>& events) {
    if (recording_ != nullptr)
        return !recording_->why_apart(events);
    std::vector<Event> takers;
    std::ranges::copy_if(events, std::back_inserter(takers), takes_counter);
    if (takers.empty() || (takers.size() == 1 && !needs_slots(takers.front())))
        return true;
    if (is_of_core(takers.front(), machine_)) {
        const CounterBudget counters = budget(takers.front().pmu);
        if (is_known(counters) && !fits_budget(takers, counters))
            return false;
    }
    if (!tries_)
        return true;
    const Reason refused = probe(takers, mode_, machine_);
    return refused.error != EINVAL && refused.cause != Cause::group_too_large;
}

Reason Binder::why_apart(const std::vector<Event>& events) {
    if (recording_ != nullptr)
        return recording_->why_apart(events);
    return fits(events) ? Reason{} : metric_too_large(events.size());
}

bool Binder::can_be_smt(bool on) const {
    return (recording_ != nullptr ? recording_->smt().value_or(on) : machine_.smt()) == on;
}

} // namespace pmc
