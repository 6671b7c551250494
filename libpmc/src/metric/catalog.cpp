#include <pmc/catalog.hpp>

#include "event/resolver.hpp"
#include "metric/binder.hpp"
#include "metric/variant.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>

namespace pmc {

namespace {

constexpr char folded(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '-' ? '_' : c;
}

/// Any case; hyphens are underscores.
bool contains(std::string_view text, std::string_view word) noexcept {
    const auto found = std::search(text.begin(), text.end(), word.begin(), word.end(),
                                   [](char a, char b) { return folded(a) == folded(b); });
    return word.empty() || found != text.end();
}

std::string between_slashes(std::string_view pmu, std::string_view terms) {
    return std::string(pmu).append("/").append(terms).append("/");
}

bool concerns(const MetricDef& metric, std::string_view word) noexcept {
    if (contains(metric.id, word) || contains(metric.title, word))
        return true;
    for (const MetricVariant& variant : metric.variants) {
        const bool in_values = std::ranges::any_of(variant.values, [&](const MetricValueDef& value) {
            return contains(value.id, word) || contains(value.label, word) || contains(value.formula, word);
        });
        if (in_values ||
            std::ranges::any_of(variant.needs, [&](std::string_view role) { return contains(role, word); }))
            return true;
    }
    return false;
}

class EventList {
public:
    EventList(std::string_view word, const Machine& machine, const Tables& tables)
        : word_(word), machine_(machine), tables_(tables) {}

    std::vector<EventInfo> collect() {
        add_generic();
        add_table();
        add_sysfs();
        for (const std::string& name : tracepoint_names(machine_))
            add(name, "tracepoint", {}, {});
        for (const Libpfm4Name& event : libpfm4_names(machine_, tables_))
            add(event.name, "libpfm4", event.description, {});
        return std::move(events_);
    }

private:
    bool wanted(std::initializer_list<std::string_view> texts) const {
        return std::ranges::any_of(texts, [&](std::string_view text) { return contains(text, word_); });
    }

    void add(std::string name, std::string source, std::string_view description, std::string encoding) {
        if (wanted({name, description}))
            events_.push_back({std::move(name), std::move(source), std::string(description), std::move(encoding), {}});
    }

    void add_tried(std::string_view source, std::string_view description, Candidate candidate) {
        events_.push_back({std::move(candidate.name), std::string(source), std::string(description),
                           std::move(candidate.event.encoding), std::move(candidate.event.unavailable)});
    }

    Binder& binder() {
        if (!binder_)
            binder_.emplace(machine_, tables_);
        return *binder_;
    }

    void add_generic() {
        for (const GenericName& generic : generic_names()) {
            if (!wanted({generic.name, generic.description}))
                continue;
            if (Expected<Candidate> candidate = binder().event({generic.name, {}, generic.name, 0}))
                add_tried(generic.kind, generic.description, std::move(*candidate));
        }
    }

    void add_table() {
        const CpuTable& table = tables_.state().table_for(machine_.core_types().front());
        if (&table == &tables_.state().generic())
            return;
        for (const RoleEvent& role : table.events) {
            if (wanted({role.role, role.counts, role.pfm}))
                add_tried("event of table " + std::string(table.id), role.counts, binder().role(role.role, {}, {}));
        }
    }

    void add_sysfs() {
        for (const std::string& name : machine_.pmu_names()) {
            const Pmu* pmu = machine_.pmu(name);
            if (pmu == nullptr)
                continue;
            for (const auto& [event, known] : pmu->events)
                add(between_slashes(name, event), "sysfs PMU", known.unit.empty() ? "" : "in " + known.unit,
                    between_slashes(name, known.terms));
        }
    }

    std::string_view word_;
    const Machine& machine_;
    const Tables& tables_;
    std::optional<Binder> binder_;
    std::vector<EventInfo> events_;
};

} // namespace

std::vector<MetricInfo> list_metrics(std::string_view word, const Machine& machine, const Tables& tables) {
    std::vector<MetricInfo> metrics;
    std::optional<Binder> binder;
    for (const MetricDef& metric : tables.state().metrics) {
        if (!concerns(metric, word))
            continue;
        if (!binder)
            binder.emplace(machine, tables);
        const BoundVariant bound = choose_variant(metric, {}, {}, {}, *binder);
        MetricInfo info{std::string(metric.id), std::string(metric.title), std::string(metric.read), {}, {}, {}};
        for (const PlannedValue& value : bound.values)
            info.values.push_back({value.id, value.unit, value.formula.text()});
        info.unavailable = bound.unavailable;
        if (!info.unavailable) {
            for (const Candidate& candidate : bound.candidates)
                info.events.push_back(candidate.name + " = " + candidate.event.encoding);
        }
        metrics.push_back(std::move(info));
    }
    return metrics;
}

std::vector<EventInfo> list_events(std::string_view word, const Machine& machine, const Tables& tables) {
    return EventList(word, machine, tables).collect();
}

} // namespace pmc
