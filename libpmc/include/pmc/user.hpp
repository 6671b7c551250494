#pragma once

#include <pmc/expected.hpp>

#include <string>
#include <sys/types.h>
#include <vector>

namespace pmc {

/// A user of this system, as whom a command can be run.
struct PMC_API User {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;             ///< of the primary group
    std::vector<gid_t> groups; ///< all of them, with the primary one
    std::string home, shell;

    /// HOME, USER, LOGNAME and SHELL as a login sets them, "NAME=value" each.
    [[nodiscard]] std::vector<std::string> variables() const;
};

/// By name, or else by number. Errors: command (there is no such user, or it can't be found out).
PMC_API Expected<User> find_user(const std::string& name);

} // namespace pmc
