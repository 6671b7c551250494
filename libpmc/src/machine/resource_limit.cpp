#include "machine/resource_limit.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <sys/resource.h>
#include <utility>

namespace pmc {
namespace {

std::uint64_t number_of(std::string_view text) noexcept {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && !text.empty() ? number : std::numeric_limits<std::uint64_t>::max();
}

std::string text_of(rlim_t limit) {
    return limit == RLIM_INFINITY ? "unlimited" : std::to_string(limit);
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

ResourceLimit open_file_limit(const kernel::FileTree& tree) {
    rlimit files{};
    if (!tree.root().empty() || getrlimit(RLIMIT_NOFILE, &files) != 0)
        return read_limit(tree, "Max open files");
    return {text_of(files.rlim_cur), text_of(files.rlim_max)};
}

std::string open_file_remedy(const ResourceLimit& limit, const std::string& number) {
    if (!limit.hard.empty() && limit.soft == limit.hard)
        return "raise the hard limit: nofile " + number +
               " in /etc/security/limits.conf, or LimitNOFILE= of the service";
    const bool is_known = !limit.hard.empty() && limit.hard != "unlimited";
    return "raise the limit: ulimit -n " + (is_known ? limit.hard : number);
}

} // namespace pmc
