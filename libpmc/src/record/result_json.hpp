#pragma once

#include <nlohmann/json.hpp>

#include <string_view>

/// What the reader and the writer of the one document must agree on.
namespace pmc::record {

using Json = nlohmann::ordered_json;

inline constexpr std::string_view schema = "pmcstat/1";

} // namespace pmc::record
