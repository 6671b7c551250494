#pragma once

#include "options.hpp"

namespace cli {

/// `pmcstat doctor`: what was found, to stdout; or a captured machine, to a file. The exit status.
int doctor(const DoctorOptions& options);

} // namespace cli
