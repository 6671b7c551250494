#include "counter/constraint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <linux/perf_event.h>
#include <string_view>
#include <vector>

namespace pmc {
namespace {

/// A set of counters, as the kernel numbers them on x86: bit n is the generic counter n, bit 32 + n the fixed one.
using Counters = std::uint64_t;
constexpr unsigned most_generic = 32;
constexpr unsigned first_fixed = 32;

constexpr Counters counter(unsigned number) noexcept {
    return Counters{1} << number;
}

/// A fixed counter's event in the PMU's own codes. Any other bit (cmask, inv, edge) makes it an event for a generic
/// counter.
enum class Fixed { cycles, instructions, ref_cycles, slots, metric, none };
struct FixedCode {
    std::string_view pmu; ///< prefix
    std::uint64_t config;
    Fixed fixed;
};
constexpr std::array fixed_codes{
    FixedCode{"cpu", 0x003c, Fixed::cycles},       FixedCode{"cpu", 0x00c0, Fixed::instructions},
    FixedCode{"cpu", 0x0100, Fixed::instructions}, // INST_RETIRED.PREC_DIST
    FixedCode{"cpu", 0x0300, Fixed::ref_cycles},   FixedCode{"cpu", 0x0400, Fixed::slots},
    FixedCode{"armv8", 0x11, Fixed::cycles},       FixedCode{"armv9", 0x11, Fixed::cycles},
    FixedCode{"armv8", 0x08, Fixed::instructions}, FixedCode{"armv9", 0x08, Fixed::instructions},
    FixedCode{"apple", 0x02, Fixed::cycles},       FixedCode{"apple", 0x8c, Fixed::instructions},
};

Fixed fixed_of(const Event& event) noexcept {
    if (event.type == PERF_TYPE_HARDWARE) {
        // The upper half names the core type on hybrid machines (PERF_PMU_TYPE_SHIFT).
        switch (event.config & 0xffff'ffff) {
        case PERF_COUNT_HW_CPU_CYCLES:
            return Fixed::cycles;
        case PERF_COUNT_HW_INSTRUCTIONS:
            return Fixed::instructions;
        case PERF_COUNT_HW_REF_CPU_CYCLES:
            return Fixed::ref_cycles;
        default:
            return Fixed::none;
        }
    }
    if (event.type == PERF_TYPE_HW_CACHE)
        return Fixed::none;
    // Top-down metrics are event 0x00, umask 0x80 and up.
    if (event.pmu.starts_with("cpu") && (event.config & ~std::uint64_t{0x7f00}) == 0x8000)
        return Fixed::metric;
    for (const FixedCode& code : fixed_codes)
        if (event.config == code.config && event.pmu.starts_with(code.pmu))
            return code.fixed;
    return Fixed::none;
}

/// Whether the event is on its fixed counter or on none: x86's codes of event 0 are the fixed counters' own, and the
/// kernel never gives them a generic one (use_fixed_pseudo_encoding, 6.2; by a list of them before).
bool has_pseudo_code(const Event& event, Fixed fixed) noexcept {
    return fixed == Fixed::ref_cycles || (event.type != PERF_TYPE_HARDWARE && (event.config & 0xff) == 0);
}

/// The counters of one PMU.
class Counting {
public:
    Counting(const CounterBudget& budget, std::string_view pmu) noexcept
        : generic_count_(std::min(budget.generic, most_generic)), x86_(pmu.starts_with("cpu")) {
        const auto add = [&](unsigned count, Fixed fixed) {
            if (count > 0)
                existing_ |= own(fixed);
        };
        add(budget.fixed_cycles, Fixed::cycles);
        add(budget.fixed_instructions, Fixed::instructions);
        add(budget.fixed_ref_cycles, Fixed::ref_cycles);
        add(budget.fixed_slots, Fixed::slots);
        // No budget knows of more than four: that an event's table names one says that it is there.
        existing_ |= ~(counter(first_fixed + 4) - 1) | generic();
    }

    [[nodiscard]] unsigned generic_count() const noexcept { return generic_count_; }
    [[nodiscard]] bool has(Fixed fixed) const noexcept { return (existing_ & own(fixed)) != 0; }
    [[nodiscard]] Counters all() const noexcept { return existing_; }

    /// Those that the event can be on.
    [[nodiscard]] Counters of(const Event& event) const noexcept {
        if (!event.counters.empty())
            return listed(event.counters) & existing_;
        const Fixed fixed = fixed_of(event);
        if (!has(fixed))
            return generic();
        return has_pseudo_code(event, fixed) ? own(fixed) : own(fixed) | generic();
    }

private:
    [[nodiscard]] Counters generic() const noexcept { return counter(generic_count_) - 1; }

