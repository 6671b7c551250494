#include "table/ladder.hpp"
#include "table/notation.hpp"
#include "table/packed.hpp"
#include "table/quote.hpp"
#include "table/user_tables.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace pmc::user {
namespace {

constexpr std::array<std::string_view, 10> table_keys{"title",   "match", "like",      "pfm",      "pmu",
                                                      "formats", "width", "constants", "counters", "events"};
constexpr std::array<std::string_view, 3> generic_keys{"title", "events", "names"};
constexpr std::array<std::string_view, 12> event_keys{"e",     "generic", "only", "pmu",     "pfm",   "sysfs",
                                                      "scale", "unit",    "on",   "quality", "scope", "counts"};
constexpr std::array<std::string_view, 3> counters_keys{"generic", "alone", "fixed"};
constexpr std::array<std::string_view, 4> fixed_counters{"cycles", "instructions", "ref_cycles", "slots"};
constexpr std::array<std::string_view, 4> vendors{"GenuineIntel", "AuthenticAMD", "HygonGenuine", "midr"};

// ---- events ----

RoleEvent read_event(std::string_view role, const Place& place, bool is_generic_table) {
    place.check_keys(event_keys);
    if (place.has("e") == place.has("generic"))
        place.fail("needs either 'e' (terms) or 'generic' (a kernel event)");
    if (place.has("generic") && !is_generic_table)
        place.fail("'generic' belongs into the generic table");
    const notation::PmuTerms with_pmu = notation::split_pmu(place.text("e"));
    if (!with_pmu.pmu.empty() && place.has("pmu"))
        place.fail("the PMU stands both in 'e' and in 'pmu'");
    RoleEvent event{.role = role,
                    .pmu = with_pmu.pmu.empty() ? place.text("pmu") : with_pmu.pmu,
                    .terms = with_pmu.terms,
                    .generic = place.text("generic"),
                    .only = place.choice("only", vendors, {}),
                    .pfm = place.text("pfm"),
                    .sysfs = place.text("sysfs"),
                    .scale = place.number("scale", 1),
                    .unit = place.text("unit"),
                    .on = place.text("on"),
                    .quality = place.choice("quality", qualities, "exact"),
                    .scope = place.choice("scope", scopes, "task"),
                    .counts = place.text("counts")};
    if (place.has("e") && !notation::is_terms(event.terms))
        place.at("e").fail(quoted(place.text("e")) + " is not a list of terms (event=0x2e,umask=0x41)");
    if (place.has("on") && !notation::is_counter_list(event.on))
        place.at("on").fail(quoted(event.on) + " is not 'metric', 'pair' or a list of 'fixedN', 'any', '2' and '0-3'");
    if (!(event.scale > 0))
        place.at("scale").fail("must be a number above 0");
    if (event.quality != "exact" && event.counts.empty())
        place.fail("what is not exact must say in 'counts' what it counts");
    return event;
}

/// In the generic table a role may have an event per vendor.
std::vector<RoleEvent> read_alternatives(std::string_view role, const Place& place, bool is_generic_table) {
    if (!place.is_list())
        return {read_event(role, place, is_generic_table)};
    if (!is_generic_table)
        place.fail("only the generic table has events for several vendors");
    std::vector<RoleEvent> events;
    for (const Place& item : place.items()) {
        const RoleEvent event = read_event(role, item, is_generic_table);
        for (const RoleEvent& before : events) {
            if (before.only.empty())
                item.fail("is never reached: the one before it is for any vendor");
            if (before.only == event.only)
                item.fail("there are two events for " + quoted(event.only));
        }
        events.push_back(event);
    }
    if (events.empty())
        place.fail("must not be empty");
    return events;
}

/// Role by role over what the table has; null says that the CPU does not have it.
void merge_events(const Place& events, const Tables::State& state, CpuTable& table) {
    for (const auto& [name, place] : events.members()) {
        const RoleInfo* info = state.find_role_info(name);
        if (info == nullptr)
            place.fail(quoted(name) + " is not a role", "a role of one's own needs a title in 'roles'");
        if (!info->of.empty())
            place.fail(quoted(name) + " is made out of " + quoted(info->of) + ": no table has an event for it");
        std::vector<RoleEvent> given;
        const RoleEvent* const before = table.find(name);
        if (place.is_null() && before != nullptr && before->pmu == "software")
            place.fail("is an event of the kernel's own, which every machine has: it can't be taken away");
        std::erase(table.without, info->role);
        if (place.is_null())
            table.without.push_back(info->role);
        else
            given = read_alternatives(info->role, place, table.id == "generic");
        const auto known = std::ranges::find(table.events, name, &RoleEvent::role);
        const auto at = known - table.events.begin();
        std::erase_if(table.events, [&](const RoleEvent& event) { return event.role == info->role; });
        table.events.insert(table.events.begin() + at, given.begin(), given.end());
    }
}

// ---- through the formats ----

const PmuFormats* find_pmu(const Formats& formats, std::string_view name) {
    const std::string_view wanted = name.empty() ? "core" : name;
    const auto found = std::ranges::find_if(formats.pmus, [&](const PmuFormats& pmu) {
        if (pmu.name == wanted)
            return true;
        // "uncore_imc" stands for uncore_imc_0, uncore_imc_1, …
        return pmu.name.size() > wanted.size() + 1 && pmu.name.starts_with(wanted) && pmu.name[wanted.size()] == '_' &&
               pmu.name.find_first_not_of("0123456789", wanted.size() + 1) == std::string_view::npos;
    });
    return found == formats.pmus.end() ? nullptr : &*found;
}

/// Every event as the kernel would have it, the inherited ones too: `formats` may be another.
void check_encodings(const Place& place, const CpuTable& table) {
    if (table.formats.empty())
        return;
    const std::optional<Formats> formats = packed::find_formats(table.formats);
    if (!formats) {
        std::string known;
        for (std::size_t i = 0; i < packed::formats_count; ++i)
            known.append(known.empty() ? "" : ", ").append(packed::unpack_formats(packed::formats[i]).id);
        place.at("formats").fail("there are no formats " + quoted(table.formats) + "; there are " + known);
    }
    for (const RoleEvent& event : table.events) {
        const bool is_here = place.has("events") && place.at("events").has(event.role);
        const Place at = is_here ? place.at("events").at(event.role) : place;
        std::string role = "the event of " + quoted(event.role);
        const PmuFormats* formats_of = find_pmu(*formats, event.pmu);
        if (formats_of == nullptr)
            at.fail(role + ": the formats " + quoted(table.formats) + " have no PMU " + quoted(event.pmu));
        Pmu pmu;
        pmu.name = formats_of->name;
        for (const auto& [term, field] : formats_of->fields)
            pmu.formats.emplace(term, field);
        std::string problem;
        if (!pmu.encode(event.terms, problem))
            at.fail(role.append(" can't be encoded: ").append(problem));
    }
}

// ---- the rest of a table ----

std::vector<std::string_view> read_match(const Place& place) {
    std::vector<std::string_view> match = place.texts("match");
    if (match.empty())
        place.at("match").fail("must name a CPU");
    for (const Place& item : place.at("match").items()) {
        if (!notation::is_cpu_pattern(item.text()))
            item.fail(quoted(item.text()) + " is not a CPU id (GenuineIntel-6-8F, AuthenticAMD-25-1?, midr-41-d0c)");
    }
    return match;
}

void read_counters(const Place& place, CpuTable& table) {
    place.check_keys(counters_keys, {"generic"});
    const std::vector<std::string_view> fixed = place.texts("fixed");
    if (!fixed.empty()) {
        for (const Place& item : place.at("fixed").items())
            static_cast<void>(item.choice(fixed_counters));
    }
    const auto has = [&](std::string_view name) { return std::ranges::find(fixed, name) == fixed.end() ? 0U : 1U; };
    table.counters = {.generic = place.count("generic", 0),
                      .fixed_cycles = has("cycles"),
                      .fixed_instructions = has("instructions"),
                      .fixed_ref_cycles = has("ref_cycles"),
                      .fixed_slots = has("slots")};
    table.generic_alone = place.count("alone", 0);
}

void merge_constants(const Place& constants, const Tables::State& state, CpuTable& table) {
    for (const auto& [name, place] : constants.members()) {
        if (std::ranges::find(state.constants, name) == state.constants.end())
            place.fail(quoted(name) + " is not a constant", "a constant of one's own stands in 'constants'");
        const double value = place.number();
        const auto known = std::ranges::find(table.constants, name, &Constant::name);
        if (known == table.constants.end())
            table.constants.push_back({name, value});
        else
            known->value = value;
    }
}

/// What the kernel's own names hide: {name: {vendor: sentence}}.
void merge_names(const Place& names, CpuTable& table) {
    for (const auto& [name, meanings] : names.members()) {
        meanings.check_keys(vendors);
        for (const auto& [vendor, place] : meanings.members()) {
            const KernelName meaning{name, vendor, place.text()};
            const auto known = std::ranges::find_if(table.names, [&](const KernelName& other) {
                return other.name == meaning.name && other.vendor == meaning.vendor;
            });
            if (known == table.names.end())
                table.names.push_back(meaning);
            else
                *known = meaning;
        }
    }
}

/// What a new table starts from: the one that it is like, or nothing.
CpuTable base_of(std::string_view id, const Place& place, const Place& cpus, const Tables::State& state) {
    CpuTable table;
    if (place.has("like")) {
        const std::string_view like = place.text("like");
        if (like == id)
            place.at("like").fail("goes round in a circle: " + quoted(id) + " is like itself");
        if (like == "generic")
            place.at("like").fail("the generic table is everybody's fall-back: it is not inherited");
        const CpuTable* base = state.find_table(like);
        if (base == nullptr)
            place.at("like").fail(cpus.has(like) ? quoted(like) + " comes later in this file: a table is like one "
                                                                  "that stands before it"
                                                 : "there is no table " + quoted(like));
        table = *base;
    }
    table.id = id;
    table.core_pmu = {};
    return table;
}

class CpuReader {
public:
    CpuReader(const Place& cpus, Tables::State& state) : cpus_(cpus), state_(state) {}

