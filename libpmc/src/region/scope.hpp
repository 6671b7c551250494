#pragma once

#include <pmc/region.hpp>

#include <cstdint>

namespace pmc {

/// Tells the thread that the scope was begun on that it ended elsewhere, if that thread still has it open. False: it
/// was begun in the process that this one was forked from.
bool orphan(std::uint64_t token) noexcept;

namespace detail {

/// Ends the calling thread's innermost scope if it is of this region; false if it is not.
bool end_top_scope(Region& region) noexcept;

} // namespace detail
} // namespace pmc
