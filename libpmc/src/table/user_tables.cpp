#include "table/user_tables.hpp"

#include <array>
#include <memory>
#include <utility>

namespace pmc {
namespace {

constexpr std::array<std::string_view, 4> parts{"roles", "constants", "metrics", "cpus"};

Tables over(const Tables& tables, std::string_view json, std::string_view name) {
    const auto texts = std::make_shared<user::Texts>();
    texts->document = user::parse_document(json, name);
    texts->older = tables.state().texts;

    const user::Place document(texts->document, name);
    document.check_keys(parts);
    if (texts->document.empty())
        document.fail("has none of the keys " + user::joined(parts));

    auto state = std::make_shared<Tables::State>(tables.state());
    user::read_constants(document, *state);
    user::read_roles(document, *state);
    user::read_metrics(document, *state, texts->made);
    user::read_cpus(document, *state);
    user::check_roles_are_played(document, *state);
    state->texts = texts;
    return Tables(std::move(state));
}

} // namespace

Expected<Tables> Tables::with_file(const std::string& path) const {
    try {
        return over(*this, user::read_document(path), path);
    } catch (const Error& error) {
        return error;
    }
}

Expected<Tables> Tables::with_document(std::string_view json, std::string_view name) const {
    try {
        return over(*this, json, name);
    } catch (const Error& error) {
        return error;
    }
}

} // namespace pmc
