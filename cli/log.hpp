#pragma once

#include <spdlog/spdlog.h>
#include <string>

namespace cli {

/// Diagnostics, to stderr; only warnings and errors unless --log-level says otherwise.
spdlog::logger& log();
void set_log_level(const std::string& level);

} // namespace cli
