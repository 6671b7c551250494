#include "kernel/real_path.hpp"

#include <cstdlib>
#include <memory>

namespace pmc::kernel {

std::string real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr), &std::free);
    return real ? real.get() : std::string();
}

} // namespace pmc::kernel
