#pragma once

#include "report.hpp"

#include <pmc/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

Format format_of(std::string_view name);

/// The words of the command line that say what a report looks like.
class FormArguments {
public:
    void add_to(CLI::App& app);
    /// Read and checked against each other. Errors: misuse.
    [[nodiscard]] pmc::Expected<ReportForm> form() const;

private:
    std::string format_;
    std::optional<std::string> separator_;
    std::vector<std::string> labels_;
    std::optional<std::string> max_series_;
    bool perf_json_ = false, verbose_ = false;
};

} // namespace cli
