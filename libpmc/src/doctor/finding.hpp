#pragma once

#include <pmc/doctor.hpp>

#include <string>
#include <string_view>

/// How findings come about.
namespace pmc::doctor {

/// What is checked, before anything is known of it.
struct Check {
    std::string_view id, title;
};

Finding make_finding(Check check, Health health, std::string found, std::string means = {}, std::string remedy = {});
/// What is missing for a reason.
Finding make_finding(Check check, const Reason& reason, std::string means = {}, Health health = Health::missing);
/// Nothing can be tried on a captured machine.
Finding untried(Check check);
/// The file that would tell can't be read.
Finding unreadable(Check check, std::string_view file);

} // namespace pmc::doctor
