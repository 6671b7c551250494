#include "kernel/closed_folder.hpp"

#include "kernel/executable.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using pmc::kernel::closed_folder;
using pmc::test::ScratchTree;

TEST_SUITE_BEGIN("closed_folder");

TEST_CASE("the folder that keeps a user from a file is named, also as why a command can't be executed") {
    ScratchTree tree;
    tree.write("/outer/inner/program", "#!/bin/sh\n");
    const std::string root = tree.root();
    const std::string program = root + "/outer/inner/program";
    REQUIRE(chmod(program.c_str(), 0755) == 0);
    REQUIRE(chmod(root.c_str(), 0755) == 0);
    REQUIRE(chmod((root + "/outer").c_str(), 0755) == 0);
    const pmc::User other{.name = "someone", .uid = 65533, .gid = 65533, .groups = {65533}, .home = {}, .shell = {}};
    const pmc::User superuser{.name = "root", .uid = 0, .gid = 0, .groups = {0}, .home = {}, .shell = {}};
    const auto hint = [&] { return pmc::kernel::exec_error(program, {program}, EACCES, other).hint(); };

    REQUIRE(chmod((root + "/outer/inner").c_str(), 0711) == 0);
    CHECK(closed_folder(program, other).empty());
    CHECK(hint().find("may not search") == std::string::npos);

    REQUIRE(chmod((root + "/outer/inner").c_str(), 0700) == 0);
    CHECK(closed_folder(program, other) == root + "/outer/inner");
    CHECK(closed_folder(root + "/outer/inner", other) == root + "/outer/inner");
    CHECK(closed_folder(program, superuser).empty());
    CHECK(hint().find("user 'someone' may not search " + root + "/outer/inner") == 0);

    pmc::User of_group = other;
    struct stat inner {};
    REQUIRE(stat((root + "/outer/inner").c_str(), &inner) == 0);
    of_group.groups.push_back(inner.st_gid);
    REQUIRE(chmod((root + "/outer/inner").c_str(), 0710) == 0);
    CHECK(closed_folder(program, of_group).empty());
    CHECK(closed_folder(program, other) == root + "/outer/inner");
}

TEST_SUITE_END();
