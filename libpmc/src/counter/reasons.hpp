#pragma once

#include <pmc/event.hpp>
#include <pmc/machine.hpp>
#include <pmc/reason.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// The diagnoses that no errno gives: what is known of an event before the kernel is asked, or from what it counted.
namespace pmc {

/// Whether the event happens in the kernel only, and so would read 0 for ever with the kernel excluded.
bool happens_in_kernel(const Event& event) noexcept;

Reason needs_kernel_mode(const Event& event, const Machine& machine);
Reason counts_elsewhere(const Event& event);
/// The kernel refused `event` in a group (EINVAL), but not on its own.
Reason group_too_large(std::string_view event, std::size_t members);
/// A metric's events, which mean something only together, are more than the PMU has counters.
Reason metric_too_large(std::size_t events);
/// A group counts on one PMU, but `event` is of another than its leader.
Reason mixed_pmus(const Event& event, const Event& leader);
/// Somebody else holds the counters that the group needs.
Reason counters_busy(std::size_t members, const Machine& machine);
/// Enabled, but never on the PMU.
Reason never_scheduled(std::size_t members, const Machine& machine);
/// Never enabled: the target was not on a CPU.
Reason never_ran();
/// Enabled, but the target never was on a core of this PMU, one of several.
Reason never_ran_on(std::string_view core);
/// The kernel has not made a perf_event for the cgroup.
Reason not_in_cgroup();
/// `reason`, for too many open files, with the arithmetic.
Reason too_many_files(Reason reason, std::size_t events, std::size_t groups);
/// What a fork's child must not find as its parent left it has no place.
Reason no_wiped_memory();
/// Counting needs a real processor.
Reason under_valgrind();
/// What a model of a processor does not have.
Reason not_modelled(std::string what);
/// It counts, but is read by system calls, because of `evidence`.
Reason no_user_read(std::string evidence, std::string remedy = {}, int error = 0);
/// All members of an explicit group are lost with `event`.
Reason lost_with(std::string_view event, Reason reason);

} // namespace pmc
