#pragma once

#include <array>
#include <cstdint>
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

/// What valgrind counts, by bit of an event's config, as events/formats/valgrind.json numbers them.
struct Term {
    std::string_view name;
    unsigned cycles; ///< what one adds to the estimated cycles
};
/// Each access costs l1_cycles, and one that misses a level the difference to the next.
inline constexpr unsigned access_cycles = l1_cycles;
inline constexpr unsigned l1_miss_cycles = last_level_cycles - l1_cycles;
inline constexpr unsigned last_level_miss_cycles = memory_cycles - last_level_cycles;
inline constexpr std::array<Term, 13> terms{{{"Ir", access_cycles},
                                             {"I1mr", l1_miss_cycles},
                                             {"ILmr", last_level_miss_cycles},
                                             {"Dr", access_cycles},
                                             {"D1mr", l1_miss_cycles},
                                             {"DLmr", last_level_miss_cycles},
                                             {"Dw", access_cycles},
                                             {"D1mw", l1_miss_cycles},
                                             {"DLmw", last_level_miss_cycles},
                                             {"Bc", 0},
                                             {"Bcm", 0},
                                             {"Bi", 0},
                                             {"Bim", 0}}};
/// The bit behind them.
inline constexpr std::string_view cycles = "cycles";
inline constexpr std::uint64_t cycles_bit = std::uint64_t{1} << terms.size();

/// The file of a described machine that says which of valgrind's tools it is.
inline constexpr std::string_view file = "/model";
/// The CPU id of such a machine: "valgrind-cachegrind".
std::string cpu_id(std::string_view tool);

/// "cachegrind-3.19.0 I1=32768,8,64 D1=32768,8,64 LL=8388608,16,64 cycles=L1+5LL+35RAM". Without a version where no
/// valgrind is installed.
std::string description(std::string_view tool, std::string_view version);

} // namespace pmc::model
