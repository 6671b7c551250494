#include "machine/resource_limit.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace pmc {
namespace {

std::uint64_t number_of(std::string_view text) noexcept {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && !text.empty() ? number : std::numeric_limits<std::uint64_t>::max();
}

} // namespace

std::uint64_t ResourceLimit::soft_number() const noexcept {
    return number_of(soft);
}

std::uint64_t ResourceLimit::hard_number() const noexcept {
    return number_of(hard);
}

ResourceLimit read_limit(const kernel::FileTree& tree, std::string_view title) {
    const std::string limits = tree.read("/proc/self/limits").value_or("");
    const std::size_t at = limits.find(title);
    if (at == std::string::npos)
        return {};
    std::string_view rest = std::string_view(limits).substr(at + title.size());
    rest = rest.substr(0, rest.find('\n'));
    const auto next = [&] {
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        const std::string_view word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(word.size());
        return std::string(word);
    };
    std::string soft = next();
    return {std::move(soft), next()};
}

} // namespace pmc
