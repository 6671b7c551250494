#include "session/valgrind_run.hpp"

#include "kernel/environment.hpp"
#include "kernel/executable.hpp"
#include "kernel/valgrind.hpp"
#include "machine/model.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <thread>

using namespace std::chrono_literals;

namespace pmc {
namespace {

constexpr std::string_view counts_prefix = "counts.";
constexpr std::string_view log_prefix = "log.";
/// What valgrind ends with where its user may not execute or read the command.
constexpr int denied = 126;
constexpr std::string_view ended_by_sigill = "Process terminating with default action of signal 4 ";
/// A valgrind that hangs must not make who waits for it hang.
constexpr auto longest_begin = 10s;
/// Of a log that may be long, as its command or what it was asked is: what stands at its ends.
constexpr std::size_t head_of_log = 4096;
constexpr std::size_t tail_of_log = 65536;
/// What valgrind loads it says at the beginning, but for its command line, which is some MiB at most.
constexpr std::size_t begin_of_log = std::size_t{16} << 20;
/// Another user may have written it.
constexpr std::size_t most_counts = std::size_t{1} << 30;

std::string option(std::string_view name, std::string_view value) {
    return std::string("--").append(name).append("=").append(value);
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

/// As its decoder says it, "vex amd64->IR: unhandled instruction bytes: …" or "disInstr(arm64): unhandled instruction
/// …". It does not of those that are invalid on purpose. All its other lines begin with a number of the process.
bool knows_all_instructions(std::string_view log) {
    constexpr std::string_view says = ": unhandled instruction";
    for (std::size_t at = log.find(says); at != std::string_view::npos; at = log.find(says, at + 1)) {
        const std::string_view line = log.substr(log.substr(0, at).rfind('\n') + 1);
        if (!line.starts_with("==") && !line.starts_with("--"))
            return false;
    }
    return true;
}

/// "3.19.0", of "Using Valgrind-3.19.0-… and LibVEX"; "?" if it does not say it.
std::string version_in(std::string_view log) {
    constexpr std::string_view says = "Using Valgrind-";
    const std::size_t at = log.find(says);
    if (at == std::string_view::npos)
        return "?";
    const std::string_view version = log.substr(at + says.size());
    return std::string(version.substr(0, version.find_first_of("- \n")));
}

Error has_not_begun(const std::string& valgrind, int status) {
    return Error(ErrorKind::not_available, Stage::spawn,
                 valgrind + ": could not run the command, and ended with status " + std::to_string(status),
                 "what it says above is why; see whether it runs anything: valgrind --tool=none true")
        .with_subject(valgrind);
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
    Expected<kernel::PrivateFolder> folder = kernel::PrivateFolder::make(command.user);
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
    // Valgrind lays out the program by itself, at the same addresses each time. What would fix those of valgrind is
    // refused in most containers, and changes no count.
    under.fixed_addresses = false;
    if (!told.empty()) {
        under.environment = kernel::environment_of(command);
        kernel::set_variable(*under.environment,
                             std::string("PMC_MODEL=").append(told).append(";").append(files).append(log_prefix));
    }
    return ValgrindRun(std::move(under), *executable, *std::move(folder), std::string(tool));
}

Expected<bool> ValgrindRun::wait_for_begin(pid_t pid) const {
    // Its log is there when its tool was found, its options were good, and the program could be loaded.
    const std::string log = std::string(log_prefix) + std::to_string(pid);
    for (auto waited = 0ms; waited < longest_begin; waited += 1ms) {
        siginfo_t end{};
        const bool has_ended =
            waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOHANG | WNOWAIT) != 0 || end.si_pid == pid;
        if (std::ranges::binary_search(folder_.names(), log))
            return true;
        if (has_ended && end.si_pid == pid && end.si_code != CLD_EXITED)
            return true;
        if (has_ended && end.si_status == denied) // to another user than who looked beforehand
            return kernel::exec_error(executable_, {executable_}, EACCES, command_.user);
        if (has_ended)
            return has_not_begun(command_.argv.front(), end.si_status);
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

std::vector<ValgrindRun::Process> ValgrindRun::processes() const {
    const std::vector<std::string> names = folder_.names();
    // Each program that valgrind begins to run makes it read the tool's own symbols; a fork does not. Before that
    // stands the command, however long. What a program writes is behind other marks than "--".
    const auto is_program = [&](pid_t pid) {
        const std::string log = folder_.read(std::string(log_prefix) + std::to_string(pid), 0, begin_of_log);
        const std::string tool = "/" + tool_ + "-";
        for (std::string_view rest = log; !rest.empty();) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            const std::size_t at = line.starts_with("--") ? line.find("Reading syms from ") : std::string_view::npos;
            if (at != std::string_view::npos && line.find(tool, at) != std::string_view::npos)
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
        const std::string log = log_of(pid);
        Process& process = processes.emplace_back();
        process.pid = pid;
        process.has_counts = std::ranges::binary_search(names, counts);
        process.is_only_a_fork = !is_program(pid);
        if (!knows_all_instructions(log)) {
            process.unknown_to = version_in(log);
            process.died_of_it = log.find(ended_by_sigill) != std::string::npos;
        }
    }
    return processes;
}

std::string ValgrindRun::counts_of(pid_t pid) const {
    return folder_.read(std::string(counts_prefix) + std::to_string(pid), 0, most_counts);
}

std::string ValgrindRun::log_of(pid_t pid) const {
    const std::string name = std::string(log_prefix) + std::to_string(pid);
    const off_t size = folder_.size(name);
    if (size <= static_cast<off_t>(head_of_log + tail_of_log))
        return folder_.read(name, 0, head_of_log + tail_of_log);
    return folder_.read(name, 0, head_of_log) + folder_.read(name, size - static_cast<off_t>(tail_of_log), tail_of_log);
}

} // namespace pmc
