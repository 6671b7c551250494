#include "kernel/private_folder.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

using pmc::Expected;
using pmc::kernel::PrivateFolder;
using pmc::test::ScratchTree;

namespace {

/// A TMPDIR of its own, with a folder in it.
class Made {
public:
    Made() { setenv("TMPDIR", tree_.root().c_str(), 1); }
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;
    ~Made() { unsetenv("TMPDIR"); }

    ScratchTree& tree() { return tree_; }
    [[nodiscard]] static PrivateFolder folder(const std::optional<pmc::User>& owner = {}) {
        Expected<PrivateFolder> made = PrivateFolder::make(owner);
        REQUIRE(made.has_value());
        return *std::move(made);
    }
    [[nodiscard]] std::size_t files() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(tree_.root()))
            ++count;
        return count;
    }

private:
    ScratchTree tree_;
};

void write(const std::string& path, std::string_view text) {
    std::ofstream(path) << text;
}

} // namespace

TEST_SUITE_BEGIN("private_folder");

TEST_CASE("a private folder is for its owner alone, and gone with all that is in it") {
    const Made made;
    {
        const PrivateFolder folder = Made::folder();
        struct stat status {};
        REQUIRE(stat(folder.path().c_str(), &status) == 0);
        CHECK((status.st_mode & 07777) == 0700);
        write(folder.path() + "/b", "second");
        write(folder.path() + "/a", "first");
        std::filesystem::create_directories(folder.path() + "/c/d");
        CHECK(folder.names() == std::vector<std::string>{"a", "b", "c"});
        CHECK(folder.read("a", 0, 100) == "first");
        CHECK(folder.read("a", 1, 3) == "irs");
        CHECK(folder.read("a", 5, 3).empty());
        CHECK(folder.size("b") == 6);
        CHECK(folder.read("none", 0, 100).empty());
    }
    CHECK(made.files() == 0);
}

TEST_CASE("what is no file of the folder's own is not read, and nobody waits for it") {
    Made made;
    made.tree().write("/secret", "secret");
    const std::string secret = made.tree().root() + "/secret";
    const PrivateFolder folder = Made::folder();
    REQUIRE(symlink(secret.c_str(), (folder.path() + "/link").c_str()) == 0);
    REQUIRE(link(secret.c_str(), (folder.path() + "/second_name").c_str()) == 0);
    REQUIRE(mkfifo((folder.path() + "/fifo").c_str(), 0600) == 0);
    std::filesystem::create_directory(folder.path() + "/folder");
    for (const char* const name : {"link", "second_name", "fifo", "folder"}) {
        CAPTURE(name);
        CHECK(folder.read(name, 0, 100).empty());
        CHECK(folder.size(name) == 0);
    }
}

TEST_CASE("it is the folder that was made, whatever was put in its place") {
    Made made;
    made.tree().write("/others/log", "not ours");
    {
        const PrivateFolder folder = Made::folder();
        write(folder.path() + "/log", "ours");
        const std::string elsewhere = made.tree().root() + "/elsewhere";
        REQUIRE(rename(folder.path().c_str(), elsewhere.c_str()) == 0);
        REQUIRE(symlink((made.tree().root() + "/others").c_str(), folder.path().c_str()) == 0);
        CHECK(folder.names() == std::vector<std::string>{"log"});
        CHECK(folder.read("log", 0, 100) == "ours");
    }
    CHECK(std::filesystem::exists(made.tree().root() + "/others/log"));
}

TEST_CASE("a folder for another user is that user's") {
    const Made made;
    const pmc::User user{.name = "someone", .uid = 65534, .gid = 65533, .groups = {}, .home = {}, .shell = {}};
    if (geteuid() != 0) {
        CHECK_FALSE(PrivateFolder::make(user).has_value());
        CHECK(made.files() == 0);
        return;
    }
    const PrivateFolder folder = Made::folder(user);
    struct stat status {};
    REQUIRE(stat(folder.path().c_str(), &status) == 0);
    CHECK(status.st_uid == 65534);
    CHECK(status.st_gid == 65533);
    CHECK((status.st_mode & 07777) == 0700);
}

TEST_SUITE_END();
