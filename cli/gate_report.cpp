#include "gate_report.hpp"

#include "aligned_lines.hpp"
#include "cells.hpp"
#include "status.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <vector>

namespace cli {
namespace {

using pmc::Check;
using pmc::Outcome;
using Align = AlignedLines::Align;

struct Word {
    Outcome outcome;
    std::string_view mark;    ///< at the beginning of a line; what must not be overlooked in capitals
    std::string_view counted; ///< "1 failed"
};
/// In the order of the last line.
constexpr std::array words = {Word{Outcome::invalid, "INVALID", "invalid"}, Word{Outcome::fail, "FAIL", "failed"},
                              Word{Outcome::unknown, "UNKNOWN", "unknown"},
                              Word{Outcome::inconclusive, "INCONCLUSIVE", "inconclusive"},
                              Word{Outcome::pass, "pass", "passed"}};

std::size_t number_of(std::span<const Check> checks, Outcome outcome) {
    return static_cast<std::size_t>(std::ranges::count(checks, outcome, &Check::outcome));
}

std::string_view mark_of(Outcome outcome) {
    return std::ranges::find(words, outcome, &Word::outcome)->mark;
}

std::string without_spaces(std::string text) {
    std::erase(text, ' ');
    return text;
}

/// "1.654, which is >= 1.2" says all of "ipc>=1.2".
bool says_what_was_asked(const Check& check) {
    std::string asked = without_spaces(check.asked);
    const std::string name = without_spaces(check.name);
    if (asked.starts_with(name))
        asked.erase(0, name.size());
    return without_spaces(check.message).find(asked) != std::string::npos;
}

std::string hints(std::span<const Check> checks) {
    std::vector<std::string> told;
    std::string text;
    for (const Check& check : checks) {
        if (check.hint.empty() || std::ranges::find(told, check.hint) != told.end())
            continue;
        told.push_back(check.hint);
        text += fmt::format("  hint: {}\n", pmc::record::printable(check.hint));
    }
    return text;
}

std::string summary_line(std::span<const Check> checks) {
    std::string counts;
    for (const Word& word : words)
        if (const std::size_t number = number_of(checks, word.outcome); number > 0)
            counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", number, word.counted);
    const int status = gate_status(checks);
    std::string line = fmt::format("pmcstat: {}  (exit {})", counts, status);
    const auto failed = std::ranges::find(checks, Outcome::fail, &Check::outcome);
    if (failed != checks.end()) {
        // "cycles (cpu_core)": all core types are explained.
        const std::string name = failed->name.substr(0, failed->name.find(" ("));
        line += fmt::format("   add --explain {} to see what it is made of", pmc::record::printable(name));
    }
    return line + '\n';
}

} // namespace

std::string check_subject(const Check& check) {
    const std::string row = row_name(check.scope, check.id);
    return row.empty() ? check.name : row + ": " + check.name;
}

std::string check_message(const Check& check) {
    std::string message = check.message;
    if (!says_what_was_asked(check))
        message += fmt::format("  ({})", check.asked);
    if (check.source == "model")
        message += "  [modelled, not measured]";
    return message;
}

std::string gate_text(std::span<const Check> checks) {
    if (checks.empty())
        return {};
    AlignedLines lines({Align::left, Align::left, Align::left}, 0);
    for (const Check& check : checks)
        lines.add({fmt::format("GATE  {}", mark_of(check.outcome)), check_subject(check), check_message(check)});
    return lines.text() + hints(checks) + summary_line(checks);
}

int gate_status(std::span<const Check> checks) {
    if (number_of(checks, Outcome::invalid) > 0)
        return status::failed;
    if (number_of(checks, Outcome::fail) > 0)
        return status::gate_failed;
    const bool all_pass = number_of(checks, Outcome::pass) == checks.size();
    return all_pass ? 0 : status::gate_unknown;
}

} // namespace cli
