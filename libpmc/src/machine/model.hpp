#pragma once

#include <string>
#include <string_view>

/// The processor that valgrind models. The geometry is the same on every machine, so that numbers can be compared.
namespace pmc::model {

// In valgrind's notation: size in bytes, ways, bytes per line.
inline constexpr std::string_view l1i = "32768,8,64";
inline constexpr std::string_view l1d = "32768,8,64";
inline constexpr std::string_view last_level = "8388608,16,64";

// What an access costs, in estimated cycles, by who serves it.
inline constexpr unsigned l1_cycles = 1;
inline constexpr unsigned last_level_cycles = 5;
inline constexpr unsigned memory_cycles = 35;

/// The file of a described machine that says which of valgrind's tools it is.
inline constexpr std::string_view file = "/model";
/// The CPU id of such a machine: "valgrind-cachegrind".
std::string cpu_id(std::string_view tool);

/// "cachegrind-3.19.0 I1=32768,8,64 D1=32768,8,64 LL=8388608,16,64 cycles=L1+5LL+35RAM". Without a version where no
/// valgrind is installed.
std::string description(std::string_view tool, std::string_view version);

} // namespace pmc::model
