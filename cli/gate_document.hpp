#pragma once

#include "options.hpp"

namespace cli {

/// `pmcstat gate --input FILE`: the exit status.
int gate_document(const GateDocumentOptions& options);

} // namespace cli
