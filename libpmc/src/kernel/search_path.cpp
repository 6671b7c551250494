#include "kernel/search_path.hpp"

#include <cstdlib>
#include <string_view>

namespace pmc::kernel {

std::vector<std::string> search_path(const std::string& name) {
    if (name.empty() || name.find('/') != std::string::npos)
        return {name};
    const char* variable = std::getenv("PATH");
    std::string_view rest = variable != nullptr ? variable : "/bin:/usr/bin";
    std::vector<std::string> paths;
    while (true) {
        const std::size_t colon = rest.find(':');
        std::string path(rest.substr(0, colon));
        path += path.empty() ? "./" : "/"; // an empty entry means the current folder
        paths.push_back(path += name);
        if (colon == std::string_view::npos)
            return paths;
        rest.remove_prefix(colon + 1);
    }
}

} // namespace pmc::kernel
