#pragma once

#include <pmc/catalog.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// The metric that was named in full detail, the others and the events in a line or two. `where` ends the sentence "not
/// available …": "here", "on zen4".
std::string catalog_text(const pmc::Catalog& catalog, std::string_view where);

/// The CPUs that there are tables for; `here` is the table of this machine.
std::string cpus_text(const std::vector<pmc::Tables::Cpu>& cpus, std::string_view here);

} // namespace cli
