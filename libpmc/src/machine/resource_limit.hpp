#pragma once

#include "kernel/file_tree.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pmc {

/// A line of /proc/self/limits, as it stands there: "1024", "unlimited". Empty where it can't be read.
struct ResourceLimit {
    std::string soft, hard;

    /// What is unlimited, or no number, is the largest there is.
    [[nodiscard]] std::uint64_t soft_number() const noexcept;
    [[nodiscard]] std::uint64_t hard_number() const noexcept;
};

/// `title`: "Max open files".
ResourceLimit read_limit(const kernel::FileTree& tree, std::string_view title);

} // namespace pmc
