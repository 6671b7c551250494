#pragma once

#include <pmc/statistics.hpp>
#include <pmc/verdict.hpp>

#include <optional>
#include <string>

namespace pmc {

/// One line of a gate: what was asked of one value, and what became of it.
struct Check {
    Outcome outcome = Outcome::unknown;
    std::string name;      ///< of the value: "cycles", "ipc", "time"
    std::string scope, id; ///< its row, as Sample has it; empty: the command
    std::string asked;     ///< "ipc>=1.2", or "at most +2 % over the baseline"
    std::string message;   ///< one line without the name: what was found, with the numbers; or why nothing was
    std::string hint;      ///< what to do; may be empty
    std::string unit{};
    std::string source = "measured"; ///< or "model"
    // Where it was measured:
    std::optional<Summary> value{};
    std::optional<Summary> baseline{}; ///< what it was compared with
    std::optional<Change> change{};    ///< from there
    std::optional<double> limit{};     ///< in `unit`; of the change: 0.02 is 2 %
};

} // namespace pmc
