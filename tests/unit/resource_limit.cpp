#include "machine/resource_limit.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using pmc::read_limit;
using pmc::ResourceLimit;
using pmc::kernel::FileTree;

TEST_SUITE("resource_limit") {
    TEST_CASE("a line's soft and hard limit") {
        const FileTree tree("", {{"/proc/self/limits", "Limit  Soft Limit  Hard Limit  Units\n"
                                                       "Max cpu time      unlimited  unlimited  seconds\n"
                                                       "Max open files    1024       524288     files\n"}});
        const ResourceLimit files = read_limit(tree, "Max open files");
        CHECK(files.soft == "1024");
        CHECK(files.hard == "524288");
        CHECK(files.soft_number() == 1024);
        CHECK(files.hard_number() == 524'288);
        CHECK(read_limit(tree, "Max cpu time").soft_number() == UINT64_MAX);
    }

    TEST_CASE("what is not there is empty") {
        CHECK(read_limit(FileTree("", {}), "Max open files").soft.empty());
        CHECK(read_limit(FileTree("", {{"/proc/self/limits", "Max open files"}}), "Max open files").hard.empty());
    }
}
