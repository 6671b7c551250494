#include "kernel/file_tree.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

using pmc::kernel::FileTree;
using pmc::kernel::find_field;
using pmc::kernel::has_word;
using pmc::kernel::parse_cpu_list;
using pmc::test::ScratchTree;
using Cpus = std::vector<int>;

TEST_SUITE_BEGIN("file_tree");

TEST_CASE("a file of /proc is read whole, although its size is said to be 0") {
    struct stat status {};
    REQUIRE(stat("/proc/self/maps", &status) == 0);
    CHECK(status.st_size == 0);
    const auto maps = FileTree().read("/proc/self/maps");
    REQUIRE(maps);
    CHECK(maps->find("[stack]") != std::string::npos); // near its end, beyond the first read
    CHECK(FileTree().read_number("/proc/self/stat").has_value() == false);
    CHECK(FileTree().read_number("/proc/sys/kernel/pid_max").value_or(0) > 300);
}

TEST_CASE("a root stands before every path") {
    ScratchTree tree;
    tree.write("/proc/a", "one\n");
    CHECK(FileTree(tree.root()).read("/proc/a") == "one");
    CHECK(FileTree(tree.root()).read("proc/a") == "one");
    CHECK(FileTree(tree.root()).exists("/proc/a"));
    CHECK_FALSE(FileTree(tree.root()).exists("/proc/self"));
    CHECK(FileTree(tree.root()).root() == tree.root());
}

TEST_CASE("trailing white space goes, what is inside stays") {
    ScratchTree tree;
    tree.write("/a", " x\n\ny \t\n\n").write("/blank", " \n\n").write("/empty", "");
    const FileTree files(tree.root());
    CHECK(files.read("/a") == " x\n\ny");
    CHECK(files.read("/blank") == "");
    CHECK(files.read("/empty") == "");
    CHECK_FALSE(files.read("/missing").has_value());
    CHECK_FALSE(files.read("/").has_value()); // a folder
}

TEST_CASE("a number is one only if nothing else stands in the file") {
    ScratchTree tree;
    tree.write("/n", "42\n").write("/minus", "-1\n").write("/padded", "  7\n").write("/words", "42 apples\n");
    tree.write("/empty", "").write("/huge", "99999999999999999999\n").write("/hex", "0x10\n");
    const FileTree files(tree.root());
    CHECK(files.read_number("/n") == 42);
    CHECK(files.read_number("/minus") == -1);
    CHECK(files.read_number("/padded") == 7);
    for (const char* path : {"/words", "/empty", "/huge", "/hex", "/missing"})
        CHECK_FALSE(files.read_number(path).has_value());
}

TEST_CASE("what never ends or never begins is not waited for") {
    ScratchTree tree;
    REQUIRE(mkfifo((tree.root() + "/fifo").c_str(), 0600) == 0);
    REQUIRE(symlink("/dev/zero", (tree.root() + "/endless").c_str()) == 0);
    CHECK(FileTree(tree.root()).read("/fifo") == "");
    CHECK_FALSE(FileTree(tree.root()).read("/endless").has_value());
}

TEST_CASE("names in a folder come sorted") {
    ScratchTree tree;
    tree.write("/d/b", "").write("/d/a", "").write("/d/c/x", "");
    const FileTree files(tree.root());
    CHECK(files.list("/d") == std::vector<std::string>{"a", "b", "c"});
    CHECK(files.list("/missing").empty());
    CHECK(files.list("/d/a").empty());
}

TEST_CASE("CPU lists") {
    CHECK(parse_cpu_list("0") == Cpus{0});
    CHECK(parse_cpu_list("0-3,8,10-11") == Cpus{0, 1, 2, 3, 8, 10, 11});
    CHECK(parse_cpu_list("3,1,1-2") == Cpus{1, 2, 3});
    for (const char* bad : {"", " ", "a", "1,", ",1", "1-", "-1", "3-1", "1--2", "1 2", "0x1", "0-99999999", "70000",
                            "0-65535,0-65535", "4294967296", "1-2-3"})
        CHECK_MESSAGE(parse_cpu_list(bad).empty(), bad);
}

TEST_CASE("files that exist in memory only are read and listed like others") {
    const FileTree tree("(described)", {{"/sys/cpu/type", "4"},
                                        {"/sys/cpu/format/event", "config:0-7"},
                                        {"/sys/cpu-x/type", "5"},
                                        {"/sys/cpu_core/type", "6"}});
    CHECK(tree.read("/sys/cpu/format/event") == "config:0-7");
    CHECK(tree.read_number("/sys/cpu/type") == 4);
    CHECK_FALSE(tree.read("/sys/cpu").has_value());
    CHECK_FALSE(tree.read("/proc/self/status").has_value());
    CHECK(tree.list("/sys") == std::vector<std::string>{"cpu", "cpu-x", "cpu_core"});
    CHECK(tree.list("/sys/cpu") == std::vector<std::string>{"format", "type"});
    CHECK(tree.list("/sys/nothing").empty());
    CHECK(tree.exists("/sys/cpu"));
    CHECK(tree.exists("/sys/cpu/type"));
    CHECK_FALSE(tree.exists("/sys/cp"));
}

TEST_CASE("fields of key : value lines") {
    constexpr std::string_view text = "model\t\t: 106\nmodel name\t: A B: C\nempty :\nlast: x";
    CHECK(find_field(text, "model") == "106");
    CHECK(find_field(text, "model name") == "A B: C");
    CHECK(find_field(text, "empty").empty());
    CHECK(find_field(text, "last") == "x");
    CHECK(find_field(text, "name").empty());
    CHECK(find_field("", "x").empty());
}

TEST_CASE("a word is whole") {
    CHECK(has_word("fpu lm hypervisor", "lm"));
    CHECK(has_word("lm", "lm"));
    CHECK(has_word("almost lm", "lm"));
    CHECK_FALSE(has_word("alm lmx", "lm"));
    CHECK_FALSE(has_word("", "lm"));
}

TEST_SUITE_END();
