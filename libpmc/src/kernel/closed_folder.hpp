#pragma once

#include <pmc/user.hpp>

#include <string>

namespace pmc::kernel {

/// The first folder on the way to a file that keeps this user from it, as far as the folders' modes say; empty: none.
/// The last name is of a folder too, if there is one.
std::string closed_folder(const std::string& path, const User& user);

} // namespace pmc::kernel
