#pragma once

#include <pmc/error.hpp>
#include <pmc/machine.hpp>
#include <pmc/target.hpp>

#include <optional>

namespace pmc {

/// Why a target can't be counted at all, known before anything is opened: it is no target, or the kernel lets this
/// process count nothing.
std::optional<Error> refusal_of(const Target& target, const Machine& machine);

} // namespace pmc
