#pragma once

#include <pmc/user.hpp>

#include <optional>
#include <string>
#include <vector>

namespace pmc {

/// A command to be counted. argv[0] is looked up in PATH, without a shell.
struct Command {
    std::vector<std::string> argv;
    /// Signals that the caller has blocked for its own sake (to take them from a signalfd) and the command must not
    /// have blocked.
    std::vector<int> unblock = {};
    /// Count the threads and children that it makes too; otherwise its first thread alone.
    bool inherit = true;
    /// The soft limit of open files (RLIMIT_NOFILE) that the command is to have, where the caller has raised its own to
    /// count more; empty: the caller's.
    std::optional<unsigned long> max_files = {};
    /// The one CPU that it may run on.
    std::optional<int> cpu = {};
    /// Its memory lies at the same addresses in each run: no address space layout randomisation.
    bool fixed_addresses = false;
    /// Its environment, "NAME=value" each; empty: the caller's.
    std::optional<std::vector<std::string>> environment = {};
    /// Its standard input is empty and its standard output goes nowhere.
    bool is_silent = false;
    /// As whom it runs: with that user's rights and groups and nobody else's, and HOME, USER, LOGNAME and SHELL. What
    /// counts it stays who it is, and must be root (CAP_SETUID and CAP_SETGID). Empty: the caller.
    std::optional<User> user = {};
};

} // namespace pmc