    /// The fixed counter of this event. Intel's first is that of instructions, all others begin with cycles.
    [[nodiscard]] Counters own(Fixed fixed) const noexcept {
        switch (fixed) {
        case Fixed::cycles:
            return counter(first_fixed + (x86_ ? 1 : 0));
        case Fixed::instructions:
            return counter(first_fixed + (x86_ ? 0 : 1));
        case Fixed::ref_cycles:
            return counter(first_fixed + 2);
        case Fixed::slots:
            return counter(first_fixed + 3);
        default:
            return 0;
        }
    }

    /// A table's "fixed1,any", "0-3", "0,2". What means nothing is left out.
    [[nodiscard]] Counters listed(std::string_view list) const noexcept {
        Counters counters = 0;
        while (!list.empty()) {
            std::string_view item = list.substr(0, list.find(','));
            list.remove_prefix(std::min(item.size() + 1, list.size()));
            if (item == "any") {
                counters |= generic();
                continue;
            }
            const unsigned base = item.starts_with("fixed") ? first_fixed : 0;
            item.remove_prefix(base == 0 ? 0 : std::string_view("fixed").size());
            unsigned first = most_generic;
            const auto [rest, error] = std::from_chars(item.data(), item.data() + item.size(), first);
            unsigned last = first;
            if (rest != item.data() + item.size())
                std::from_chars(rest + 1, item.data() + item.size(), last);
            for (unsigned number = first; number <= last && number < most_generic; ++number)
                counters |= counter(base + number);
        }
        return counters;
    }

    unsigned generic_count_;
    bool x86_;
    Counters existing_ = 0;
};

/// A matching of events to counters, grown along augmenting paths: an event that finds its counter taken sends the
/// holder to another one.
class Matching {
public:
    explicit Matching(std::span<const Counters> events) : events_(events) { holder_.fill(none); }

    bool covers_all(Counters free) {
        for (std::size_t event = 0; event < events_.size(); ++event) {
            Counters untried = free;
            if (!place(event, untried))
                return false;
        }
        return true;
    }

private:
    bool place(std::size_t event, Counters& untried) {
        for (unsigned number = 0; number < holder_.size(); ++number) {
            if ((events_[event] & untried & counter(number)) == 0)
                continue;
            untried &= ~counter(number);
            if (holder_[number] != none && !place(holder_[number], untried))
                continue;
            holder_[number] = event;
            return true;
        }
        return false;
    }

    static constexpr auto none = static_cast<std::size_t>(-1);
    std::span<const Counters> events_;
    std::array<std::size_t, 64> holder_{};
};

/// Whether `pairs` events that take an even generic counter and its odd neighbour, and the `singles`, all find theirs.
bool have_room(std::size_t pairs, std::span<const Counters> singles, unsigned generic_count, Counters free,
               unsigned from = 0) {
    if (pairs == 0)
        return Matching(singles).covers_all(free);
    for (unsigned even = from; even + 1 < generic_count; even += 2) {
        if (have_room(pairs - 1, singles, generic_count, free & ~(counter(even) | counter(even + 1)), even + 2))
            return true;
    }
    return false;
}

} // namespace

bool takes_counter(const Event& event) noexcept {
    static constexpr std::array<std::string_view, 6> countless{"software", "tracepoint", "breakpoint",
                                                               "uprobe",   "kprobe",     "msr"};
    return event.type != PERF_TYPE_SOFTWARE && event.type != PERF_TYPE_TRACEPOINT &&
           std::find(countless.begin(), countless.end(), event.pmu) == countless.end();
}

bool is_slots(const Event& event) noexcept {
    return fixed_of(event) == Fixed::slots;
}

bool is_topdown_metric(const Event& event) noexcept {
    return event.counters == "metric" || (event.counters.empty() && fixed_of(event) == Fixed::metric);
}

bool fits_budget(std::span<const Event> group, const CounterBudget& budget) {
    std::vector<Counters> singles;
    std::size_t pairs = 0;
    const Event* metric = nullptr;
    const auto first = std::find_if(group.begin(), group.end(), takes_counter);
    const Counting counting(budget, first == group.end() ? std::string_view() : std::string_view(first->pmu));
    for (const Event& event : group) {
        if (!takes_counter(event))
            continue;
        if (is_topdown_metric(event) && (counting.has(Fixed::slots) || !event.counters.empty()))
            metric = &event;
        else if (event.counters == "pair")
            ++pairs;
        else
            singles.push_back(counting.of(event));
    }
    if (metric != nullptr && std::none_of(group.begin(), group.end(), is_slots))
        return false;
    return have_room(pairs, singles, counting.generic_count(), counting.all());
}

} // namespace pmc
