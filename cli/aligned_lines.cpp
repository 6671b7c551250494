#include "aligned_lines.hpp"

#include "terminal.hpp"

#include <algorithm>
#include <utility>

namespace cli {

void AlignedLines::add(std::vector<std::string> cells) {
    for (std::string& cell : cells)
        cell = pmc::record::printable(std::move(cell));
    lines_.push_back({std::move(cells)});
}

void AlignedLines::add_title(std::string title) {
    lines_.push_back({{pmc::record::printable(std::move(title))}, true});
}

std::vector<std::size_t> AlignedLines::widths() const {
    std::vector<std::size_t> widths(columns_.size());
    for (const Line& line : lines_) {
        const bool has_rest = line.cells.size() < columns_.size();
        const std::size_t cells = line.is_title ? 0 : line.cells.size() - (has_rest ? 1 : 0);
        for (std::size_t i = 0; i < cells; ++i)
            widths[i] = std::max(widths[i], pmc::record::width(line.cells[i]));
    }
    return widths;
}

std::string AlignedLines::text() const {
    const std::vector<std::size_t> wide = widths();
    std::string text;
    for (const Line& line : lines_) {
        for (std::size_t i = 0; i < line.cells.size(); ++i) {
            const std::string& cell = line.cells[i];
            const bool is_rest = line.is_title || (i + 1 == line.cells.size() && line.cells.size() < columns_.size());
            const std::size_t columns = pmc::record::width(cell);
            const std::size_t space = is_rest ? 0 : wide[i] - columns;
            const bool is_right = !is_rest && columns_[i] == Align::right;
            text.append((i == 0 ? indent_ : 2) + (is_right ? space : 0), ' ')
                .append(cell)
                .append(is_right ? 0 : space, ' ');
        }
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    return text;
}

} // namespace cli
