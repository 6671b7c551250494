#pragma once

namespace pmc {

/// The program's standard output and error as it was started with them, or, if it was not measured from its start on,
/// as they are when this is called first. A report goes to those alone: what a descriptor that was closed leads to
/// later may be a file or a connection of the program's own.
void remember_standard_streams() noexcept;

/// Whether the descriptor (1 or 2) still leads where it led then.
bool is_standard_stream(int fd) noexcept;

/// The one of the two that leads where the path leads, be it standard or not: -1 if none does. Such a file must not be
/// replaced, because the program writes there.
int stream_at(const char* path) noexcept;

} // namespace pmc
