#include "c/last_error.hpp"
#include "c/passages.hpp"
#include "region/measuring.hpp"
#include "region/scope.hpp"

#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>

uint64_t pmc_passages_flag = 0;

namespace pmc::c {
namespace {

/// All regions of C. A list without a lock, so that nothing is left locked in a fork's child.
constinit std::atomic<pmc_region*> all_regions{nullptr};

bool is_measuring() noexcept {
    return detail::measuring.load(std::memory_order_relaxed) != 0;
}

pmc_region* find(pmc_region* first, const char* name) noexcept {
    while (first != nullptr && first->name != name)
        first = first->next;
    return first;
}

pmc_region* region_named(const char* name) {
    pmc_region* head = all_regions.load(std::memory_order_acquire);
    if (pmc_region* known = find(head, name))
        return known;
    auto made = std::make_unique<pmc_region>(name);
    do {
        if (pmc_region* known = find(head, name))
            return known;
        made->next = head;
    } while (!all_regions.compare_exchange_weak(head, made.get(), std::memory_order_acq_rel));
    return made.release();
}

template <typename Text>
char* report_as(const Text& text) noexcept {
    char* copy = nullptr;
    without_exceptions([&] {
        const std::string content = text(report());
        copy = static_cast<char*>(std::malloc(content.size() + 1));
        if (copy == nullptr)
            throw std::bad_alloc{};
        content.copy(copy, content.size());
        copy[content.size()] = '\0';
        return PMC_OK;
    });
    return copy;
}

/// In the report, too, it shows that ends went without a beginning.
void drop_unbegun(Region& region) noexcept {
    const BusyMark mark;
    if (measuring() != nullptr && intern(region) != 0)
        drop(region);
}

[[gnu::cold]] pmc_status end_out_of_order(pmc_region& region) noexcept {
    const pmc_region* const within = Passages::own().end_with_all_within(region);
    if (within == nullptr)
        drop_unbegun(region.region);
    return without_exceptions([&] {
        if (within == nullptr)
            return fail({ErrorKind::misuse, Stage::read,
                         "the region '" + region.name + "' was ended on a thread that has not begun it",
                         "end it once for each time that it was begun, on the same thread"});
        return fail(
            {ErrorKind::misuse, Stage::read,
             "the region '" + region.name + "' was ended before '" + within->name + "', which was begun within it",
             "end '" + within->name + "' on every way out of it"});
    });
}

} // namespace
} // namespace pmc::c

using pmc::c::fail;

pmc_region* pmc_region_named(const char* name) {
    pmc_region* region = nullptr;
    pmc::c::without_exceptions([&] {
        if (name == nullptr)
            return fail(PMC_MISUSE, "pmc_region_named: there is no name (NULL)");
        region = pmc::c::region_named(name);
        return PMC_OK;
    });
    return region;
}

pmc_status pmc_enable(const char* events) {
    return pmc::c::without_exceptions([&] {
        pmc::enable(events != nullptr ? events : "");
        return PMC_OK;
    });
}

void pmc_disable(void) {
    pmc::disable();
}

bool pmc_is_measuring(void) {
    return pmc::is_measuring();
}

void pmc_attach_thread(void) {
    pmc::attach_thread();
}

char* pmc_report_json(void) {
    return pmc::c::report_as([](const pmc::Result& result) { return result.to_json(); });
}

char* pmc_report_text(void) {
    return pmc::c::report_as([](const pmc::Result& result) { return pmc::region_text(result); });
}

void pmc_free(char* report) {
    std::free(report);
}

void pmc_begin_passage(pmc_region* region) {
    pmc::c::Passages& passages = pmc::c::Passages::own();
    if (region == nullptr || !passages.make_room())
        return;
    const std::uint64_t token = pmc::c::is_measuring() ? pmc::detail::begin_scope(region->region) : 0;
    if (__atomic_load_n(&pmc_passages_flag, __ATOMIC_RELAXED) == 0) {
        // What begin_scope() found in the environment: nobody measures. The end will not ask.
        if (token == 0 && !pmc::c::is_measuring())
            return;
        __atomic_store_n(&pmc_passages_flag, 1, __ATOMIC_RELAXED);
    }
    passages.push({region, token});
}

pmc_status pmc_end_passage(pmc_region* region) {
    if (region == nullptr)
        return fail(PMC_MISUSE, "pmc_region_end: there is no region (NULL)");
    if (pmc::c::Passages::own().pop(*region))
        return PMC_OK;
    return pmc::c::end_out_of_order(*region);
}
