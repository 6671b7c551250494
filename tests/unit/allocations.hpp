#pragma once

#include <cstddef>

/// How many calls of operator new this thread has made: the unit tests' own operator counts them.
std::size_t allocations() noexcept;
