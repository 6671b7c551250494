#include "event/resolver.hpp"
#include "metric/binder.hpp"
#include "metric/search.hpp"

#include <pmc/catalog.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace pmc {

namespace {

std::string between_slashes(std::string_view pmu, std::string_view terms) {
    return std::string(pmu).append("/").append(terms).append("/");
}

class EventList {
public:
    EventList(std::string_view word, const Machine& machine, const Tables& tables)
        : word_(word), machine_(machine), tables_(tables), core_(machine.core_types().front()) {}

    std::vector<EventInfo> collect(const EventSources& sources) {
        add_generic();
        add_table();
        if (sources.sysfs)
            add_sysfs();
        if (sources.tracepoints) {
            for (const std::string& name : tracepoint_names(machine_))
                add({.name = name, .source = "tracepoint"});
        }
        if (sources.libpfm4) {
            for (const Libpfm4Name& event : libpfm4_names(machine_, tables_))
                add({.name = event.name, .source = "libpfm4", .description = event.description});
        }
        return std::move(events_);
    }

private:
    void add(EventInfo event) {
        if (search::any_contains({event.name, event.description}, word_))
            events_.push_back(std::move(event));
    }

    Binder& binder() {
        if (!binder_)
            binder_.emplace(machine_, tables_, machine_.is_host());
        return *binder_;
    }

    /// What the kernel's name hides on CPUs of this vendor.
    [[nodiscard]] std::string_view counts_here(std::string_view name) const {
        for (const KernelName& known : tables_.state().generic().names) {
            if (known.name == name && cpu_id_matches(known.vendor, core_.cpu_id))
                return known.counts;
        }
        return {};
    }

    void add_generic() {
        for (const GenericName& generic : generic_names()) {
            const std::string_view counts = counts_here(generic.name);
            if (!search::any_contains({generic.name, generic.description, counts}, word_))
                continue;
            Expected<Candidate> candidate = binder().event({generic.name, {}, generic.name, 0});
            if (!candidate)
                continue;
            events_.push_back({.name = generic.name,
                               .source = std::string(generic.kind),
                               .description = generic.description,
                               .counts = std::string(counts),
                               .encoding = std::move(candidate->event.encoding),
                               .quality = {},
                               .scope = {},
                               .pfm = {},
                               .unavailable = std::move(candidate->event.unavailable)});
        }
    }

    void add_table() {
        const CpuTable& table = tables_.state().table_for(core_);
        for (const RoleInfo& info : tables_.state().roles) {
            // What has the name of a kernel event is that event where a user names it.
            const RoleEvent* role = tables_.state().find_role(info.role, core_);
            if (role == nullptr || resolve_generic(info.role, machine_, core_) ||
                !search::any_contains({info.role, info.title, role->counts, role->pfm}, word_))
                continue;
            const bool is_own = table.find_for(info.role, core_.cpu_id) == role;
            Event event = binder().role(info.role, {}, {}).event;
            if (event.encoding.empty()) {
                if (Expected<Event> known = resolve_role(*role, machine_, core_))
                    event.encoding = std::move(known->encoding);
            }
            events_.push_back(
                {.name = std::string(info.role),
                 .source = "event of table " + std::string(is_own ? table.id : tables_.state().generic().id),
                 .description = std::string(role->counts.empty() ? info.title : role->counts),
                 .counts = {},
                 .encoding = std::move(event.encoding),
                 .quality = std::string(role->quality),
                 .scope = std::string(role->scope),
                 .pfm = is_own && !role->pfm.empty() && !table.pfm.empty()
                            ? std::string(table.pfm).append("::").append(role->pfm)
                            : std::string(role->pfm),
                 .unavailable = std::move(event.unavailable)});
        }
    }

    void add_sysfs() {
        for (const std::string& name : machine_.pmu_names()) {
            const Pmu* pmu = machine_.pmu(name);
            if (pmu == nullptr)
                continue;
            for (const auto& [event, known] : pmu->events)
                add({.name = between_slashes(name, event),
                     .source = "sysfs PMU",
                     .description = known.unit.empty() ? "" : "in " + known.unit,
                     .encoding = between_slashes(name, known.terms)});
        }
    }

    std::string_view word_;
    const Machine& machine_;
    const Tables& tables_;
    const CoreType& core_;
    std::optional<Binder> binder_;
    std::vector<EventInfo> events_;
};

} // namespace

std::vector<EventInfo> list_events(std::string_view word, const Machine& machine, const Tables& tables,
                                   EventSources sources) {
    return EventList(word, machine, tables).collect(sources);
}

} // namespace pmc
