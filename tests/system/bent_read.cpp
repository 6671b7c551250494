#include "bent_read.hpp"

#include "process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <elf.h>
#include <sstream>
#include <string>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bent_read {
namespace {

constexpr int stopped_by_call = SIGTRAP | 0x80; // PTRACE_O_TRACESYSGOOD

/// What a thread has in its registers, as far as a system call is concerned.
class Registers {
public:
    explicit Registers(pid_t pid) : pid_(pid) {
        iovec all{&registers_, sizeof registers_};
        ptrace(PTRACE_GETREGSET, pid_, NT_PRSTATUS, &all);
    }
    /// At the entry: no system call is made.
    void forget_call() {
#if defined(__x86_64__)
        registers_.orig_rax = static_cast<decltype(registers_.orig_rax)>(-1);
        write();
#else
        int none = -1;
        iovec number{&none, sizeof none};
        ptrace(PTRACE_SETREGSET, pid_, NT_ARM_SYSTEM_CALL, &number);
#endif
    }
    /// At the entry: the third argument.
    void set_size(unsigned long size) {
#if defined(__x86_64__)
        registers_.rdx = size;
#else
        registers_.regs[2] = size;
#endif
        write();
    }
    /// At the exit.
    [[nodiscard]] long result() const {
#if defined(__x86_64__)
        return static_cast<long>(registers_.rax);
#else
        return static_cast<long>(registers_.regs[0]);
#endif
    }
    void set_result(long result) {
#if defined(__x86_64__)
        registers_.rax = static_cast<unsigned long>(result);
#else
        registers_.regs[0] = static_cast<unsigned long>(result);
#endif
        write();
    }

private:
    void write() {
        iovec all{&registers_, sizeof registers_};
        ptrace(PTRACE_SETREGSET, pid_, NT_PRSTATUS, &all);
    }

    pid_t pid_;
    user_regs_struct registers_{};
};

/// Goes on to the next system call's entry or exit, or to the end; false: it has ended, or is about to.
bool go_on(pid_t pid) {
    int signal = 0;
    for (;;) {
        int status = 0;
        if (ptrace(PTRACE_SYSCALL, pid, nullptr, signal) != 0 || waitpid(pid, &status, 0) != pid ||
            !WIFSTOPPED(status) || status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
            return false;
        if (WSTOPSIG(status) == stopped_by_call)
            return true;
        signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status); // the exec itself
    }
}

/// Whether the instruction is the dynamic loader's.
bool is_of_loader(pid_t pid, std::uint64_t at) {
    std::istringstream maps(process::read_file("/proc/" + std::to_string(pid) + "/maps"));
    for (std::string line; std::getline(maps, line);) {
        char* rest = nullptr;
        const std::uint64_t begin = std::strtoull(line.c_str(), &rest, 16);
        const std::uint64_t end = std::strtoull(rest + 1, nullptr, 16);
        if (at >= begin && at < end)
            return contains(line, "/ld-");
    }
    return false;
}

bool is_read(pid_t pid) {
    __ptrace_syscall_info info{};
    ptrace(static_cast<__ptrace_request>(PTRACE_GET_SYSCALL_INFO), pid, sizeof info, &info);
    const auto number = static_cast<long>(info.entry.nr);
    return info.op == PTRACE_SYSCALL_INFO_ENTRY &&
           (number == SYS_read || number == SYS_pread64 || number == SYS_recvfrom) &&
           !is_of_loader(pid, info.instruction_pointer);
}

/// From the entry of a read to its exit.
void bend_this(pid_t pid, How how) {
    if (how == How::interrupted || how == How::ended)
        Registers(pid).forget_call();
    else if (how == How::one_byte)
        Registers(pid).set_size(1);
    if (!go_on(pid))
        return;
    Registers after(pid);
    if (how == How::interrupted)
        after.set_result(-EINTR);
    else if (how == How::ended)
        after.set_result(0);
    else if (how == How::half && after.result() > 1)
        after.set_result(after.result() / 2);
}

} // namespace

void offer() {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
}

long bend(pid_t pid, long nth, How how) {
    int status = 0;
    waitpid(pid, &status, WUNTRACED);
    ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
    long reads = 0;
    while (reads <= nth && go_on(pid)) {
        if (!is_read(pid))
            continue;
        if (reads++ == nth)
            bend_this(pid, how);
    }
    ptrace(PTRACE_DETACH, pid, nullptr, 0);
    return reads;
}

} // namespace bent_read
