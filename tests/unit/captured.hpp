#pragma once

#include <pmc/machine.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

/// A machine of tests/data/trees.
inline pmc::Machine captured(const std::string& name) {
    const char* root = std::getenv("PMC_SOURCE_ROOT");
    return pmc::Machine::from_tree(std::string(root == nullptr ? "." : root) + "/tests/data/trees/" + name);
}

/// Whether a message may be shown on a terminal as it is.
inline bool is_printable(std::string_view message) {
    return std::ranges::all_of(message, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}
