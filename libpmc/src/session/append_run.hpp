#pragma once

#include <pmc/result.hpp>

namespace pmc {

/// Makes a run that was documented by itself the next one of a document of several runs: its samples get its number,
/// its notes are told once. `run` is that of the last; what the first says of the machine stands.
void append_run(Result& document, Result run);

} // namespace pmc
