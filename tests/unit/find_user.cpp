#include <pmc/user.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using pmc::Expected;
using pmc::find_user;
using pmc::User;

TEST_SUITE_BEGIN("find_user");

TEST_CASE("a user is found by name and by number, with all groups") {
    const Expected<User> by_name = find_user("root");
    const Expected<User> by_number = find_user("0");
    REQUIRE(by_name.has_value());
    REQUIRE(by_number.has_value());
    CHECK(by_name->name == "root");
    CHECK(by_name->uid == 0);
    CHECK(by_name->gid == 0);
    CHECK_FALSE(by_name->home.empty());
    CHECK(std::ranges::find(by_name->groups, by_name->gid) != by_name->groups.end());
    CHECK(by_number->name == "root");
    CHECK(by_number->home == by_name->home);
    CHECK(by_number->groups == by_name->groups);
}

TEST_CASE("who is no user is said, and where the users are listed") {
    // -1 leaves the user as it is, to the system calls that change it.
    for (const char* const name : {"no such user", "", "4294967295", "-1", "0x0", "0 ", "99999999999", "4294967294"}) {
        CAPTURE(name);
        const Expected<User> user = find_user(name);
        REQUIRE_FALSE(user.has_value());
        CHECK(user.error().kind() == pmc::ErrorKind::command);
        CHECK(user.error().message() == "there is no user '" + std::string(name) + "'");
        CHECK(user.error().hint().find("getent passwd") != std::string::npos);
        CHECK(user.error().subject() == name);
    }
}

TEST_CASE("a user's variables are those of a login") {
    const User user{.name = "ada", .uid = 1, .gid = 2, .groups = {}, .home = "/home/ada", .shell = "/bin/zsh"};
    CHECK(user.variables() == std::vector<std::string>{"HOME=/home/ada", "USER=ada", "LOGNAME=ada", "SHELL=/bin/zsh"});
    // An empty field of /etc/passwd means that one.
    CHECK(User{.name = "ada", .uid = 1, .gid = 2, .groups = {}, .home = "/", .shell = ""}.variables().back() ==
          "SHELL=/bin/sh");
}

TEST_SUITE_END();
