#pragma once

#include "kernel/private_folder.hpp"

#include <pmc/command.hpp>
#include <pmc/expected.hpp>

#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace pmc {

/// A command that is to run under one of valgrind's tools, with all programs that it starts: how it is called, and the
/// private folder for what valgrind writes, which is gone with this.
class ValgrindRun {
public:
    /// `tool` is "cachegrind" or "callgrind"; `options` are what it needs beyond the caches' geometry and where to
    /// write. The command is told by PMC_MODEL that it is the model `told`, and where to ask it; empty: it is not.
    /// Errors: not_available (there is no valgrind, or the command can't run under it), command (as an exec of the
    /// command would have failed), io (no folder).
    static Expected<ValgrindRun> prepare(const Command& command, std::string_view tool,
                                         std::vector<std::string> options, std::string_view told = {});

    /// To be spawned in the place of the command. Its process is the command's.
    [[nodiscard]] const Command& command() const noexcept { return command_; }

    /// Once the process `pid` of command() was released: returns when valgrind has begun to run the command in it, or
    /// it was ended by a signal. Errors: not_available (valgrind ended without that), command (its user may not execute
    /// it).
    [[nodiscard]] Expected<bool> wait_for_begin(pid_t pid) const;

    /// A process that ran under the tool.
    struct Process {
        pid_t pid = 0;
        bool has_counts = false;     ///< it wrote them: it was not killed, and has ended
        bool is_only_a_fork = false; ///< of another one, without an exec: its counts include what that one did before
        std::string unknown_to;      ///< the version of valgrind that did not know an instruction of it; or empty
        bool died_of_it = false;     ///< SIGILL ended it then
    };
    /// Once the command has ended.
    [[nodiscard]] std::vector<Process> processes() const;
    /// What the tool wrote of a process; empty if nothing.
    [[nodiscard]] std::string counts_of(pid_t pid) const;

private:
    /// The ends of what valgrind said of a process.
    [[nodiscard]] std::string log_of(pid_t pid) const;
    ValgrindRun(Command command, std::string executable, kernel::PrivateFolder folder, std::string tool)
        : command_(std::move(command)),
          executable_(std::move(executable)),
          folder_(std::move(folder)),
          tool_(std::move(tool)) {}

    Command command_;
    std::string executable_; ///< the path of what was asked for
    kernel::PrivateFolder folder_;
    std::string tool_;
};

} // namespace pmc
