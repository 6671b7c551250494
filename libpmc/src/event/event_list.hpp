#pragma once

#include "table/quote.hpp"

#include <pmc/event.hpp>
#include <pmc/expected.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The event language's grammar (docs/design.md). Syntax only: no name is looked up here.
namespace pmc {

/// "cycles", "ipc:u", "cpu/event=0xc0/k", "amd64_fam19h_zen4::RETIRED_INSTRUCTIONS:u".
struct NameItem {
    std::string text;         ///< the name, without the mode modifiers
    std::optional<Mode> mode; ///< from :u :k :uk
    std::string written;      ///< as it stands in the list, modifiers included (its own, or its group's)
    std::size_t offset = 0;   ///< of its first byte in the list
};

/// "{cycles,instructions}:u": counted together or not at all.
struct GroupItem {
    std::vector<NameItem> names; ///< the group's modifier applies to those that have none of their own
    std::size_t offset = 0;
};

/// "cpi=cycles/instructions".
struct DefinitionItem {
    std::string name;
    std::string formula; ///< its text, unparsed
    std::size_t offset = 0;
    std::size_t formula_offset = 0;
};

using ListItem = std::variant<NameItem, GroupItem, DefinitionItem>;

/// Parses -e. Errors (kind syntax) quote the list and point at the place with a caret on a second line:
///     event list: expected a name after ','
///       ipc,,llc
///           ^
Expected<std::vector<ListItem>> parse_event_list(std::string_view list);

} // namespace pmc
