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

/// `title`: "Max locked memory".
ResourceLimit read_limit(const kernel::FileTree& tree, std::string_view title);
/// Of this process it is known even when it can open no file to read it from.
ResourceLimit open_file_limit(const kernel::FileTree& tree);

/// What to do for more files, `number` of them if that is known: the soft limit is anybody's to raise, the hard one
/// not.
std::string open_file_remedy(const ResourceLimit& limit, const std::string& number = "NUMBER");

} // namespace pmc
