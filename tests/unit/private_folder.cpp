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
    CHECK_FALSE(std::filesystem::exists(made.tree().root() + "/elsewhere/log"));
}

TEST_CASE("a folder that was put in its place stays, with all that is in it, and empty too") {
    Made made;
    const std::string moved = made.tree().root() + "/moved";
    for (const bool is_empty : {true, false}) {
        CAPTURE(is_empty);
        std::string path;
        {
            const PrivateFolder folder = Made::folder();
            path = folder.path();
            write(path + "/log", "ours");
            REQUIRE(rename(path.c_str(), moved.c_str()) == 0);
            std::filesystem::create_directory(path);
            if (!is_empty)
                write(path + "/precious", "not ours");
        }
        CHECK(std::filesystem::exists(path));
        CHECK(std::filesystem::exists(path + "/precious") != is_empty);
        CHECK(std::filesystem::is_empty(moved));
        std::filesystem::remove(moved);
    }
}

TEST_CASE("no depth of what is in it is too deep, and no link leads out of it") {
    Made made;
    made.tree().write("/others/log", "not ours");
    {
        const PrivateFolder folder = Made::folder();
        std::string path = folder.path();
        for (int depth = 0; depth < 200; ++depth) {
            path += "/d";
            std::filesystem::create_directory(path);
            write(path + "/file", "text");
            std::filesystem::create_directory(path + "/second");
            REQUIRE(symlink((made.tree().root() + "/others").c_str(), (path + "/link").c_str()) == 0);
        }
        folder.empty();
        CHECK(folder.names().empty());
    }
    CHECK(std::filesystem::exists(made.tree().root() + "/others/log"));
    CHECK(made.files() == 1);
}

TEST_CASE("root's folders are not made where somebody else could replace them") {
    Made made;
    const std::string root = made.tree().root();
    const auto is_taken = [&](const std::string& place) {
        setenv("TMPDIR", place.c_str(), 1);
        const std::string path = Made::folder().path();
        CHECK((path.starts_with(root) || path.starts_with("/tmp/pmcstat-")));
        return path.starts_with(root);
    };
    const bool is_root = geteuid() == 0;
    std::filesystem::create_directories(root + "/above/tmp");
    CHECK(is_taken(root + "/above/tmp"));
    REQUIRE(chmod((root + "/above").c_str(), 0777) == 0);
    CHECK(is_taken(root + "/above/tmp") != is_root);
    REQUIRE(chmod((root + "/above").c_str(), 01777) == 0);
    CHECK(is_taken(root + "/above/tmp"));
    REQUIRE(chmod((root + "/above/tmp").c_str(), 0775) == 0);
    CHECK(is_taken(root + "/above/tmp") != is_root);
    if (!is_root)
        return;
    REQUIRE(chmod((root + "/above/tmp").c_str(), 0755) == 0);
    REQUIRE(chown((root + "/above/tmp").c_str(), 65534, 65534) == 0);
    CHECK_FALSE(is_taken(root + "/above/tmp"));
    REQUIRE(symlink((root + "/above/tmp").c_str(), (root + "/link").c_str()) == 0);
    CHECK_FALSE(is_taken(root + "/link"));
}

TEST_CASE("a folder for another user is that user's") {
    Made made;
    const pmc::User user{.name = "someone", .uid = 65534, .gid = 65533, .groups = {}, .home = {}, .shell = {}};
    if (geteuid() != 0) {
        CHECK_FALSE(PrivateFolder::make(user).has_value());
        CHECK(made.files() == 0);
        return;
    }
    {
        // Where that user can't get it would be of no use.
        const PrivateFolder folder = Made::folder(user);
        CHECK(folder.path().starts_with("/tmp/pmcstat-"));
    }
    REQUIRE(chmod(made.tree().root().c_str(), 0755) == 0);
    const PrivateFolder folder = Made::folder(user);
    CHECK(folder.path().starts_with(made.tree().root()));
    struct stat status {};
    REQUIRE(stat(folder.path().c_str(), &status) == 0);
    CHECK(status.st_uid == 65534);
    CHECK(status.st_gid == 65533);
    CHECK((status.st_mode & 07777) == 0700);
}

TEST_SUITE_END();
