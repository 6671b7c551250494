#pragma once

#include <pmc/gate.hpp>
#include <pmc/result.hpp>

#include <string>
#include <vector>

namespace cli {

/// What `pmcstat compare` found: two or more commands, each but the first beside the first.
struct ComparisonReport {
    struct Side {
        std::string label; ///< the command, or the file that it was recorded in
        pmc::Result result;
        std::vector<pmc::Comparison> changes{}; ///< from the first side; none of the first
    };
    std::vector<Side> sides; ///< two at least
    bool is_paired = true;   ///< run by run, in turns; otherwise recorded one after the other
    /// What else there is to know: differences that are worth a warning, values that only one side has.
    std::vector<std::string> notes{};
};

/// "A", "B", …, "Z", "27".
std::string side_name(std::size_t index);
/// "15 pairs, interleaved (ABBA), CPU 3, user+kernel"; "recorded 10 and 12 runs, user+kernel".
std::string method_text(const ComparisonReport& report);
/// "-6.0 %" and "[-6.9, -5.1]"; "-" where there is none.
std::string change_text(const pmc::Comparison& comparison);
std::string interval_text(const pmc::Comparison& comparison);
/// "better", "same (under 0.5 %)", "unknown: needs hardware counters".
std::string verdict_text(const pmc::Result& result, const pmc::Comparison& comparison);
/// Whether its counters ran for a part of the time only, which a mark beside the number tells.
bool is_estimate(const pmc::ValueSeries& series);
/// What that mark means, where it stands anywhere; else empty.
std::string estimate_text(const ComparisonReport& report);

/// For people.
std::string compare_text(const ComparisonReport& report);
/// A table for a pull request. Texts of other people stand in code spans: there they name nobody and link nowhere.
std::string compare_markdown(const ComparisonReport& report);
/// One document, with all that was measured: docs/comparison.schema.json.
std::string compare_json(const ComparisonReport& report);

} // namespace cli
