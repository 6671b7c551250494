#pragma once

#include "baseline.hpp"
#include "gate_options.hpp"
#include "output.hpp"

#include <pmc/check.hpp>
#include <pmc/expected.hpp>
#include <pmc/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cli {

/// What is asked of a Result, with all that is needed for the answer read, and all places for it tried.
class Gate {
public:
    /// Errors: io, those of a baseline.
    static pmc::Expected<Gate> open(const GateOptions& options);

    /// The verdicts, as they stand now.
    [[nodiscard]] std::vector<pmc::Check> check(const pmc::Result& result, const std::string& region = {}) const;
    /// Whether more runs may change a verdict.
    [[nodiscard]] bool wants_more(const pmc::Result& result) const;
    /// Whether the few runs so far are not all that anybody needs: a verdict, or what will be saved, does not rest on
    /// counts that repeat.
    [[nodiscard]] bool wants_usual_runs(const pmc::Result& result) const;

    /// Writes the verdicts that the document has wherever they were asked for beside the report. What there is to say
    /// of that goes to its notes. Errors: io.
    pmc::Expected<bool> publish(pmc::Result& result);
    [[nodiscard]] bool saves() const noexcept { return place_.has_value(); }
    /// Saves the baseline, and notes where. Errors: io; not_available (it has nothing that was counted).
    pmc::Expected<bool> save(pmc::Result& result);
    /// What the user wants explained, for the end of the report. Errors: unknown_name.
    [[nodiscard]] pmc::Expected<std::string> explanations(const pmc::Result& result) const;

private:
    explicit Gate(GateOptions options) : options_(std::move(options)) {}

    GateOptions options_;
    std::optional<Baseline> baseline_;
    std::optional<BaselinePlace> place_;
    std::optional<Output> junit_;
};

} // namespace cli
