#pragma once

#include <pmc/value_series.hpp>

#include <string>

namespace cli {

/// How the numbers of one value are written: "6.112 G", "1.842 s", "~1.61", "23.8 %".
struct Figure {
    std::string unit;
    std::string source = "measured"; ///< "model": marked as such
    bool is_metric = false;          ///< a count has four digits, what is made of counts three

    [[nodiscard]] std::string text(double number) const;
    /// "1.829 .. 1.902 s": the unit once, if it is the same; no mark.
    [[nodiscard]] std::string range(double low, double high) const;

private:
    [[nodiscard]] std::string unmarked(double number) const;
};

Figure figure_of(const pmc::ValueSeries& series);

/// "+3.8 %" of 0.038: a decimal, more for what is small.
std::string change_text(double change);
/// "[+3.2, +4.4]", in per cent; "-" if the runs are too few to tell.
std::string interval_text(const pmc::Change& change);
/// "0.6 %": how far the farther end of the interval is from the median; "-" if the runs are too few to tell.
std::string spread_text(const pmc::Summary& summary);

} // namespace cli
