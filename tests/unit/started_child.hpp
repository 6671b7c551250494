#pragma once

#include "kernel/child.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

/// What tests of Child have in common.
namespace pmc::test {

inline Command shell(const std::string& script) {
    return {{"/bin/sh", "-c", script}};
}

inline kernel::Child started(const Command& command) {
    Expected<kernel::Child> child = kernel::Child::spawn(command);
    REQUIRE(child.has_value());
    const Expected<bool> released = child->release();
    REQUIRE_MESSAGE(released.has_value(), released.error().message());
    return std::move(*child);
}

/// Made up: no list of users is asked.
inline User nobody() {
    return {
        .name = "someone", .uid = 65534, .gid = 65533, .groups = {65533, 7}, .home = "/nowhere", .shell = "/bin/no"};
}

inline int status_of(const Command& command) {
    return started(command).wait().status;
}

} // namespace pmc::test
