#include <doctest/doctest.h>

#include "kernel/end_watch.hpp"

#include <atomic>
#include <poll.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using pmc::kernel::EndWatch;

namespace {

bool is_readable(int fd, int timeout_ms) {
    pollfd one{fd, POLLIN, 0};
    return poll(&one, 1, timeout_ms) == 1;
}

/// A child that ends when its end of a pipe is closed.
struct Child {
    pid_t pid = 0;
    int end = -1;
    Child() {
        int channel[2] = {-1, -1};
        REQUIRE(pipe(channel) == 0);
        pid = fork();
        if (pid == 0) {
            char byte = 0;
            close(channel[1]);
            (void)!read(channel[0], &byte, 1);
            _exit(0);
        }
        close(channel[0]);
        end = channel[1];
    }
    void finish() {
        close(end);
        waitpid(pid, nullptr, 0);
    }
};

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
}
