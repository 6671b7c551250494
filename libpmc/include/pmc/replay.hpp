#pragma once

#include <pmc/expected.hpp>
#include <pmc/result.hpp>
#include <pmc/tables.hpp>

#include <string_view>

namespace pmc {

/// A recorded Result once more, without any hardware: metrics are evaluated again from the counts of each of its
/// samples, with the tables of the CPU that it names. With an empty `list` those that the recording has; else what the
/// list asks for, as a run would have, as far as its events were recorded.
///
///     auto old = pmc::Result::from_json(text);
///     auto again = pmc::replay(*old, "topdown,my_metric", tables);
///
/// A recorded event is known by its encoding; where it has none (a document written by hand), by its name: that of an
/// event, or of a role. Groups stand as they were recorded: a metric whose events were not counted together has no
/// value. Host, CPU, run and plan are those of the recording, and statistics those of its runs as they are now.
/// Errors: those of MetricSet::parse, for `list`.
PMC_API Expected<Result> replay(const Result& recorded, std::string_view list = {},
                                const Tables& tables = Tables::builtin());

} // namespace pmc
