#pragma once

#include <pmc/reason.hpp>

#include <nlohmann/json.hpp>

#include <string_view>

/// What the reader and the writer of the one document must agree on.
namespace pmc::record {

using Json = nlohmann::ordered_json;

inline constexpr std::string_view schema = "pmcstat/1";

/// Into an object: reason, cause, and errno and remedy where there are. Nothing for an empty one.
inline void put_reason(Json& to, const Reason& reason) {
    if (!reason)
        return;
    to["reason"] = reason.evidence;
    to["cause"] = to_string(reason.cause);
    if (reason.error != 0)
        to["errno"] = reason.error;
    if (!reason.remedy.empty())
        to["remedy"] = reason.remedy;
}

} // namespace pmc::record