    void read(std::string_view id, const Place& place) {
        if (!notation::is_table_id(id))
            place.fail(quoted(id) + " is not an id (small letters, digits, -)");
        const CpuTable* known = state_.find_table(id);
        if (id == "generic")
            return place_table(id, read_generic(place), false);
        if (known == nullptr)
            place.check_keys(table_keys, {"title", "match", "events"});
        else
            place.check_keys(table_keys);
        if (known != nullptr && place.has("like"))
            place.at("like").fail("changes the table " + quoted(id) + ", and can't be like another one too",
                                  "give a table of your own another id; yours come first wherever they match");
        CpuTable table = known != nullptr ? *known : base_of(id, place, cpus_, state_);
        fill(place, known != nullptr || place.has("like"), table);
        if (place.has("match"))
            claim(place, table);
        place_table(id, std::move(table), place.has("match"));
    }

private:
    CpuTable read_generic(const Place& place) const {
        place.check_keys(generic_keys);
        CpuTable table = state_.generic();
        if (place.has("title"))
            table.title = place.text("title");
        if (place.has("events"))
            merge_events(place.at("events"), state_, table);
        if (place.has("names"))
            merge_names(place.at("names"), table);
        return table;
    }

    void fill(const Place& place, bool has_base, CpuTable& table) const {
        table.title = place.text("title", table.title);
        if (place.has("match"))
            table.match = read_match(place);
        table.core_pmu = place.text("pmu", table.core_pmu);
        // libpfm4 may know the other table's CPU, and not this one.
        const bool has_no_pfm = has_base && place.has("pfm") && place.at("pfm").is_null();
        table.pfm = has_no_pfm ? std::string_view() : place.text("pfm", table.pfm);
        table.formats = place.text("formats", table.formats);
        table.width = place.count("width", table.width);
        if (place.has("counters"))
            read_counters(place.at("counters"), table);
        if (place.has("constants"))
            merge_constants(place.at("constants"), state_, table);
        if (place.has("events"))
            merge_events(place.at("events"), state_, table);
        check_encodings(place, table);
    }

