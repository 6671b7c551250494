#include "target_options.hpp"

#include "errors.hpp"
#include "keep_once.hpp"
#include "number_list.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Rows;
using pmc::Target;

/// As libpmc has them: without a slash in front.
std::string plain_path(std::string path) {
    path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
    return path.empty() ? "/" : path;
}

} // namespace

void TargetArguments::add_to(CLI::App& app) {
    constexpr const char* what = "What is counted (a command beside it only says for how long)";
    const auto add_list = [&](const char* names, std::vector<std::string>& lists, const char* word, const char* text) {
        app.add_option(names, lists, text)->option_text(word)->allow_extra_args(false)->group(what);
    };
    add_list("-p,--pid", pids_, "PID,...", "processes, with all their threads and those to come");
    add_list("-t,--tid", tids_, "TID,...", "single threads");
    app.add_option("--name", name_, "the processes whose name matches, by now, a POSIX extended regular expression")
        ->option_text("REGEX")
        ->group(what);
    app.add_flag("-a,--all-cpus", all_cpus_, "everything that runs; also if neither target nor command is given")
        ->group(what);
    add_list("-C,--cpu", cpus_, "LIST", "everything that runs on these CPUs: 0,2-4");
    add_list("-G,--cgroup", cgroups_, "NAME,...", "each of these cgroups, on all CPUs or those of -C");
    add_list("--for-each-cgroup", cgroup_patterns_, "REGEX,...", "each cgroup that matches: a name, or an expression");
    app.add_flag("-i,--no-inherit", no_inherit_, "not the threads and children that what is counted makes")
        ->group(what);

    constexpr const char* rows = "A row for each (the first four count all CPUs if no target is given)";
    app.add_flag("-A,--no-aggr", per_cpu_, "CPU")->group(rows);
    app.add_flag("--per-core", per_core_, "core")->group(rows);
    app.add_flag("--per-socket", per_socket_, "socket")->group(rows);
    app.add_flag("--per-node", per_node_, "NUMA node")->group(rows);
    app.add_flag("--per-thread", per_thread_,
                 "thread that is there at the start, with what it makes (of a command: the first)")
        ->group(rows);
}

std::string TargetArguments::first() const {
    const std::array given = {
        std::pair{!pids_.empty(), "-p"},
        std::pair{!tids_.empty(), "-t"},
        std::pair{name_.has_value(), "--name"},
        std::pair{all_cpus_, "-a"},
        std::pair{!cpus_.empty(), "-C"},
        std::pair{!cgroups_.empty(), "-G"},
        std::pair{per_cpu_, "-A"},
        std::pair{!cgroup_patterns_.empty(), "--for-each-cgroup"},
        std::pair{per_core_, "--per-core"},
        std::pair{per_socket_, "--per-socket"},
        std::pair{per_node_, "--per-node"},
        std::pair{per_thread_, "--per-thread"},
        std::pair{no_inherit_, "-i"},
    };
    const auto found = std::ranges::find(given, true, &std::pair<bool, const char*>::first);
    return found == given.end() ? std::string() : found->second;
}

Expected<TargetOptions> TargetArguments::options(bool has_command) const {
    TargetOptions options;
    Target& target = options.target;
    const Expected<std::vector<int>> pids = number_list("-p", pids_, 1);
    const Expected<std::vector<int>> tids = number_list("-t", tids_, 1);
    const Expected<std::vector<int>> cpus = cpu_list("-C", cpus_);
    const Expected<std::vector<std::string>> cgroups = elements("-G", cgroups_);
    const Expected<std::vector<std::string>> patterns = elements("--for-each-cgroup", cgroup_patterns_);
    for (const auto* const numbers : {&pids, &tids, &cpus})
        if (!*numbers)
            return numbers->error();
    for (const auto* const words : {&cgroups, &patterns})
        if (!*words)
            return words->error();
    if (name_ && name_->empty())
        return misuse("--name: the expression is empty", "give a part of the name of a process");
    target.pids = *pids;
    target.tids = *tids;
    target.cpus = *cpus;
    target.all_cpus = all_cpus_;
    target.inherit = !no_inherit_;
    options.name = name_;
    for (const std::string& cgroup : *cgroups)
        keep_once(target.cgroups, plain_path(cgroup));
    for (const std::string& pattern : *patterns)
        keep_once(options.cgroup_patterns, plain_path(pattern));

    const std::array asked = {
        std::tuple{per_cpu_, Rows::cpu, "-A"},
        std::tuple{per_core_, Rows::core, "--per-core"},
        std::tuple{per_socket_, Rows::socket, "--per-socket"},
        std::tuple{per_node_, Rows::node, "--per-node"},
        std::tuple{per_thread_, Rows::thread, "--per-thread"},
    };
    const char* rows_option = nullptr;
    for (const auto& [given, rows, option] : asked) {
        if (!given)
            continue;
        if (rows_option != nullptr)
            return misuse(fmt::format("{} and {}: a report has one kind of rows", rows_option, option),
                          "leave one of them out");
        rows_option = option;
        target.rows = rows;
    }
    const bool of_cpus = rows_option != nullptr && target.rows != Rows::thread;

    const char* const tasks_option = !pids_.empty() ? "-p" : !tids_.empty() ? "-t" : "--name";
    const char* const cpus_option = all_cpus_           ? "-a"
                                    : !cpus_.empty()    ? "-C"
                                    : !cgroups_.empty() ? "-G"
                                                        : "--for-each-cgroup";
    if (options.is_tasks() && options.is_cpus())
        return misuse(fmt::format("{} with {}: either processes are counted or CPUs", tasks_option, cpus_option),
                      "leave one of them out");
    if (all_cpus_ && !cpus_.empty())
        return misuse("-a with -C: either all CPUs are counted or some", "leave one of them out");
    if (options.is_tasks() && of_cpus)
        return misuse(fmt::format("{} with {}: a process has no CPUs of its own", rows_option, tasks_option),
                      "leave one of them out, or take --per-thread");
    if (options.is_cpus() && target.rows == Rows::thread)
        return misuse(fmt::format("--per-thread with {}: a CPU has no threads of its own", cpus_option),
                      "leave one of them out, or take -p, -t or --name");
    if (options.is_empty() && !has_command && target.rows == Rows::thread)
        return misuse("--per-thread: of what?", "give -p, -t, --name or a command");
    if (options.is_empty() && (of_cpus || !has_command))
        target.all_cpus = true;
    if (options.is_cpus() && no_inherit_)
        return misuse("-i: CPUs count whoever runs on them", "leave it out, or count processes or a command");
    return options;
}

Expected<Target> find_target(const TargetOptions& options) {
    Target target = options.target;
    if (options.name) {
        const Expected<std::vector<int>> found = pmc::find_processes(*options.name);
        if (!found)
            return found.error();
        if (found->empty())
            return pmc::Error(pmc::ErrorKind::not_available, pmc::Stage::open,
                              fmt::format("--name: no process has a name that matches '{}'", *options.name),
                              "the name is that of the file, or the first 15 characters that ps -e shows");
        for (const int pid : *found)
            keep_once(target.pids, pid);
    }
    for (const std::string& pattern : options.cgroup_patterns) {
        const Expected<std::vector<std::string>> found = pmc::find_cgroups(pattern);
        if (!found)
            return found.error();
        for (const std::string& cgroup : *found)
            keep_once(target.cgroups, cgroup);
    }
    return target;
}

} // namespace cli
