#pragma once

namespace cli {

/// From now on, processes that the command leaves behind become pmcstat's children, where they can be found.
void adopt_leftovers() noexcept;

/// Ends the processes that were left behind: `signal` first, SIGKILL for those that are still there after a second.
void end_leftovers(int signal) noexcept;

} // namespace cli
