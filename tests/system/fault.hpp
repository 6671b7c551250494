#pragma once

#include "process.hpp"

#include <functional>
#include <string>
#include <sys/resource.h>
#include <sys/types.h>
#include <vector>

/// What can go wrong around pmcstat, made to happen, and what is left afterwards. docs/reliability.md has the faults.
namespace fault {

// For a child, before it becomes pmcstat. A child that can't be put into that state ends with status 99.

/// Makes perf_event_open fail with this errno, for this process and all that it becomes.
void deny_perf_event_open(int error);
/// Root becomes somebody who may do little; anybody else stays who he is.
void become_nobody();
/// Both limits of RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_FSIZE, …
void limit(__rlimit_resource resource, rlim_t value);

/// kernel.perf_event_paranoid, changed for the length of a test. Root only.
class Paranoid {
public:
    explicit Paranoid(int level);
    Paranoid(const Paranoid&) = delete;
    Paranoid& operator=(const Paranoid&) = delete;
    ~Paranoid();

private:
    std::string before_;
};

/// A process that does what a shell script says, until it is told to end: a target for -p.
class Target {
public:
    explicit Target(const std::string& script, const std::function<void()>& in_child = {});
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    ~Target() { end(); }
    [[nodiscard]] pid_t id() const { return pid_; }
    [[nodiscard]] std::string pid() const { return std::to_string(pid_); }
    /// Kills it and takes its status.
    void end();

private:
    pid_t pid_;
};

/// process::run, with an empty folder as TMPDIR; checks that afterwards no process that it started is alive (daemons
/// too) and that the folder is empty. For a command that ends by itself or by the fault.
Outcome run_leaving_nothing(std::vector<std::string> argv, process::Setting setting = {});
/// The same of pmcstat.
Outcome pmcstat_leaving_nothing(std::vector<std::string> arguments, process::Setting setting = {});

/// What this process holds: for the library in a program. Two are equal if nothing was left.
struct Holdings {
    std::size_t files = 0;    ///< open descriptors
    std::size_t mappings = 0; ///< of perf events
    std::size_t threads = 0;

    static Holdings now();
    bool operator==(const Holdings&) const = default;
};

} // namespace fault
