#pragma once

#include "gate/assertion.hpp"

#include <pmc/measurement.hpp>
#include <pmc/verdict.hpp>

namespace pmc {

/// Whether a value that was measured is as asserted: arithmetic over made-up values in tests.
Verdict judge(const Assertion& assertion, const MeasuredValue& value);

} // namespace pmc
