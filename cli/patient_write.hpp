#pragma once

#include <functional>
#include <string_view>

namespace cli {

/// Writes all of it, however slow its reader is, and returns 0; or the errno. While the reader takes nothing (a pager
/// that waits for its user, a program that hangs) `is_told_to_end` is asked ten times a second, if there is one. Once
/// it says yes, a second in which nothing is taken is the end: ECANCELED.
int patient_write(int fd, std::string_view text, const std::function<bool()>& is_told_to_end);

} // namespace cli
