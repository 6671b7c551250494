#include "c/last_error.hpp"

#include <pmc/counter_group.hpp>

#include <new>
#include <utility>

/// A CounterGroup, and nothing before it.
struct pmc_group {
    pmc::CounterGroup counters;
};

namespace {

using pmc::Reading;

static_assert(sizeof(Reading) <= sizeof(pmc_reading) && alignof(Reading) <= alignof(pmc_reading));
static_assert(PMC_MAX_COUNTERS == Reading::capacity);

const Reading& of(const pmc_reading& reading) noexcept {
    return *reinterpret_cast<const Reading*>(&reading);
}

pmc::Count count(const pmc_reading* reading, unsigned index) noexcept {
    return reading != nullptr ? of(*reading)[{index}] : pmc::Count{};
}

} // namespace

pmc_status pmc_open(pmc_group** group, const char* events, unsigned flags) {
    using pmc::c::fail;
    if (group == nullptr)
        return fail(PMC_MISUSE, "pmc_open: there is no place for the group (NULL)");
    *group = nullptr;
    if (events == nullptr)
        return fail(PMC_MISUSE, "pmc_open: there is no event list (NULL)");
    if ((flags & ~unsigned{PMC_READ_BY_SYSTEM_CALL}) != 0)
        return fail(PMC_MISUSE, "pmc_open: a flag is not known");
    const auto policy = flags == 0 ? pmc::ReadPolicy::automatic : pmc::ReadPolicy::system_call;
    return pmc::c::without_exceptions([&] {
        auto counters = pmc::CounterGroup::open({events}, policy);
        if (!counters)
            return fail(counters.error());
        *group = new pmc_group{*std::move(counters)};
        return PMC_OK;
    });
}

void pmc_close(pmc_group* group) {
    delete group;
}

unsigned pmc_size(const pmc_group* group) {
    return group != nullptr ? static_cast<unsigned>(group->counters.size()) : 0;
}

const char* pmc_name(const pmc_group* group, unsigned index) {
    return index < pmc_size(group) ? group->counters.events()[index].name.c_str() : "";
}

pmc_path pmc_read_path(const pmc_group* group) {
    switch (group != nullptr ? group->counters.read_path() : pmc::ReadPath::system_call) {
    case pmc::ReadPath::user_read:
        return PMC_USER_READ;
    case pmc::ReadPath::model:
        return PMC_MODEL;
    case pmc::ReadPath::system_call:
        break;
    }
    return PMC_SYSTEM_CALL;
}

const char* pmc_read_path_reason(const pmc_group* group) {
    return group != nullptr ? group->counters.read_path_reason().evidence.c_str() : "";
}

const char* pmc_read_path_hint(const pmc_group* group) {
    return group != nullptr ? group->counters.read_path_reason().remedy.c_str() : "";
}

void pmc_read(const pmc_group* group, pmc_reading* reading) {
    if (reading == nullptr)
        return;
    // In its place at once: a copy would cost as much as the counters.
    if (group != nullptr)
        new (reading) Reading(group->counters.read());
    else
        new (reading) Reading;
}

void pmc_subtract(pmc_reading* difference, const pmc_reading* later, const pmc_reading* earlier) {
    if (difference == nullptr)
        return;
    if (later == nullptr || earlier == nullptr)
        new (difference) Reading;
    else if (difference != later && difference != earlier)
        new (difference) Reading(of(*later) - of(*earlier));
    else {
        const Reading spent = of(*later) - of(*earlier);
        new (difference) Reading(spent);
    }
}

bool pmc_value(const pmc_reading* reading, unsigned index, double* value) {
    const pmc::Count known = count(reading, index);
    if (!known.has_value() || value == nullptr)
        return false;
    *value = known.value();
    return true;
}

uint64_t pmc_raw(const pmc_reading* reading, unsigned index) {
    return count(reading, index).raw();
}

double pmc_coverage(const pmc_reading* reading, unsigned index) {
    return count(reading, index).coverage();
}

uint64_t pmc_enabled_ns(const pmc_reading* reading) {
    return reading != nullptr ? of(*reading).enabled_ns() : 0;
}

uint64_t pmc_running_ns(const pmc_reading* reading) {
    return reading != nullptr ? of(*reading).running_ns() : 0;
}
