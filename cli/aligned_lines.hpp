#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cli {

/// Lines of cells for people, each column as wide as its widest cell. What a terminal would not show as it stands is
/// shown as '?'.
class AlignedLines {
public:
    enum class Align : std::uint8_t { left, right };

    /// `indent` spaces before each line.
    explicit AlignedLines(std::vector<Align> columns, std::size_t indent = 2)
        : columns_(std::move(columns)), indent_(indent) {}

    /// No more cells than columns. The last of fewer cells may be as long as it likes: it has the rest of the line.
    void add(std::vector<std::string> cells);
    /// A line of its own among them, without cells.
    void add_title(std::string title);
    [[nodiscard]] bool empty() const noexcept { return lines_.empty(); }
    /// Two spaces between cells.
    [[nodiscard]] std::string text() const;

private:
    [[nodiscard]] std::vector<std::size_t> widths() const;

    struct Line {
        std::vector<std::string> cells;
        bool is_title = false;
    };
    std::vector<Align> columns_;
    std::size_t indent_;
    std::vector<Line> lines_;
};

} // namespace cli
