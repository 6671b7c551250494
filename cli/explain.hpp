#pragma once

#include <pmc/catalog.hpp>
#include <pmc/expected.hpp>
#include <pmc/result.hpp>

#include <span>
#include <string>
#include <string_view>

namespace cli {

/// Where one value of a document comes from: the formula, its events with their encodings, raw counts and times, and of
/// repeated runs the value of each. `name`: an event, a metric ("llc") or one of its values ("llc.mpki"), "time".
/// `known`: what the tables say of metrics on the CPU of the document; without it their formulas are not told.
/// Errors: unknown_name, with those that the document has.
pmc::Expected<std::string> explain(const pmc::Result& result, std::string_view name,
                                   std::span<const pmc::MetricInfo> known = {});

} // namespace cli
