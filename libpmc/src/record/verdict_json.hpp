#pragma once

#include "record/place.hpp"
#include "record/result_json.hpp"

#include <pmc/check.hpp>
#include <pmc/result.hpp>
#include <pmc/statistics.hpp>

/// Statistics and verdicts in a document: both ways, side by side. An end of an interval that is not finite is null.
namespace pmc::record {

Json to_json(const Summary& summary);
Json to_json(const Change& change);
Json to_json(const Statistic& statistic);
Json to_json(const Check& check);

Statistic read_statistic(const Place& place);
Check read_check(const Place& place);

} // namespace pmc::record
