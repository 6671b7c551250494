#pragma once

#include <pmc/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {

/// Samples as a table: a line for each, a column for each metric's value and each event that was asked for.
class ReportTable {
public:
    /// One value of every sample.
    struct Column {
        std::string title;
        std::string unit;      ///< stands below the title, and not in the cells
        std::string cell_unit; ///< of what stands in the cells with its unit
        std::size_t width = 0;
        std::string id, core; ///< of the metric's value, or the event
        bool is_event = false;
        std::size_t index = 0; ///< where most samples have it
    };

    /// With the columns of the first one, as wide as all of them need. `timed`: the first column is when each ended.
    ReportTable(const std::vector<pmc::Sample>& samples, bool timed);

    [[nodiscard]] std::size_t width() const noexcept;
    [[nodiscard]] const std::vector<Column>& columns() const noexcept { return columns_; }
    /// The titles, and below them the units if any has one.
    [[nodiscard]] std::string header() const;
    /// Adds a line. The time stands there only once for several samples of it. Remembers what is to be explained.
    void add_line(const pmc::Sample& sample, std::string& text);
    /// What the lines since the last call left unsaid: why values are missing, what the marks mean. `result` for the
    /// reason that stands at the top already.
    std::string footer(const pmc::Result& result);

    /// "cpu 3", "thread 17 worker": what a sample is of.
    static std::string row_title(const pmc::Sample& sample);
    /// In its unit; nothing if it was not counted.
    static std::optional<double> value(const pmc::Sample& sample, const Column& column);

private:
    std::string cell(const pmc::Sample& sample, const Column& column);
    void put_labels(const pmc::Sample& sample, std::string& text);
    void explain(const std::string& title, const pmc::Reason& reason);

    bool timed_;
    std::optional<double> last_time_;
    std::size_t time_width_ = 0, cgroup_width_ = 0, id_width_ = 0, name_width_ = 0;
    std::string id_title_;
    std::vector<Column> columns_;
    bool is_estimate_ = false, is_model_ = false;
    std::vector<std::pair<std::string, pmc::Reason>> missing_;
};

/// "+1.000s": since the start of counting.
std::string time_text(double seconds);

} // namespace cli
