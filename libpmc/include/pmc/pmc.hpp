#pragma once

/// libpmc: hardware performance counters in C++20. One header for programs that measure themselves; the others are for
/// programs that measure other programs (session.hpp), that read results (result.hpp), or that count within a framework
/// (tally.hpp, google_benchmark.hpp).

#include <pmc/counter_group.hpp>
#include <pmc/error.hpp>
#include <pmc/expected.hpp>
#include <pmc/measure.hpp>
#include <pmc/reading.hpp>
#include <pmc/region.hpp>
#include <pmc/verdict.hpp>
#include <pmc/version.hpp>
