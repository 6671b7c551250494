#pragma once

#include "repeated_command.hpp"
#include "signals.hpp"

#include <deque>

namespace cli {

/// Runs commands in turns until each has been run as often as it should, or one fails: A B, then B A, then A B. What
/// drifts (heat, a neighbour's load) comes to all of them alike.
void run_in_turns(std::deque<RepeatedCommand>& commands);

} // namespace cli
