#include <doctest/doctest.h>

#include "kernel/end_watch.hpp"

#include "allocations.hpp"
#include "fake_kernel.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using pmc::kernel::EndWatch;

namespace {

bool is_readable(int fd, int timeout_ms) {
    pollfd one{fd, POLLIN, 0};
    return poll(&one, 1, timeout_ms) == 1;
}

/// A child that ends when its end of a channel is closed.
struct Child {
    pid_t pid = 0;
    int end = -1;
    Child() {
        int channel[2] = {-1, -1};
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, channel) == 0);
        pid = fork();
        if (pid == 0) {
            char byte = 0;
            close(channel[1]);
            while (read(channel[0], &byte, 1) == 1) {
                byte = take_other_rights() ? 'y' : 'n';
                (void)!write(channel[0], &byte, 1);
            }
            _exit(0);
        }
        close(channel[0]);
        end = channel[1];
    }
    /// Whether they changed as by the exec of a program that is setuid nobody. Whoever may not do that shuts others
    /// out, at the least.
    [[nodiscard]] bool change_rights() const {
        char byte = 0;
        REQUIRE(write(end, &byte, 1) == 1);
        REQUIRE(read(end, &byte, 1) == 1);
        return byte == 'y';
    }
    void finish() {
        close(end);
        waitpid(pid, nullptr, 0);
    }

private:
    static bool take_other_rights() {
        constexpr auto as_it_is = static_cast<uid_t>(-1);
        constexpr uid_t nobody = 65534;
        if (geteuid() == 0 && setresuid(as_it_is, nobody, nobody) == 0)
            return true;
        prctl(PR_SET_DUMPABLE, 0);
        return false;
    }
};

/// Whether it was short of memory for its look, which had so many calls of operator new.
bool looks_with(EndWatch& watch, std::size_t allocations) {
    const ShortMemory memory(allocations);
    (void)watch.all_ended();
    return ShortMemory::was_short();
}

/// More than a look at one process takes.
constexpr std::size_t most_allocations = 100;

} // namespace

TEST_SUITE("end_watch") {
    TEST_CASE("it is the last end that counts") {
        Child first;
        Child second;
        EndWatch watch;
        CHECK_FALSE(watch.all_ended());
        watch.add_process(first.pid);
        watch.add_process(second.pid);
        CHECK_FALSE(is_readable(watch.fd(), 0));
        close(second.end);
        CHECK(is_readable(watch.fd(), 5000)); // before it is waited for
        CHECK_FALSE(watch.all_ended());
        CHECK_FALSE(is_readable(watch.fd(), 0));
        first.finish();
        CHECK(is_readable(watch.fd(), 5000));
        CHECK(watch.all_ended());
        CHECK(is_readable(watch.fd(), 0)); // for whoever waits, though somebody else asked
        CHECK(watch.all_ended());
        waitpid(second.pid, nullptr, 0);
    }

    TEST_CASE("one that is gone already has ended") {
        Child child;
        child.finish();
        EndWatch watch;
        watch.add_process(child.pid);
        CHECK(watch.all_ended());
    }

    TEST_CASE("a thread that is not its process's first ends by itself") {
        std::atomic<pid_t> tid = 0;
        std::atomic<bool> may_end = false;
        std::thread thread([&] {
            tid = gettid();
            tid.notify_all();
            may_end.wait(false);
        });
        tid.wait(0);
        EndWatch watch;
        watch.add_thread(tid);
        CHECK_FALSE(watch.all_ended());
        may_end = true;
        may_end.notify_all();
        thread.join();
        bool ended = false;
        for (int look = 0; look < 50 && !ended; ++look)
            ended = is_readable(watch.fd(), 5000) && watch.all_ended();
        CHECK(ended);
    }

    TEST_CASE("without memory the news of ended counters wait, where it is looked for, and nobody is ended by it") {
        Child child;
        std::vector<EndWatch> watches(most_allocations);
        {
            fake::Kernel kernel;
            kernel.fail_open_if([](const fake::OpenCall&) { return EACCES; });
            for (EndWatch& watch : watches)
                watch.add_counters(child.pid);
        }
        (void)child.change_rights();
        std::size_t enough = 0;
        while (enough < watches.size() && looks_with(watches[enough], enough))
            ++enough;
        REQUIRE(enough < watches.size());
        CHECK(enough > 0);
        for (std::size_t i = 0; i <= enough; ++i) {
            CAPTURE(i);
            (void)watches[i].all_ended(); // there is memory again
            CHECK(watches[i].perhaps_without_counters() == std::vector{child.pid});
        }
        child.finish();
    }

    TEST_CASE("without memory the end of a process is learned, and nobody is ended by its counters' end") {
        Child child;
        std::vector<EndWatch> watches(most_allocations);
        for (EndWatch& watch : watches) {
            watch.add_process(child.pid);
            watch.add_counters(child.pid);
        }
        const bool as_by_exec = child.change_rights();
        close(child.end);
        siginfo_t end{};
        REQUIRE(waitid(P_PID, static_cast<id_t>(child.pid), &end, WEXITED | WNOWAIT) == 0);
        std::size_t enough = 0;
        for (bool was_short = true; was_short; ++enough) {
            REQUIRE(enough < watches.size());
            CHECK(is_readable(watches[enough].fd(), 0));
            was_short = looks_with(watches[enough], enough);
            CHECK(watches[enough].all_ended());
        }
        CHECK(enough > 1);
        // Where the kernel refuses the counter, it is looked for.
        const EndWatch& last = watches[enough - 1];
        CHECK(last.without_counters().size() + last.perhaps_without_counters().size() == (as_by_exec ? 1 : 0));
        waitpid(child.pid, nullptr, 0);
    }
}
