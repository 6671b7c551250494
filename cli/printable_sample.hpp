#pragma once

#include <pmc/result.hpp>

namespace cli {

/// Of somebody else: none of its texts has what a terminal would obey, in whatever form they are written.
pmc::Sample printable(pmc::Sample sample);

} // namespace cli
