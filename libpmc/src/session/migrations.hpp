#pragma once

#include "kernel/unique_fd.hpp"

#include <pmc/machine.hpp>

#include <cstdint>
#include <sys/types.h>

namespace pmc {

/// How often a command that is yet to exec, and all that it makes, moves from one CPU to another: a counter of the
/// kernel's beside those that were asked for, for what is pinned and so should not move.
class Migrations {
public:
    /// Counts nothing.
    Migrations() = default;
    Migrations(pid_t pid, const Machine& machine);

    /// -1: not counted. Who may not count the kernel may not count this.
    [[nodiscard]] std::int64_t count() const noexcept;

private:
    kernel::UniqueFd fd_;
};

} // namespace pmc
