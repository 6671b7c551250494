#pragma once

#include "report_table.hpp"
#include "screen.hpp"
#include "spark.hpp"

#include <pmc/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cli {

/// What comes over time, for people: a table that goes on, or blocks where it would be too wide. The titles stand again
/// at every screenful, and above them how the values went, if that is asked for.
class IntervalText {
public:
    enum class Sparks { none, ascii, blocks };

    /// `described`: what is counted, without samples.
    IntervalText(pmc::Result described, int interval_ms, Screen screen, Sparks sparks);

    /// Adds the text of an interval. Its samples: a row each, as many each time.
    void add(const std::vector<pmc::Sample>& samples, std::string& text);
    /// What is to be said after the last one: how the values went, and what the table left unsaid.
    [[nodiscard]] std::string end();

private:
    void begin(const std::vector<pmc::Sample>& samples, std::string& text);
    void add_lines(const std::vector<pmc::Sample>& samples, std::string& text);
    void keep_values(const std::vector<pmc::Sample>& samples);
    [[nodiscard]] std::string spark_lines() const;

    pmc::Result described_;
    int interval_ms_;
    Screen screen_;
    Sparks sparks_;
    std::optional<ReportTable> table_; ///< nothing before the first interval
    bool in_blocks_ = false;
    std::size_t header_lines_ = 0;
    std::size_t lines_ = 0; ///< since the titles
    std::vector<std::string> spark_titles_;
    std::vector<Spark> spark_of_;    ///< by row and column
    std::vector<pmc::Sample> first_; ///< the hints are of it
};

} // namespace cli
