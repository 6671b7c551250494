#pragma once

#include <optional>

namespace cli {

/// Lets pmcstat have as many open files as it may: a counter is one, and there are as many as events × threads or CPUs.
/// What the limit was, for the command; nothing if that is as it was.
std::optional<unsigned long> raise_file_limit() noexcept;

} // namespace cli
