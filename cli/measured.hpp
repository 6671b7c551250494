#pragma once

#include "counting.hpp"

#include <pmc/error.hpp>
#include <pmc/result.hpp>

namespace cli {

/// What came of counting: the document, and what pmcstat's exit status is made of.
struct Measured {
    pmc::Result result{};
    int command_status = 0;   ///< 0 also without a command
    int status = 0;           ///< pmcstat's own: stands where the command's is 0
    bool timed_out = false;   ///< comes before all others
    int ended_by = 0;         ///< the signal that ended it before its time, or 0
    bool is_reported = false; ///< nothing is left to be written, or it can't be

    [[nodiscard]] int exit_status() const noexcept;
};

/// pmcstat's status for a Session that did not start.
int start_status(const pmc::Error& error) noexcept;

} // namespace cli
