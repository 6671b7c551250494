#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Numbers for people, never localised: "9.843 G", "14.30 M", "8112", "74.2 ms".
namespace pmc::record {

/// A count with four significant digits and a power of 1000; whole below 100,000.
std::string count_text(double count);
/// A duration in s, ms, us or ns, four significant digits.
std::string duration_text(double seconds);
/// A metric's value: three significant digits, more for large ones; never in exponents below 1e15.
std::string ratio_text(double value);
/// "41.3 MiB".
std::string bytes_text(double bytes);
/// All digits: "1,000,000".
std::string exact_text(std::uint64_t count);
/// A share of 1: "58.3 %", and never "100 %" for what is less.
std::string percent_text(double share);

/// A value in its unit: "1.821 s" for 1.821e9 "ns", "9.843 G" for a plain count, "12.5 Joules".
std::string value_text(double value, std::string_view unit);

} // namespace pmc::record
