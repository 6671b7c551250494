#pragma once

#include <optional>
#include <string>

/// The valgrind that is installed here. It is found when it is needed, like any program: by PATH.
namespace pmc::kernel {

/// Where it is; nothing if no folder of PATH has one that may be executed.
std::optional<std::string> find_valgrind();

/// What `valgrind --version` says, without the program's name: "3.19.0". Empty if it does not say it within a few
/// seconds.
std::string valgrind_version(const std::string& path);

} // namespace pmc::kernel
