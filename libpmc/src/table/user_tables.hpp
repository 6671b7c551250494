#pragma once

#include "table/document.hpp"
#include "table/tables_state.hpp"

#include <deque>
#include <memory>
#include <string>

/// The parts of a user's document, each read over the tables that are already there. They throw Error.
namespace pmc::user {

/// What the views of a user's tables point into.
struct Texts {
    Json document;
    std::deque<std::string> made; ///< texts that stand nowhere in the document: "llc.mpki"
    std::shared_ptr<const void> older;
};

void read_constants(const Place& document, Tables::State& state);
void read_roles(const Place& document, Tables::State& state);
/// After the roles.
void read_metrics(const Place& document, Tables::State& state, std::deque<std::string>& made);
/// After the roles.
void read_cpus(const Place& document, Tables::State& state);

/// Last: a role that no CPU has an event for makes a metric that nobody can count.
void check_roles_are_played(const Place& document, const Tables::State& state);

} // namespace pmc::user
