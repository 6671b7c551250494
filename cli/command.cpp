#include "command.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

/// What a program needs to be found and to find its own, and padding up to a size that is the same in each shell, for
/// each user, in each checkout: the stack begins where the environment ends.
std::vector<std::string> fixed_environment(const std::optional<pmc::User>& user) {
    constexpr std::array kept = {"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "PMC_EVENTS", "PMC_TABLES", "PMC_REPORT"};
    constexpr std::size_t page = 4096;
    std::vector<std::string> environment = {"LANG=C.UTF-8"};
    for (const char* const name : kept)
        if (const char* const value = std::getenv(name))
            environment.push_back(std::string(name) + '=' + value);
    if (user) {
        std::erase_if(environment, [](const std::string& variable) { return variable.starts_with("HOME="); });
        std::ranges::copy(user->variables(), std::back_inserter(environment));
    }
    std::string padding = "PMCSTAT_PADDING=";
    std::size_t size = padding.size() + 1;
    for (const std::string& variable : environment)
        size += variable.size() + 1;
    padding.append((page - size % page) % page, 'x');
    environment.push_back(std::move(padding));
    return environment;
}

} // namespace

pmc::Command command_of(const RunOptions& options, const Signals& signals) {
    pmc::Command command{.argv = options.command, .unblock = signals.taken()};
    command.inherit = options.target.target.inherit;
    command.cpu = options.repeat.cpu;
    command.user = options.repeat.user;
    command.fixed_addresses = options.repeat.fixed_addresses;
    if (options.repeat.fixed_environment)
        command.environment = fixed_environment(options.repeat.user);
    return command;
}

} // namespace cli
