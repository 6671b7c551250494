#include "traced.hpp"

#include "fault.hpp"

#include <csignal>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace traced {
namespace {

/// From its exec to the beginning of the call. False if it ends before.
bool run_to(int call, pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0); // the exec
    ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    int signal = 0;
    for (int calls = 0; true;) {
        ptrace(PTRACE_SYSCALL, pid, nullptr, signal);
        siginfo_t ended{};
        if (waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WSTOPPED | WNOWAIT) != 0 ||
            ended.si_code != CLD_TRAPPED)
            return false; // its status is left for process::run
        waitpid(pid, &status, 0);
        signal = 0;
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            signal = WSTOPSIG(status);
            continue;
        }
        __ptrace_syscall_info info{};
        ptrace(static_cast<__ptrace_request>(PTRACE_GET_SYSCALL_INFO), pid, sizeof info, &info);
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY && ++calls == call)
            return true;
    }
}

/// Waits until it has ended; whether by a signal.
bool ends_by_signal(pid_t pid) {
    const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    pollfd end{pidfd, POLLIN, 0};
    constexpr int long_ms = 20'000;
    poll(&end, 1, long_ms);
    close(pidfd);
    siginfo_t ended{};
    waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT);
    return ended.si_code == CLD_KILLED || ended.si_code == CLD_DUMPED;
}

} // namespace

Run pmcstat_at(int call, std::vector<std::string> arguments, const std::function<void(pid_t)>& act,
               process::Setting setting) {
    Run run;
    setting.in_child = [before = std::move(setting.in_child)] {
        if (before)
            before();
        fault::limit(RLIMIT_CORE, 0);
        ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    };
    setting.while_running = [&](pid_t pid) {
        run.has_reached = run_to(call, pid);
        if (run.has_reached) {
            act(pid);
            ptrace(PTRACE_DETACH, pid, nullptr, 0);
        }
        run.was_killed = ends_by_signal(pid);
    };
    run.outcome = fault::pmcstat_leaving_nothing(std::move(arguments), setting);
    return run;
}

} // namespace traced
