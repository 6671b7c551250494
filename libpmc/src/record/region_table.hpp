#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pmc::record {

/// A number with its unit, or with its mean per call in the unit's place.
struct Cell {
    std::string number, unit{}, mean{};
};

/// Something that a region has: with all that it calls, and without the regions within it.
struct Row {
    std::string label;
    Cell total, self{};
    std::string details{};
};

/// The columns of a report on regions, as wide as they need; a very long label only moves its own row.
class RegionTable {
public:
    explicit RegionTable(bool has_self) : has_self_(has_self) {}

    /// A line of its own, above the rows that belong to it.
    void add_line(std::string text);
    void add_row(Row row);
    [[nodiscard]] std::string text() const;

private:
    struct Line {
        std::string text; ///< empty: the row
        Row row;
    };
    struct Widths {
        std::size_t label = 18, total = 9, mean = 9, self = 9, self_mean = 9;
    };
    [[nodiscard]] Widths widths() const;
    [[nodiscard]] std::string row_text(const Row& row, const Widths& widths) const;

    bool has_self_;
    std::vector<Line> lines_;
};

} // namespace pmc::record
