#include "doctor_text.hpp"

#include "terminal.hpp"
#include "wrapped.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>

namespace cli {
namespace {

using pmc::Examination;
using pmc::Finding;
using pmc::Health;

std::string paragraph(const Finding& finding) {
    constexpr std::size_t indent = 9; // "limited" and two spaces
    const auto line = [](const std::string& text, std::string_view first = {}) {
        return wrapped(pmc::record::printable(text), indent, first);
    };
    std::string text = line(finding.title + ": " + finding.found, pmc::to_string(finding.health));
    if (!finding.means.empty())
        text += line(finding.means);
    if (!finding.remedy.empty())
        text += line("hint: " + finding.remedy);
    return text;
}

std::string conclusion(const Examination& examination) {
    if (examination.of == "self-test") {
        if (examination.is_well())
            return "This machine's counters are right, as far as they were tested.";
        return std::ranges::count(examination.findings, Health::wrong, &Finding::health) != 0
                   ? "This machine's counters are WRONG."
                   : "This machine's counters can't be tested.";
    }
    if (examination.is_well())
        return "Cycles and instructions can be counted here.";
    const Finding* const own = examination.find("own_process");
    return "Cycles and instructions can't be counted here" + (own == nullptr ? "." : ": " + own->found + ".");
}

} // namespace

std::string doctor_text(const Examination& examination) {
    std::string text;
    for (const Finding& finding : examination.findings)
        text += paragraph(finding);
    return text + '\n' + wrapped(pmc::record::printable(conclusion(examination)), 0);
}

} // namespace cli
