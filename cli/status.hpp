#pragma once

/// pmcstat's own exit statuses; a command's own status comes before all of them (docs/design.md).
namespace cli::status {

inline constexpr int nothing_matches = 1; ///< list: no metric or event has the word
inline constexpr int not_well = 1;        ///< doctor: cycles and instructions don't count, or are wrong
inline constexpr int gate_failed = 120;
inline constexpr int gate_unknown = 121; ///< a check that is unknown or inconclusive
inline constexpr int timed_out = 124;    ///< --timeout
inline constexpr int failed = 125;       ///< bad option, unknown event, unwritable output
inline constexpr int not_executable = 126;
inline constexpr int not_found = 127;

} // namespace cli::status
