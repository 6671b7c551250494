#include <doctest/doctest.h>

#include "session/attach.hpp"

#include "kernel/child.hpp"

#include "fake_kernel.hpp"
#include "oracle.hpp"
#include "sample_events.hpp"

#include <pmc/session.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using pmc::Attached;
using pmc::Cause;
using pmc::CounterSet;
using pmc::Counts;
using pmc::MetricSet;
using pmc::Rows;
using pmc::Target;

namespace {

constexpr int pages = 25;

/// Threads that wait until they are let go, touch so many pages each, and wait again until they may end.
class Crowd {
public:
    Crowd() = default;
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;
    ~Crowd() {
        let_go();
        may_end_ = true;
        may_end_.notify_all();
        for (std::thread& thread : threads_)
            thread.join();
    }
    void add() {
        threads_.emplace_back([this] {
            oracle::fault(1); // what a thread's first use of its stack and of the allocator brings
            ids_lock_.lock();
            ids_.push_back(gettid());
            ids_lock_.unlock();
            ++ready_;
            ready_.notify_all();
            may_run_.wait(false);
            oracle::fault(pages);
            ++done_;
            done_.notify_all();
            may_end_.wait(false);
        });
        for (int ready = ready_; ready < static_cast<int>(threads_.size()); ready = ready_)
            ready_.wait(ready);
    }
    void let_go() {
        may_run_ = true;
        may_run_.notify_all();
        for (int done = done_; done < static_cast<int>(threads_.size()); done = done_)
            done_.wait(done);
    }
    [[nodiscard]] const std::vector<pid_t>& ids() const { return ids_; }
    [[nodiscard]] int size() const { return static_cast<int>(threads_.size()); }

private:
    std::atomic<bool> may_run_ = false, may_end_ = false;
    std::atomic<int> ready_ = 0, done_ = 0;
    std::mutex ids_lock_;
    std::vector<pid_t> ids_;
    std::vector<std::thread> threads_;
};

MetricSet faults() {
    return *MetricSet::parse("minor-faults:u");
}

std::uint64_t raw(Attached& attached, std::size_t row) {
    Counts counts;
    attached.counters.read();
    attached.counters.counts(row, CounterSet::Since::start, counts);
    return counts.at(0).count.raw();
}

pid_t ended_child() {
    const pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitpid(pid, nullptr, 0);
    return pid;
}

} // namespace

