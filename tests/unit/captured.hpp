#pragma once

#include <pmc/machine.hpp>

#include <cstdlib>
#include <string>

/// A machine of tests/data/trees.
inline pmc::Machine captured(const std::string& name) {
    const char* root = std::getenv("PMC_SOURCE_ROOT");
    return pmc::Machine::from_tree(std::string(root == nullptr ? "." : root) + "/tests/data/trees/" + name);
}
