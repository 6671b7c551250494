#pragma once

#include <pmc/error.hpp>
#include <pmc/expected.hpp>
#include <pmc/user.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Programs by the names that users give them.
namespace pmc::kernel {

/// Where a command may be: itself if it has a slash, else in each folder of PATH. Done by hand because execvp gives
/// what is no program to /bin/sh, which would then be measured, and because it is done before the fork.
std::vector<std::string> search_path(const std::string& name);

/// What an exec would find, without one: the path of a program or script. Errors: those of the exec.
Expected<std::string> find_executable(const std::string& name);

/// Whether an exec of it changes whose rights the process has (setuid, setgid, file capabilities).
bool changes_rights(const std::string& path) noexcept;

/// That the exec of a command failed, and what to do (kind command). `paths` are where it was looked for, `user`
/// who was to run it, if not the caller.
Error exec_error(const std::string& name, const std::vector<std::string>& paths, int error,
                 const std::optional<User>& user = {});

/// An errno in words that are not translated: "permission denied".
std::string description_of(int error);
/// What to do about a shortage by which no program was started; empty for any other errno.
std::string_view remedy_of(int error) noexcept;

} // namespace pmc::kernel
