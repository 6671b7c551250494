#pragma once

#include <pmc/expected.hpp>
#include <pmc/result.hpp>

#include <string>

namespace cli {

/// "stdin" of "-".
std::string file_name(const std::string& path);

/// Reads a document. `hint`: what the file should be. Errors: io, and those of Result::from_json; the message names the
/// file.
pmc::Expected<pmc::Result> read_result(const std::string& path, const std::string& hint);

} // namespace cli
