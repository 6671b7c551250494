#pragma once

#include "metric/binder.hpp"

#include <pmc/event.hpp>

#include <string_view>

namespace pmc {

/// A table's cycles and the kernel's are one event, though their encodings differ: the kernel defines what these two
/// are. "cycles", "instructions", or nothing.
std::string_view fixed_name(const Candidate& candidate) noexcept;

/// Whether two events, of these fixed names, are one. Counting both would waste a counter.
bool is_same_event(const Event& a, std::string_view fixed_a, const Event& b, std::string_view fixed_b);

} // namespace pmc
