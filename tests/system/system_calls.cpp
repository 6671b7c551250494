#include "system_calls.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <doctest/doctest.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

[[noreturn]] void become(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
    for (const std::string& variable : environment)
        putenv(const_cast<char*>(variable.c_str()));
    std::vector<char*> words(argv.size() + 1); // ends with a null pointer
    std::ranges::transform(argv, words.begin(),
                           [](const std::string& word) { return const_cast<char*>(word.c_str()); });
    // Where a library comes to lie decides how many calls the loader needs to align it.
    personality(ADDR_NO_RANDOMIZE);
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    execvp(words[0], words.data());
    _exit(127);
}

} // namespace

std::map<long, int> system_calls(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
    const pid_t pid = fork();
    if (pid == 0)
        become(argv, environment);
    std::map<long, int> calls;
    int status = 0;
    waitpid(pid, &status, 0);
    ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    int signal = 0;
    while (true) {
        ptrace(PTRACE_SYSCALL, pid, nullptr, signal);
        if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
            break;
        signal = 0;
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status); // the exec itself
            continue;
        }
        __ptrace_syscall_info info{};
        ptrace(static_cast<__ptrace_request>(PTRACE_GET_SYSCALL_INFO), pid, sizeof info, &info);
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
            ++calls[static_cast<long>(info.entry.nr)];
    }
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    return calls;
}
