#pragma once

#include <pmc/check.hpp>
#include <pmc/gate.hpp>

#include <span>
#include <string>

namespace cli {

/// Workflow commands by which GitHub shows at a pull request what is the matter: an error for each check that did not
/// pass, whether it failed or could not be told, and a warning for each difference that is none to refuse for.
std::string github_annotations(std::span<const pmc::Check> checks, std::span<const pmc::Difference> differences = {});

} // namespace cli
