#pragma once

#include <pmc/expected.hpp>
#include <pmc/gate.hpp>

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

/// What the command line asks of a Result.
struct GateOptions {
    std::vector<std::string> assertions; ///< each can be read
    std::string baseline;                ///< a file, or a folder of several machines'; empty: none
    std::optional<pmc::Limits> limits;   ///< with a baseline
    std::string save_baseline;           ///< likewise where to; empty: nowhere
    std::optional<unsigned> max_runs;
    std::vector<std::string> explain; ///< names
    std::string junit;                ///< a file; empty: none
    bool github = false;

    /// Whether anything is to be judged.
    [[nodiscard]] bool has_gate() const noexcept { return !assertions.empty() || !baseline.empty(); }
};

/// The words of the command line that ask so.
class GateArguments {
public:
    /// Those of a command that is run: with the ones that run it more often, and that save.
    void add_to(CLI::App& app);
    /// Those of a document that is there.
    void add_to_document(CLI::App& app);
    /// The first option that was given; empty: none.
    [[nodiscard]] std::string first() const;
    /// Read and checked against each other. Errors: misuse, syntax.
    [[nodiscard]] pmc::Expected<GateOptions> options() const;

private:
    std::vector<std::string> assertions_, explain_;
    std::optional<std::string> baseline_, limits_, save_baseline_, max_runs_, junit_;
    bool github_ = false;
};

} // namespace cli
