#pragma once

#include <pmc/check.hpp>

#include <span>
#include <string>
#include <string_view>

namespace cli {

/// The checks as JUnit's XML, as CI systems read it: a test suite called `suite` with a test case each. What failed is
/// a failure; what could not be told (unknown, inconclusive, invalid) is an error and never looks passed. `time_s`: of
/// all that was measured.
std::string junit_xml(std::span<const pmc::Check> checks, std::string_view suite, double time_s);

/// As XML has it, in an attribute or between tags. What XML can't have (control characters, what is no UTF-8) is
/// U+FFFD.
std::string xml_text(std::string_view text);

} // namespace cli
