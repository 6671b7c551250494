#pragma once

#include "kernel/file_tree.hpp"

#include <optional>
#include <string>

namespace pmc {

/// What decides how fast the first CPU runs, and may change from one day to the next. Empty where it is not known: in
/// most virtual machines.
struct Clocking {
    std::string microcode;     ///< its revision: "0x2007006"
    std::string governor;      ///< of cpufreq: "performance"
    std::optional<bool> boost; ///< clock rates above the nominal one are allowed
};
Clocking read_clocking(const kernel::FileTree& tree);

} // namespace pmc
