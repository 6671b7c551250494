#include <pmc/target.hpp>

#include "kernel/process.hpp"
#include "machine/reason.hpp"
#include "session/pattern.hpp"
#include "table/quote.hpp"

#include <unistd.h>
#include <utility>

namespace pmc {

Expected<std::vector<int>> find_processes(const std::string& regex) {
    const Expected<Pattern> pattern = Pattern::compile(regex);
    if (!pattern)
        return pattern.error();
    const std::vector<pid_t> processes = kernel::all_processes();
    if (processes.empty())
        if (Reason unlisted = why_not_listed(Machine::host(), "processes", "/proc/self"))
            return Error(Stage::open, quoted(regex), std::move(unlisted));
    std::vector<int> found;
    for (const pid_t process : processes) {
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