TEST_SUITE("attach") {
    TEST_CASE("every thread of a process is counted, and has a row if asked for") {
        Crowd crowd;
        for (int i = 0; i < 8; ++i)
            crowd.add();
        const MetricSet set = faults();
        const Target target{.pids = {getpid()}, .rows = Rows::thread};
        auto attached = pmc::attach_to_threads(set.state(), target);
        REQUIRE(attached);
        CHECK(attached->notes.empty());
        CHECK(attached->rows.size() >= 9);
        attached->counters.enable();
        crowd.let_go();
        for (const pid_t tid : crowd.ids()) {
            const auto row = std::ranges::find(attached->rows, std::to_string(tid), &pmc::Sample::id);
            REQUIRE(row != attached->rows.end());
            CHECK(row->scope == "thread");
            CHECK_FALSE(row->name.empty());
            CHECK(raw(*attached, static_cast<std::size_t>(row - attached->rows.begin())) == pages);
        }
    }

    TEST_CASE("threads to come are counted too, and those of -i are not") {
        for (const bool inherit : {true, false}) {
            CAPTURE(inherit);
            const MetricSet set = faults();
            auto attached = pmc::attach_to_threads(set.state(), {.pids = {getpid()}, .inherit = inherit});
            REQUIRE(attached);
            attached->counters.enable();
            std::thread([] { oracle::fault(1000); }).join();
            CHECK((raw(*attached, 0) >= 1000) == inherit);
        }
    }

    TEST_CASE("threads that are made while it attaches are neither lost nor counted twice") {
        const MetricSet set = *MetricSet::parse("minor-faults:u,context-switches,cpu-migrations,task-clock");
        int whole = 0;
        for (int attempt = 0; attempt < 40 && whole < 5; ++attempt) {
            Crowd crowd;
            for (int i = 0; i < 400; ++i)
                crowd.add();
            std::atomic<bool> making = false;
            std::thread maker([&] {
                for (int i = 0; i < 60; ++i) {
                    crowd.add();
                    making = true;
                    making.notify_all();
                }
            });
            making.wait(false);
            auto attached = pmc::attach_to_threads(set.state(), {.pids = {getpid()}});
            maker.join();
            REQUIRE(attached);
            if (!attached->notes.empty()) // it says that it may have lost some
                continue;
            ++whole;
            attached->counters.enable();
            const std::uint64_t before = raw(*attached, 0);
            crowd.let_go();
            const std::uint64_t spent = raw(*attached, 0) - before;
            // This thread and the kernel's waking of others may have a few of their own; a lost or doubled thread
            // has 25.
            CHECK(spent >= static_cast<std::uint64_t>(pages * crowd.size()));
            CHECK(spent < static_cast<std::uint64_t>(pages * (crowd.size() + 1)));
        }
        CHECK(whole == 5);
    }

    TEST_CASE("a process that is not there is an error by itself, and a note beside one that is") {
        const MetricSet set = faults();
        const pid_t gone = ended_child();
        const auto none = pmc::attach_to_threads(set.state(), {.pids = {gone}});
        REQUIRE_FALSE(none);
        CHECK(none.error().reason().cause == Cause::target_gone);
        CHECK(none.error().message() == "process " + std::to_string(gone) + ": there is no such process");
        const auto some = pmc::attach_to_threads(set.state(), {.pids = {gone, getpid()}});
        REQUIRE(some);
        REQUIRE(some->notes.size() == 1);
        CHECK(some->notes[0].find(std::to_string(gone)) != std::string::npos);
        CHECK(some->processes == std::vector<pid_t>{getpid()});
    }

    TEST_CASE("a process that has ended but was not waited for is not there") {
        const pid_t zombie = fork();
        if (zombie == 0)
            _exit(0);
        siginfo_t info{};
        waitid(P_PID, static_cast<id_t>(zombie), &info, WEXITED | WNOWAIT);
        const MetricSet set = faults();
        CHECK_FALSE(pmc::attach_to_threads(set.state(), {.pids = {zombie}}));
        waitpid(zombie, nullptr, 0);
    }

    TEST_CASE("a process that ends between two looks at it is gone: an error, nothing stays open") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const MetricSet set = *MetricSet::parse("task-clock,page-faults");
        kernel.fail_open_if([&](const fake::OpenCall&) { return ESRCH; });
        const auto attached = pmc::attach_to_threads(set.state(), {.pids = {getpid()}});
        REQUIRE_FALSE(attached);
        CHECK(attached.error().reason().cause == Cause::target_gone);
        CHECK(attached.error().message().ends_with("it has ended before it could be counted"));
        CHECK(attached.error().hint().find("ps") != std::string::npos);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("too many files: the error has the arithmetic, and nothing stays open") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const MetricSet set = *MetricSet::parse("task-clock,page-faults");
        kernel.fail_open_if([&](const fake::OpenCall&) { return kernel.opens().size() > 2 ? EMFILE : 0; });
        Crowd crowd;
        for (int i = 0; i < 3; ++i)
            crowd.add();
        const auto attached = pmc::attach_to_threads(set.state(), {.pids = {getpid()}});
        REQUIRE_FALSE(attached);
        CHECK(attached.error().reason().cause == Cause::too_many_files);
        CHECK(attached.error().message().find("2 events in 1 group take 2 on each of ") != std::string::npos);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("somebody else's process among others is left out, with a note") {
        fake::Kernel kernel{fake::Kernel::made_up};
        auto child = pmc::kernel::Child::spawn({{"true"}});
        REQUIRE(child);
        const MetricSet set = faults();
        kernel.fail_open_if([&](const fake::OpenCall& call) { return call.pid == child->pid() ? EACCES : 0; });
        const auto attached = pmc::attach_to_threads(set.state(), {.pids = {child->pid(), getpid()}});
        REQUIRE(attached);
        CHECK(attached->notes.size() == 1);
        CHECK(attached->processes == std::vector<pid_t>{getpid()});
        CHECK_FALSE(pmc::attach_to_threads(set.state(), {.pids = {child->pid()}}));
    }

    TEST_CASE("a thread's number stands for its process, and nothing is counted twice") {
        Crowd crowd;
        crowd.add();
        const MetricSet set = faults();
        auto attached = pmc::attach_to_threads(
            set.state(), {.pids = {crowd.ids()[0], getpid(), getpid()}, .tids = {crowd.ids()[0]}});
        REQUIRE(attached);
        CHECK(attached->processes == std::vector<pid_t>{getpid()});
        attached->counters.enable();
        const std::uint64_t before = raw(*attached, 0);
        crowd.let_go();
        CHECK(raw(*attached, 0) - before < 2 * pages);
    }
}
