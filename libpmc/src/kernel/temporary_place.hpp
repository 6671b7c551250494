#pragma once

#include <pmc/expected.hpp>
#include <pmc/user.hpp>

#include <optional>
#include <string>

namespace pmc::kernel {

/// Where a folder for a while can be made whose path is good for a process that has another working directory: $TMPDIR,
/// or /tmp where that is not set, relative, or has a %. For root, and for a folder that is to be another user's, it is
/// /tmp as well where somebody else could put another folder in the place of one in $TMPDIR, or where that user can't
/// get. Errors: io.
Expected<std::string> temporary_place(const std::optional<User>& owner);

} // namespace pmc::kernel
