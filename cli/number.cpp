#include "number.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>

namespace cli {
namespace {

/// `digits` significant digits without an exponent.
std::string significant(double value, int digits) {
    const double size = std::fabs(value);
    if (!(size > 0) || size >= 1e15 || size < 1e-6)
        return fmt::format("{:.{}g}", value, digits);
    // Rounding may carry into the next power of ten (9.996 → 10.00): ask for the digits of the rounded number.
    const int magnitude = static_cast<int>(std::floor(std::log10(size)));
    const double rounded = std::round(size * std::pow(10.0, digits - 1 - magnitude));
    const int carry = rounded >= std::pow(10.0, digits) ? 1 : 0;
    const int decimals = digits - 1 - magnitude - carry;
    return fmt::format("{:.{}f}", value, decimals > 0 ? decimals : 0);
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
        return fmt::format("{:.0f}", count);
    return scaled_text(count, steps);
}

std::string duration_text(double seconds) {
    constexpr std::array steps = {Step{1, "s"}, Step{1e-3, "ms"}, Step{1e-6, "us"}};
    if (std::fabs(seconds) >= steps.back().factor)
        return scaled_text(seconds, steps);
    return fmt::format("{:.0f} ns", seconds * 1e9);
}

std::string ratio_text(double value) {
    const double size = std::fabs(value);
    if (size == 0)
        return "0";
    if (size >= 100000)
        return count_text(value);
    if (size >= 1000)
        return fmt::format("{:.0f}", value);
    return significant(value, 3);
}

std::string bytes_text(double bytes) {
    constexpr std::array steps = {Step{1099511627776.0, "TiB"}, Step{1073741824.0, "GiB"}, Step{1048576.0, "MiB"},
                                  Step{1024.0, "KiB"}};
    for (const Step& step : steps)
        if (bytes >= step.factor)
            return significant(bytes / step.factor, 3) + ' ' + step.name;
    return fmt::format("{:.0f} B", bytes);
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

} // namespace cli
