#include "kernel/environment.hpp"

#include <algorithm>
#include <unistd.h>

namespace pmc::kernel {

std::vector<std::string> environment_of(const Command& command) {
    std::vector<std::string> environment;
    if (command.environment)
        environment = *command.environment;
    else
        for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
            environment.emplace_back(*variable);
    if (command.user)
        for (const std::string& variable : command.user->variables())
            set_variable(environment, variable);
    return environment;
}

void set_variable(std::vector<std::string>& environment, std::string_view variable) {
    const std::string_view beginning = variable.substr(0, variable.find('=') + 1);
    std::erase_if(environment, [&](const std::string& other) { return other.starts_with(beginning); });
    environment.emplace_back(variable);
}

} // namespace pmc::kernel
