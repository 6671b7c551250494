#pragma once

#include "process.hpp"

#include <array>
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
/// The same of pidfd_send_signal: an old kernel, or a sandbox.
void deny_signals_by_pidfd(int error);
/// Makes mmap of a file that is to be shared fail with this errno: what a counter's page needs, and no loader.
void deny_shared_mappings(int error);
/// Makes openat with just these flags fail with this errno.
void deny_opening(unsigned flags, int error);
/// Root becomes somebody who may do little; anybody else stays who he is.
void become_nobody();
/// Root of a user namespace of its own, who is nobody outside; where that is root's to make, root outside.
void enter_user_namespace();
/// Both limits of RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_FSIZE, …
void limit(__rlimit_resource resource, rlim_t value);
/// Takes the right to lock more memory than RLIMIT_MEMLOCK from root, and from all that this process becomes.
void give_up_locking();
/// Takes the right to send signals to other users' processes from root, and from all that this process becomes.
void give_up_killing();
/// Puts an empty folder over one, seen by this process and its children alone. Only where may_cover().
void cover(const char* folder);
/// Whether this process may change what is mounted, for itself, be it in a user namespace: in a container not even
/// root.
bool may_cover();
/// Whether it takes a user namespace, from which the kernel lets nobody count a process outside.
bool covers_in_user_namespace();
/// A disk of 64 KiB of its own in this folder, which nobody else sees.
void mount_small_disk(const std::string& folder);

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

/// A command whose status tells that it ran.
inline const std::vector<std::string> exit_3{"--", "sh", "-c", "exit 3"};
/// Arguments, and more behind them.
std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more = exit_3);

/// A pipe with a name that is full, so that whoever writes to it waits until drain().
class FullPipe {
public:
    explicit FullPipe(std::string path);
    FullPipe(const FullPipe&) = delete;
    FullPipe& operator=(const FullPipe&) = delete;
    ~FullPipe();
    /// All that was in it since the last call.
    std::string drain();

private:
    std::string path_;
    int fd_ = -1;
    std::array<char, 4096> page_{};
};

/// A terminal, for a child that becomes the leader of its session.
class Terminal {
public:
    Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal();
    /// In the child.
    void take() const;
    void type(char key) const;
    void hang_up();
    static constexpr char ctrl_c = '\x03';

private:
    int fd_;
    std::string name_;
};

/// Waits until pmcstat waits for what comes, with all open.
void await_counting(pid_t pmcstat);

/// Whether this line of a report has a value, or would have if the target had got a CPU: of a process on a busy
/// machine.
bool is_counted(const std::string& line);

/// In this state a command, a process and all CPUs are counted as ever; the process runs on.
void check_all_counted(const process::Setting& setting);

/// process::run, with an empty folder as TMPDIR; checks that afterwards no process that it started is alive (daemons
/// too) and that the folder is empty. For a command that ends by itself or by the fault.
Outcome run_leaving_nothing(std::vector<std::string> argv, process::Setting setting = {});
/// The same of pmcstat.
Outcome pmcstat_leaving_nothing(std::vector<std::string> arguments, process::Setting setting = {});

/// An error with a hint, 125.
void check_refused(const Outcome& outcome);
/// Whether whoever runs the tests may count CPUs: not everybody, nor everywhere.
bool may_count_cpus();
/// Whether pmcstat's arguments ask for CPUs and those may not be counted: then it was checked that pmcstat refuses
/// them, 125, with a hint, and there is no more to be seen of them.
bool are_refused(const std::vector<std::string>& arguments);

/// What this process holds: for the library in a program. Two are equal if nothing was left.
struct Holdings {
    std::size_t files = 0;    ///< open descriptors
    std::size_t mappings = 0; ///< of perf events
    std::size_t threads = 0;

    static Holdings now();
    bool operator==(const Holdings&) const = default;
};

} // namespace fault
