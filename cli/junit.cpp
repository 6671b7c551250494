#include "junit.hpp"

#include "gate_report.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cli {
namespace {

using pmc::Check;
using pmc::Outcome;

std::size_t failures(std::span<const Check> checks) {
    return static_cast<std::size_t>(std::ranges::count(checks, Outcome::fail, &Check::outcome));
}

std::size_t errors(std::span<const Check> checks) {
    return static_cast<std::size_t>(std::ranges::count_if(
        checks, [](const Check& check) { return check.outcome != Outcome::fail && check.outcome != Outcome::pass; }));
}

std::string counts(std::span<const Check> checks, double time_s) {
    return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="0" time="{:.6f}")", checks.size(),
                       failures(checks), errors(checks), time_s);
}

std::string test_case(const Check& check, std::string_view suite) {
    std::string name = check_subject(check);
    if (!check.asked.empty())
        name += ": " + check.asked;
    const std::string begin =
        fmt::format(R"(    <testcase classname="{}" name="{}" time="0")", xml_text(suite), xml_text(name));
    const std::string message = check_message(check);
    if (check.outcome == Outcome::pass)
        return begin + fmt::format(">\n      <system-out>{}</system-out>\n    </testcase>\n", xml_text(message));
    const char* const tag = check.outcome == Outcome::fail ? "failure" : "error";
    const std::string detail = check.hint.empty() ? message : message + "\nhint: " + check.hint;
    return begin + fmt::format(">\n      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n    </testcase>\n", tag,
                               to_string(check.outcome), xml_text(message), xml_text(detail));
}

/// Its last two in each plane are no characters; XML refuses those of the first.
bool is_no_character(std::string_view character) {
    return character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf";
}

} // namespace

std::string xml_text(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
        const char c = character.front();
        if (c == '&')
            result += "&amp;";
        else if (c == '<')
            result += "&lt;";
        else if (c == '>')
            result += "&gt;";
        else if (c == '"')
            result += "&quot;";
        else if (c == '\t' || c == '\n' || c == '\r')
            result += fmt::format("&#{};", static_cast<int>(c)); // as it stands, an attribute would have a space
        else if (size == 0 || static_cast<unsigned char>(c) < 0x20 || is_no_character(character))
            result += "\xef\xbf\xbd";
        else
            result += character;
        text.remove_prefix(character.size());
    }
    return result;
}

std::string junit_xml(std::span<const Check> checks, std::string_view suite, double time_s) {
    const std::string numbers = counts(checks, time_s);
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    text += fmt::format("<testsuites {}>\n  <testsuite name=\"{}\" {}>\n", numbers, xml_text(suite), numbers);
    for (const Check& check : checks)
        text += test_case(check, suite);
    return text + "  </testsuite>\n</testsuites>\n";
}

} // namespace cli
