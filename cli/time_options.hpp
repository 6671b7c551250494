#pragma once

#include "control.hpp"

#include <pmc/expected.hpp>

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace cli {

/// What the command line says of when is counted.
struct TimeOptions {
    std::optional<int> interval_ms;
    std::optional<int> count;    ///< of intervals
    bool summary = false;        ///< the totals after them
    bool spark = false;          ///< and how they went
    std::optional<int> delay_ms; ///< -1: until it is enabled by `control`
    std::optional<ControlSpec> control;
    std::optional<int> timeout_ms;
    bool self_overhead = false;
};

/// --timeout, if it was given. Errors: misuse.
pmc::Expected<std::optional<int>> timeout_of(const std::optional<std::string>& text);

/// The words of the command line that say so.
class TimeArguments {
public:
    void add_to(CLI::App& app);
    /// The first option that was given and that has no meaning where a command runs in passes; empty: none.
    [[nodiscard]] std::string first_of_one_run() const;
    /// The first option that was given; empty: none.
    [[nodiscard]] std::string first() const;
    /// Read and checked against each other. Errors: misuse.
    [[nodiscard]] pmc::Expected<TimeOptions> options() const;

private:
    std::optional<std::string> interval_, count_, delay_, control_, timeout_;
    bool summary_ = false, spark_ = false, self_overhead_ = false;
};

} // namespace cli
