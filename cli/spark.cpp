#include "spark.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <cmath>
#include <langinfo.h>
#include <string_view>

namespace cli {
namespace {

constexpr std::array<std::string_view, 8> block_heights = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> ascii_heights = {" ", ".", ":", "-", "=", "+", "*", "#"};

} // namespace

void Spark::add(std::optional<double> value) {
    if (value && !std::isfinite(*value))
        value.reset();
    values_.push_back(value);
    if (values_.size() > longest)
        values_.pop_front();
}

bool Spark::has_values() const noexcept {
    return std::ranges::any_of(values_, [](const auto& value) { return value.has_value(); });
}

double Spark::least() const noexcept {
    std::optional<double> least;
    for (const std::optional<double>& value : values_)
        if (value)
            least = std::min(least.value_or(*value), *value);
    return least.value_or(0);
}

double Spark::most() const noexcept {
    std::optional<double> most;
    for (const std::optional<double>& value : values_)
        if (value)
            most = std::max(most.value_or(*value), *value);
    return most.value_or(0);
}

std::string Spark::text(bool blocks) const {
    const auto& heights = blocks ? block_heights : ascii_heights;
    const double bottom = least();
    const double range = most() - bottom;
    std::string text;
    for (const std::optional<double>& value : values_) {
        if (!value) {
            text += '?';
            continue;
        }
        const double share = range > 0 && std::isfinite(range) ? (*value - bottom) / range : 0.5;
        const auto height = static_cast<std::size_t>(share * static_cast<double>(heights.size()));
        text += heights[std::min(height, heights.size() - 1)];
    }
    return text;
}

bool has_utf8_locale() {
    const locale_t locale = newlocale(LC_CTYPE_MASK, "", nullptr);
    if (locale == nullptr)
        return false;
    const bool is_utf8 = std::string_view(nl_langinfo_l(CODESET, locale)) == "UTF-8";
    freelocale(locale);
    return is_utf8;
}

} // namespace cli
