#include "table/tables_state.hpp"
#include "user_text.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace pmc;
using pmc::test::check_refusal;
using pmc::test::tables;

TEST_SUITE("user_roles") {
    TEST_CASE("a role is added, or takes the place of a built-in one") {
        const Tables mine =
            tables("{'roles': {'my_role': {'title': 'mine', 'unit': 'B'}, 'cycles': {'title': 'clocks'},"
                   " 'my_kernel_role': {'title': 'in the kernel', 'of': 'my_role', 'mode': 'kernel'}}}");
        CHECK(mine.state().find_role_info("my_role")->title == "mine");
        CHECK(mine.state().find_role_info("my_role")->unit == "B");
        CHECK(mine.state().find_role_info("my_kernel_role")->of == "my_role");
        CHECK(mine.state().find_role_info("my_kernel_role")->mode == "kernel");
        CHECK(mine.state().find_role_info("cycles")->title == "clocks");
        CHECK(std::ranges::count(mine.state().roles, "cycles", &RoleInfo::role) == 1);
        CHECK(Tables::builtin().state().find_role_info("cycles")->title == "cycles");
        CHECK(Tables::builtin().state().find_role_info("my_role") == nullptr);
    }

    TEST_CASE("a bad role names its place") {
        check_refusal("{'roles': {'X': {'title': 'a'}}}", "roles.X: ", "identifier");
        check_refusal("{'roles': {'': {'title': 'a'}}}", "roles", "identifier");
        check_refusal("{'roles': {'x': {}}}", "roles.x: ", "'title' is missing");
        check_refusal("{'roles': {'x': {'title': ''}}}", "roles.x.title: ", "not empty");
        check_refusal("{'roles': {'x': {'title': 1}}}", "roles.x.title: ", "must be a text");
        check_refusal("{'roles': {'x': {'title': 'a', 'units': 'B'}}}", "roles.x: ", "no key 'units'");
        check_refusal("{'roles': {'seconds': {'title': 'a'}}}", "roles.seconds: ", "builtin");
        check_refusal("{'roles': {'min': {'title': 'a'}}}", "roles.min: ", "builtin");
        check_refusal("{'roles': {'ipc': {'title': 'a'}}}", "roles.ipc: ", "metric");
        check_refusal("{'roles': {'sve_units': {'title': 'a'}}}", "roles.sve_units: ", "constant");
    }

    TEST_CASE("a role made out of another one ends there") {
        check_refusal("{'roles': {'x': {'title': 'a', 'of': 'cycles'}}}", "roles.x: ", "go together");
        check_refusal("{'roles': {'x': {'title': 'a', 'of': 'cycles', 'mode': 'both'}}}",
                      "roles.x.mode: ", "kernel, user");
        check_refusal("{'roles': {'x': {'title': 'a', 'of': 'no_such', 'mode': 'user'}}}", "roles.x.of: ", "'no_such'");
        check_refusal("{'roles': {'x': {'title': 'a', 'of': 'x', 'mode': 'user'}}}", "roles.x.of: ", "role of its own");
        check_refusal("{'roles': {'x': {'title': 'a', 'of': 'kernel_cycles', 'mode': 'user'}}}", "roles.x.of: ", "own");
        // kernel_cycles is made out of cycles: this would send the look-up round in a circle.
        check_refusal("{'roles': {'cycles': {'title': 'a', 'of': 'kernel_cycles', 'mode': 'user'}}}", "roles.cycles",
                      "own");
        check_refusal("{'roles': {'cycles': {'title': 'a', 'of': 'instructions', 'mode': 'user'}}}",
                      "roles.cycles: ", "'kernel_cycles' is made out of it");
    }

    TEST_CASE("constants are names") {
        const Tables mine = tables("{'constants': ['my_number', 'sve_units']}");
        CHECK(std::ranges::count(mine.state().constants, "my_number") == 1);
        CHECK(std::ranges::count(mine.state().constants, "sve_units") == 1);
        check_refusal("{'constants': ['a', 'a']}", "constants[1]: ", "twice");
        check_refusal("{'constants': ['A']}", "constants: ", "identifier");
        check_refusal("{'constants': ['cycles']}", "constants: ", "role");
        check_refusal("{'constants': ['width']}", "constants: ", "builtin");
        check_refusal("{'constants': [1]}", "constants[0]: ", "must be a text");
    }
}
