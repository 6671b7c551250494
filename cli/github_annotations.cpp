#include "github_annotations.hpp"

#include "gate_report.hpp"
#include "terminal.hpp"

#include <fmt/format.h>
#include <string_view>

namespace cli {
namespace {

/// The runner takes these three back; in properties, a colon and a comma would end one.
std::string escaped(const std::string& text, bool is_property) {
    std::string result;
    for (const char c : text) {
        const bool is_special = c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ','));
        if (is_special)
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        else
            result += c;
    }
    // Line ends are escaped by now.
    return pmc::record::printable(std::move(result));
}

std::string command(std::string_view level, const std::string& title, const std::string& message) {
    return fmt::format("::{} title={}::{}\n", level, escaped(title, true), escaped(message, false));
}

} // namespace

std::string github_annotations(std::span<const pmc::Check> checks, std::span<const pmc::Difference> differences) {
    std::string text;
    for (const pmc::Check& check : checks) {
        if (check.outcome == pmc::Outcome::pass)
            continue;
        const std::string message = check_message(check);
        text += command("error", fmt::format("pmcstat: {} {}", check_subject(check), to_string(check.outcome)),
                        check.hint.empty() ? message : message + "\nhint: " + check.hint);
    }
    for (const pmc::Difference& difference : differences) {
        if (!difference.is_hard)
            text += command("warning", "pmcstat: another " + difference.what,
                            fmt::format("{} is {} now, and was {} for the baseline", difference.what, difference.now,
                                        difference.then));
    }
    return text;
}

} // namespace cli
