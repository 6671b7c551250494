#include <pmc/target.hpp>

#include "kernel/cgroup.hpp"
#include "session/pattern.hpp"

#include <utility>

namespace pmc {
namespace {

Expected<std::vector<std::string>> find_literal(const std::string& text) {
    const Expected<kernel::UniqueFd> fd = kernel::open_cgroup(text);
    if (!fd)
        return fd.error();
    return std::vector<std::string>{kernel::cgroup_path(text).value_or(text)};
}

} // namespace

Expected<std::vector<std::string>> find_cgroups(const std::string& pattern) {
    if (pattern.find_first_of("[(*+?^$|") == std::string::npos)
        return find_literal(pattern);
    const Expected<Pattern> wanted = Pattern::compile(pattern);
    if (!wanted)
        return wanted.error();
    Expected<std::vector<std::string>> paths = kernel::all_cgroups();
    if (!paths)
        return paths;
    std::erase_if(*paths, [&](const std::string& path) { return !wanted->matches(path); });
    if (paths->empty())
        return Error(ErrorKind::not_available, Stage::open, "no cgroup matches '" + pattern + "'",
                     "a path starts without a slash; the root is \"/\"")
            .with_subject(pattern);
    return paths;
}

} // namespace pmc
