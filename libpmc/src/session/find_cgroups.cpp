#include <pmc/target.hpp>

#include "kernel/cgroup.hpp"
#include "session/pattern.hpp"

#include <utility>

namespace pmc {
namespace {

Expected<std::vector<std::string>> find_literal(const kernel::CgroupHierarchy& hierarchy, const std::string& text) {
    const Expected<kernel::UniqueFd> fd = hierarchy.open(text);
    if (!fd)
        return fd.error();
    return std::vector<std::string>{kernel::cgroup_path(text).value_or(text)};
}

} // namespace

Expected<std::vector<std::string>> find_cgroups(const std::string& pattern) {
    const bool is_literal = pattern.find_first_of("[(*+?^$|") == std::string::npos;
    const Expected<Pattern> wanted = Pattern::compile(is_literal ? "." : pattern);
    if (!wanted)
        return wanted.error();
    const Expected<kernel::CgroupHierarchy> hierarchy = kernel::CgroupHierarchy::find();
    if (!hierarchy)
        return hierarchy.error();
    if (is_literal)
        return find_literal(*hierarchy, pattern);
    std::vector<std::string> paths = hierarchy->all();
    std::erase_if(paths, [&](const std::string& path) { return !wanted->matches(path); });
    if (paths.empty())
        return Error(ErrorKind::not_available, Stage::open, "no cgroup matches '" + pattern + "'",
                     "a path starts without a slash; the root is \"/\"")
            .with_subject(pattern);
    return paths;
}

} // namespace pmc
