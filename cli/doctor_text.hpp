#pragma once

#include <pmc/doctor.hpp>

#include <string>

namespace cli {

/// A paragraph for each finding, and a last line that says what it comes to.
std::string doctor_text(const pmc::Examination& examination);

} // namespace cli