    /// In one document a CPU belongs to one table; over the tables below it may go.
    void claim(const Place& place, const CpuTable& table) {
        for (const std::string_view pattern : table.match) {
            const auto owner = std::ranges::find_if(
                claims_, [&](const Claim& claim) { return claim.pattern == pattern && claim.pmu == table.core_pmu; });
            if (owner != claims_.end())
                place.at("match").fail(quoted(pattern) + " already belongs to " + quoted(owner->table));
            claims_.push_back({pattern, table.core_pmu, table.id});
        }
    }

    /// What says which CPUs it is for goes before all that was there; what only changes a table stays in its place.
    void place_table(std::string_view id, CpuTable table, bool goes_first) {
        auto& cpus = state_.cpus;
        const auto known = std::ranges::find_if(cpus, [&](const auto& slot) { return table_of(*slot).id == id; });
        auto slot = ready_table(std::move(table));
        if (known != cpus.end() && !goes_first) {
            *known = std::move(slot);
            return;
        }
        if (known != cpus.end()) {
            // One that this document has put to the front already can't come again: an id stands once in it.
            cpus.erase(known);
        }
        cpus.insert(cpus.begin() + first_, std::move(slot));
        ++first_;
    }

    struct Claim {
        std::string_view pattern, pmu, table;
    };

    const Place& cpus_;
    Tables::State& state_;
    std::vector<Claim> claims_;
    std::ptrdiff_t first_ = 0; ///< where the document's next table goes
};

} // namespace

void read_cpus(const Place& document, Tables::State& state) {
    if (!document.has("cpus"))
        return;
    const Place cpus = document.at("cpus");
    CpuReader reader(cpus, state);
    for (const auto& [id, place] : cpus.members())
        reader.read(id, place);
}

} // namespace pmc::user
