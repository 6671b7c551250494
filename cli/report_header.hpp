#pragma once

#include <pmc/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// The first line of a report for people: what was counted, in which mode, and how much of the time. Of what is still
/// being counted there are no samples yet.
std::string header_line(const pmc::Result& result, const std::vector<pmc::Sample>& samples);

/// What "~" means, and which model it is; nothing where all was measured.
std::string model_line(const pmc::Result& result);
/// The CPU, its table, the kernel, and how the events were packed: a line each.
std::string machine_lines(const pmc::Result& result);

std::string_view or_unknown(const std::string& text);

} // namespace cli
