#include <pmc/target.hpp>

#include "kernel/cgroup.hpp"

#include <doctest/doctest.h>

using Paths = std::vector<std::string>;

TEST_SUITE_BEGIN("find_cgroups");

TEST_CASE("the root is found by name and by expression, where there are cgroups at all") {
    const auto hierarchy = pmc::kernel::CgroupHierarchy::find();
    if (!hierarchy) {
        CHECK(pmc::find_cgroups("/").error().kind() == pmc::ErrorKind::not_available);
        CHECK(pmc::find_cgroups("^/$").error().kind() == pmc::ErrorKind::not_available);
        return;
    }
    CHECK(pmc::find_cgroups("/").value() == Paths{"/"});
    CHECK(pmc::find_cgroups("//").value() == Paths{"/"});
    CHECK(pmc::find_cgroups("^/$").value() == Paths{"/"});
    CHECK(pmc::find_cgroups(".*").value() == hierarchy->all());
}

TEST_CASE("what is not there is not available") {
    for (const char* pattern : {"no such cgroup", "^no such cgroup$", "../..", ""}) {
        const auto found = pmc::find_cgroups(pattern);
        REQUIRE_FALSE_MESSAGE(found, pattern);
        CHECK(found.error().kind() == pmc::ErrorKind::not_available);
        CHECK(found.error().message().find(pattern) != std::string::npos);
    }
}

TEST_CASE("a bad expression is an error of syntax, a name with a dot or a backslash no expression") {
    CHECK(pmc::find_cgroups("a(").error().kind() == pmc::ErrorKind::syntax);
    CHECK(pmc::find_cgroups("a\\x2db.slice").error().kind() == pmc::ErrorKind::not_available);
}

TEST_SUITE_END();
