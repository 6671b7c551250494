#include "comparison_report.hpp"

#include "cells.hpp"
#include "figure.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace cli {
namespace {

using pmc::Comparison;
using pmc::ValueSeries;
using Verdict = Comparison::Verdict;

std::size_t longest_row_of_backticks(std::string_view text) {
    std::size_t longest = 0;
    std::size_t row = 0;
    for (const char c : text) {
        row = c == '`' ? row + 1 : 0;
        longest = std::max(longest, row);
    }
    return longest;
}

/// A text of other people: in a code span it names nobody (@…), links nowhere and is no HTML.
std::string code(const std::string& text) {
    const std::string inside = pmc::record::printable(text);
    if (inside.find_first_not_of(' ') == std::string::npos)
        return "` `";
    const std::string fence(longest_row_of_backticks(inside) + 1, '`');
    // A span loses a space at each end; a backtick there would belong to the fence.
    const bool is_padded = inside.front() == '`' || inside.back() == '`' || inside.front() == ' ';
    return fence + (is_padded ? " " + inside + " " : inside) + fence;
}

/// The same in a table, where a cell ends at a bar even within a code span.
std::string code_cell(const std::string& text) {
    std::string cell;
    for (const char c : text) {
        if (c == '|')
            cell += cell.ends_with('\\') ? " \\|" : "\\|"; // two backslashes would be one, and a bar
        else
            cell += c;
    }
    return code(cell);
}

/// As it stands, if there is nothing in it that could be taken for Markdown. Two marks of a model would strike out.
std::string plain_cell(const std::string& text) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,+-/%()";
    const std::string_view number = std::string_view(text).substr(text.starts_with('~') ? 1 : 0);
    if (number.find_first_not_of(plain) != std::string_view::npos)
        return code_cell(text);
    return text.starts_with('~') ? '\\' + text : text;
}

std::string number_cell(const ValueSeries& series) {
    if (!series.has_value())
        return plain_cell(missing_text(series));
    return plain_cell(figure_of(series).text(series.summary.median)) + (is_estimate(series) ? "\\*" : "");
}

std::string verdict_cell(const pmc::Result& result, const Comparison& comparison) {
    const std::string text = verdict_text(result, comparison);
    if (comparison.verdict == Verdict::better || comparison.verdict == Verdict::worse)
        return "**" + text + "**";
    const std::size_t why = text.find(": ");
    return comparison.verdict == Verdict::unknown && why != std::string::npos
               ? text.substr(0, why) + ": " + code_cell(text.substr(why + 2))
               : text;
}

std::string table(const ComparisonReport& report, std::size_t at) {
    const std::string first = side_name(0);
    const std::string name = side_name(at);
    std::string text = fmt::format("| metric | {0} | {1} | {1} vs {0} | 95 % CI | verdict |\n"
                                   "|:--|--:|--:|--:|:--|:--|\n",
                                   first, name);
    for (const Comparison& comparison : report.sides[at].changes) {
        const ValueSeries& a = comparison.a;
        if (!is_shown(comparison.a))
            continue;
        const std::string row = row_name(a.scope, a.id);
        text += fmt::format("| {} | {} | {} | {} | {} | {} |\n",
                            code_cell((row.empty() ? "" : row + ": ") + with_core(a.name, a.core)), number_cell(a),
                            number_cell(comparison.b), change_text(comparison), interval_text(comparison),
                            verdict_cell(report.sides.front().result, comparison));
    }
    return text;
}

} // namespace

std::string compare_markdown(const ComparisonReport& report) {
    std::string text = "### pmcstat compare\n\n";
    for (std::size_t i = 0; i < report.sides.size(); ++i)
        text += fmt::format("- {}: {}\n", side_name(i), code(report.sides[i].label));
    text += '\n' + plain_cell(method_text(report)) + "\n\n";
    for (std::size_t i = 1; i < report.sides.size(); ++i)
        text += table(report, i) + '\n';
    if (const std::string estimate = estimate_text(report); !estimate.empty())
        text += "\\* " + estimate + "\n\n";
    const std::string& model = report.sides.front().result.run.model;
    if (!model.empty())
        text += "\\~ modelled by valgrind, not measured: " + code(model) + "\n\n";
    for (const std::string& note : report.notes)
        text += "- note: " + code(note) + '\n';
    return text;
}

} // namespace cli
