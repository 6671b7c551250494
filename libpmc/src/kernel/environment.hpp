#pragma once

#include <pmc/command.hpp>

#include <string>
#include <string_view>
#include <vector>

/// The environment of a command.
namespace pmc::kernel {

/// The one that it was given, else the caller's; of another user's command, with that user's variables.
std::vector<std::string> environment_of(const Command& command);

/// "NAME=value", in the place of the one that there may be.
void set_variable(std::vector<std::string>& environment, std::string_view variable);

} // namespace pmc::kernel
