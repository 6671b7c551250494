#pragma once

#include <pmc/counter_group.hpp>
#include <pmc/event.hpp>
#include <pmc/machine.hpp>
#include <pmc/reason.hpp>

#include <cstdint>
#include <linux/perf_event.h>
#include <span>
#include <vector>

/// What it takes for user code to read a group's counters by itself: facts that can be known before anything is mapped,
/// and what a mapped page says.
namespace pmc {

/// Why it is not tried; empty: it is.
Reason why_no_user_read(std::span<const Event> events, ReadPolicy policy, const Machine& machine);

/// The bits of config1 that ask the PMU for user access, best first; none where nothing must be asked for (x86).
std::vector<std::uint64_t> user_access_bits(const Event& event, const Machine& machine);

/// What stands in the way according to the event's page; empty: nothing does.
Reason why_not_readable(const perf_event_mmap_page& page, const Event& event, const Machine& machine);

} // namespace pmc
