#include "table/notation.hpp"
#include "table/quote.hpp"
#include "table/user_tables.hpp"

#include <algorithm>
#include <array>

namespace pmc::user {
namespace {

constexpr std::array<std::string_view, 4> role_keys{"title", "unit", "of", "mode"};
constexpr std::array<std::string_view, 2> modes{"kernel", "user"};

bool is_constant(const Tables::State& state, std::string_view name) {
    return std::ranges::find(state.constants, name) != state.constants.end();
}

RoleInfo read_role(std::string_view name, const Place& place, const Tables::State& state) {
    if (!notation::is_identifier(name))
        place.fail(quoted(name) + " is not an identifier (small letters, digits, _)");
    if (notation::is_builtin(name))
        place.fail("is the name of a builtin of formulas");
    if (is_constant(state, name))
        place.fail("is the name of a constant");
    if (state.find_metric(name) != nullptr)
        place.fail("is the id of a metric");
    place.check_keys(role_keys, {"title"});
    if (place.has("of") != place.has("mode"))
        place.fail("'of' and 'mode' go together");
    return {.role = name,
            .title = place.text("title"),
            .unit = place.text("unit"),
            .of = place.text("of"),
            .mode = place.choice("mode", modes, {})};
}

/// A role made out of another one is looked up through it: that must not go on.
void check_origins(const Place& roles, const Tables::State& state) {
    for (const RoleInfo& role : state.roles) {
        if (role.of.empty())
            continue;
        const RoleInfo* origin = state.find_role_info(role.of);
        if (origin != nullptr && origin->of.empty())
            continue;
        if (roles.has(role.role))
            roles.at(role.role).at("of").fail(quoted(role.of) + " is not a role of its own");
        roles.at(role.of).fail("must be a role of its own: " + quoted(role.role) + " is made out of it");
    }
}

} // namespace

void read_constants(const Place& document, Tables::State& state) {
    for (const std::string_view name : document.texts("constants")) {
        const Place place = document.at("constants");
        if (!notation::is_identifier(name))
            place.fail(quoted(name) + " is not an identifier (small letters, digits, _)");
        if (notation::is_builtin(name) || state.find_role_info(name) != nullptr)
            place.fail(quoted(name) + " is the name of a role or of a builtin");
        if (!is_constant(state, name))
            state.constants.push_back(name);
    }
}

void read_roles(const Place& document, Tables::State& state) {
    if (!document.has("roles"))
        return;
    const Place roles = document.at("roles");
    for (const auto& [name, place] : roles.members()) {
        const RoleInfo role = read_role(name, place, state);
        const auto known = std::ranges::find(state.roles, name, &RoleInfo::role);
        if (known == state.roles.end())
            state.roles.push_back(role);
        else
            *known = role;
    }
    check_origins(roles, state);
}

} // namespace pmc::user
