#include <pmc/target.hpp>

#include "kernel/process.hpp"
#include "session/pattern.hpp"

#include <unistd.h>

namespace pmc {

Expected<std::vector<int>> find_processes(const std::string& regex) {
    const Expected<Pattern> pattern = Pattern::compile(regex);
    if (!pattern)
        return pattern.error();
    std::vector<int> found;
    for (const pid_t process : kernel::all_processes()) {
        if (process == getpid())
            continue;
        if (!pattern->matches(kernel::name_of(process)) && !pattern->matches(kernel::program_of(process)))
            continue;
        // A first thread that has ended may have left others behind, which run on.
        if (kernel::is_zombie(process) && kernel::threads_of(process).size() <= 1)
            continue;
        found.push_back(process);
    }
    return found;
}

} // namespace pmc
