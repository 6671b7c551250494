#pragma once

#include <sys/types.h>

/// Makes one read() of a program that runs end otherwise than it would, by the means of a debugger (ptrace).
namespace bent_read {

enum class How {
    interrupted, ///< EINTR, and nothing was read
    ended,       ///< 0, and nothing was read
    one_byte,    ///< it is asked for one byte only
    half,        ///< it is done, and then only half of it is said to have come
};

/// For a child, before its exec: whoever started it traces it.
void offer();
/// Follows a child that has offered itself and bends read number `nth` of its first thread (read, pread64, recvfrom),
/// counted from 0. The loader's reads, of the libraries, are not among them. How many there were: nth + 1 if it came to
/// that; nothing is traced any more then. Ends at the latest when the process does, whose status is left to be waited
/// for.
long bend(pid_t pid, long nth, How how);

} // namespace bent_read
