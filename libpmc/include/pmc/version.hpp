#pragma once

#include <pmc/export.hpp>

namespace pmc {

/// "0.1.0": the library that runs, which may be newer than the headers.
PMC_API const char* version() noexcept;

} // namespace pmc
