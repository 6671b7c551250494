#include "record/region_table.hpp"

#include "record/terminal.hpp"

#include <algorithm>
#include <utility>

namespace pmc::record {
namespace {

std::string padding(std::string_view text, std::size_t columns) {
    return std::string(columns - std::min(columns, width(text)), ' ');
}

std::string cell_text(const Cell& cell, std::size_t number, std::size_t mean) {
    const std::string text = "  " + padding(cell.number, number) + cell.number;
    return cell.unit.empty() ? text + "  " + padding(cell.mean, mean) + cell.mean
                             : text + ' ' + cell.unit + padding(cell.unit, mean + 1);
}

/// Of the column behind the number: a unit stands one column nearer.
std::size_t width_behind(const Cell& cell) {
    return std::max(width(cell.mean), cell.unit.empty() ? 0 : width(cell.unit) - 1);
}

const Row& head() {
    static const Row row{"", {"total", {}, "per call"}, {"self", {}, "per call"}};
    return row;
}

} // namespace

void RegionTable::add_line(std::string text) {
    lines_.push_back({"  " + printable(std::move(text)), {}});
}

void RegionTable::add_row(Row row) {
    row.label = "    " + printable(std::move(row.label));
    row.details = printable(std::move(row.details));
    for (Cell* const cell : {&row.total, &row.self}) {
        cell->number = printable(std::move(cell->number));
        cell->unit = printable(std::move(cell->unit));
        cell->mean = printable(std::move(cell->mean));
    }
    lines_.push_back({{}, std::move(row)});
}

std::string RegionTable::text() const {
    const Widths widths = this->widths();
    std::string text = row_text(head(), widths);
    for (const Line& line : lines_)
        text += line.text.empty() ? row_text(line.row, widths) : line.text + '\n';
    return text;
}

RegionTable::Widths RegionTable::widths() const {
    constexpr std::size_t widest_label = 30;
    Widths widths;
    for (const Line& line : lines_) {
        const Row& row = line.row;
        widths.label = std::max(widths.label, std::min(width(row.label), widest_label));
        widths.total = std::max(widths.total, width(row.total.number));
        widths.mean = std::max(widths.mean, width_behind(row.total));
        widths.self = std::max(widths.self, width(row.self.number));
        widths.self_mean = std::max(widths.self_mean, width_behind(row.self));
    }
    return widths;
}

std::string RegionTable::row_text(const Row& row, const Widths& widths) const {
    std::string text = row.label + padding(row.label, widths.label) + cell_text(row.total, widths.total, widths.mean);
    if (has_self_)
        text += cell_text(row.self, widths.self, widths.self_mean);
    text += "   " + row.details;
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
}

} // namespace pmc::record
