#include "session/valgrind_run.hpp"

#include "kernel/executable.hpp"
#include "kernel/valgrind.hpp"
#include "machine/model.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>
#include <unistd.h>

namespace pmc {
namespace {

constexpr std::string_view counts_prefix = "counts.";
constexpr std::string_view log_prefix = "log.";

std::string option(std::string_view name, std::string_view value) {
    return std::string("--").append(name).append("=").append(value);
}

/// In the environment that the command is to have: the caller's, unless it has one of its own.
void set_variable(Command& command, std::string_view name, std::string_view value) {
    if (!command.environment) {
        command.environment.emplace();
        for (char** variable = environ; *variable != nullptr; ++variable)
            command.environment->emplace_back(*variable);
    }
    const std::string beginning = std::string(name).append("=");
    std::erase_if(*command.environment, [&](const std::string& variable) { return variable.starts_with(beginning); });
    command.environment->push_back(std::string(beginning).append(value));
}

/// 0 if it is no file of a process.
pid_t pid_of(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix))
        return 0;
    name.remove_prefix(prefix.size());
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return error == std::errc{} && end == name.data() + name.size() && pid > 0 ? pid : 0;
}

Error no_valgrind() {
    return Error(ErrorKind::not_available, Stage::spawn, "valgrind: not found, and the model is made by it",
                 "install valgrind, or give PATH the folder that has it")
        .with_subject("valgrind");
}

Error needs_rights(const std::string& path) {
    return Error(ErrorKind::not_available, Stage::spawn,
                 path + ": runs with other rights than yours (setuid or file capabilities), which valgrind can't give",
                 "count what it starts, or a copy of it without those rights")
        .with_subject(path);
}

} // namespace

Expected<ValgrindRun> ValgrindRun::prepare(const Command& command, std::string_view tool,
                                           std::vector<std::string> options, std::string_view told) {
    const std::optional<std::string> valgrind = kernel::find_valgrind();
    if (!valgrind)
        return no_valgrind();
    if (command.argv.empty())
        return Error(ErrorKind::command, Stage::spawn, "no command was given");
    const Expected<std::string> executable = kernel::find_executable(command.argv.front());
    if (!executable)
        return executable.error();
    if (kernel::changes_rights(*executable))
        return needs_rights(*executable);
    Expected<kernel::PrivateFolder> folder = kernel::PrivateFolder::make();
    if (!folder)
        return folder.error();

    // %p is the process, in each program that it executes.
    const std::string files = folder->path() + "/";
    Command under = command;
    under.argv = {*valgrind,
                  "--command-line-only=yes", // no options of the user's own files and variables
                  option("tool", tool),
                  option(std::string(tool) + "-out-file", files + std::string(counts_prefix) + "%p"),
                  option("log-file", files + std::string(log_prefix) + "%p"),
                  "--verbose", // the log tells programs from forks
                  "--vgdb=no",
                  option("trace-children", "yes"),
                  option("I1", model::l1i),
                  option("D1", model::l1d),
                  option("LL", model::last_level)};
    under.argv.insert(under.argv.end(), options.begin(), options.end());
    under.argv.emplace_back("--");
    under.argv.insert(under.argv.end(), command.argv.begin(), command.argv.end());
    // Addresses choose cache sets and hash buckets: counts repeat only where they do.
    under.fixed_addresses = true;
    if (!told.empty())
        set_variable(under, "PMC_MODEL", std::string(told).append(";").append(files).append(log_prefix));
    return ValgrindRun(std::move(under), *std::move(folder), std::string(tool));
}

std::vector<ValgrindRun::Process> ValgrindRun::processes() const {
    const std::vector<std::string> names = folder_.names();
    // Each program that valgrind begins to run makes it read the tool's own symbols; a fork does not. Before that
    // stands the command, however long. What a program writes is behind other marks than "--".
    const auto is_program = [&](pid_t pid) {
        std::ifstream log = folder_.open(std::string(log_prefix) + std::to_string(pid));
        const std::string tool = "/" + tool_ + "-";
        for (std::string line; std::getline(log, line);) {
            const std::size_t at = line.starts_with("--") ? line.find("Reading syms from ") : std::string::npos;
            if (at != std::string::npos && line.find(tool, at) != std::string::npos)
                return true;
        }
        return false;
    };
    std::vector<Process> processes;
    for (const std::string& name : names) {
        const pid_t pid = pid_of(name, log_prefix);
        if (pid == 0)
            continue;
        const std::string counts = std::string(counts_prefix) + std::to_string(pid);
        processes.push_back({pid, std::ranges::binary_search(names, counts), !is_program(pid)});
    }
    return processes;
}

std::string ValgrindRun::counts_of(pid_t pid) const {
    return folder_.read(std::string(counts_prefix) + std::to_string(pid));
}

} // namespace pmc
