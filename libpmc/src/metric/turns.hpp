#pragma once

#include "counter/planner.hpp"

#include <pmc/event.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace pmc {

/// By group of a plan: those of one PMU that can be on it at once have the same number.
std::vector<std::size_t> turns_of(std::span<const PlannedGroup> groups, std::span<const Event> events,
                                  const Fits& fits);

} // namespace pmc
