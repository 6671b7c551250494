#include "record/number.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace pmc::record {
namespace {

/// In any locale: snprintf writes 1,5 where the program that we are in has chosen one.
std::string written(double value, std::chars_format format, int precision) {
    std::array<char, 400> digits; // the largest double has 309 of them
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value, format, precision);
    return error == std::errc{} ? std::string(digits.data(), end) : std::string("?");
}

std::string fixed(double value, int decimals) {
    return written(value, std::chars_format::fixed, decimals);
}

/// `digits` significant digits without an exponent.
std::string significant(double value, int digits) {
    const double size = std::fabs(value);
    if (!(size > 0) || size >= 1e15 || size < 1e-6)
        return written(value, std::chars_format::general, digits);
    // Rounding may carry into the next power of ten (9.996 → 10.00): ask for the digits of the rounded number.
    const int magnitude = static_cast<int>(std::floor(std::log10(size)));
    const double rounded = std::round(size * std::pow(10.0, digits - 1 - magnitude));
    const int carry = rounded >= std::pow(10.0, digits) ? 1 : 0;
    const int decimals = digits - 1 - magnitude - carry;
    return fixed(value, decimals > 0 ? decimals : 0);
}

struct Step {
    double factor;
    const char* name;
};

std::string scaled_text(double value, const auto& steps) {
    for (const Step& step : steps)
        // The next smaller step would round up to 1000 of it.
        if (std::fabs(value) >= step.factor * 0.99995)
            return significant(value / step.factor, 4) + ' ' + step.name;
    return significant(value, 4);
}

} // namespace

std::string count_text(double count) {
    constexpr std::array steps = {Step{1e18, "E"}, Step{1e15, "P"}, Step{1e12, "T"},
                                  Step{1e9, "G"},  Step{1e6, "M"},  Step{1e3, "k"}};
    if (std::fabs(count) < 99999.5)
        return fixed(count, 0);
    return scaled_text(count, steps);
}

std::string duration_text(double seconds) {
    constexpr std::array steps = {Step{1, "s"}, Step{1e-3, "ms"}, Step{1e-6, "us"}};
    if (std::fabs(seconds) >= steps.back().factor)
        return scaled_text(seconds, steps);
    return fixed(seconds * 1e9, 0) + " ns";
}

std::string ratio_text(double value) {
    const double size = std::fabs(value);
    if (size == 0)
        return "0";
    if (size >= 100000)
        return count_text(value);
    if (size >= 1000)
        return fixed(value, 0);
    return significant(value, 3);
}

std::string bytes_text(double bytes) {
    constexpr std::array steps = {Step{1099511627776.0, "TiB"}, Step{1073741824.0, "GiB"}, Step{1048576.0, "MiB"},
                                  Step{1024.0, "KiB"}};
    for (const Step& step : steps)
        if (bytes >= step.factor)
            return significant(bytes / step.factor, 3) + ' ' + step.name;
    return fixed(bytes, 0) + " B";
}

std::string exact_text(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string percent_text(double share) {
    const double percent = share * 100;
    if (percent >= 100)
        return "100 %";
    if (percent > 99.9)
        return "99.9 %";
    return significant(percent, 3) + " %";
}

std::string value_text(double value, std::string_view unit) {
    if (unit.empty())
        return count_text(value);
    if (unit == "ns")
        return duration_text(value * 1e-9);
    if (unit == "s")
        return duration_text(value);
    return ratio_text(value) + ' ' + std::string(unit);
}

} // namespace pmc::record
