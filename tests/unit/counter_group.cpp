#include <doctest/doctest.h>

#include <pmc/counter_group.hpp>

#include "counter/open_event.hpp"

#include "fake_kernel.hpp"
#include "oracle.hpp"
#include "sample_events.hpp"

#include <cerrno>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

using pmc::Cause;
using pmc::CounterGroup;
using pmc::CounterId;
using pmc::ErrorKind;
using pmc::Reading;
using pmc::Stage;
using pmc::State;

namespace {

std::vector<pmc::Event> three() {
    return {sample::cycles(), sample::instructions(), sample::branches()};
}

pmc::Error error_of(std::vector<pmc::Event> events) {
    pmc::reset_probe_cache();
    auto group = CounterGroup::open(std::move(events));
    pmc::reset_probe_cache();
    REQUIRE_FALSE(group);
    return group.error();
}

} // namespace

TEST_SUITE("counter_group") {
    TEST_CASE("a group is moved, not copied") {
        CHECK_FALSE(std::is_copy_constructible_v<CounterGroup>);
        CHECK(std::is_nothrow_move_constructible_v<CounterGroup>);
        CHECK(std::is_nothrow_move_assignable_v<CounterGroup>);
        CHECK(noexcept(std::declval<const CounterGroup&>().read()));
    }

    TEST_CASE("the group is built with its leader disabled, and started by one switch") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const auto group = CounterGroup::open(three());
        REQUIRE(group);
        REQUIRE(kernel.opens().size() == 3);
        for (std::size_t i = 0; i < 3; ++i) {
            const fake::OpenCall& call = kernel.opens()[i];
            CHECK(call.pid == 0);
            CHECK(call.cpu == -1);
            CHECK(call.flags == PERF_FLAG_FD_CLOEXEC);
            CHECK(call.group_fd == (i == 0 ? -1 : kernel.opens()[0].fd));
            CHECK(call.attr.disabled == (i == 0 ? 1 : 0));
            CHECK_FALSE(call.attr.inherit);
            CHECK_FALSE(call.attr.enable_on_exec);
            CHECK(call.attr.exclude_kernel);
        }
        REQUIRE(kernel.ioctls().size() == 1);
        CHECK(kernel.ioctls()[0].fd == kernel.opens()[0].fd);
        CHECK(kernel.ioctls()[0].request == PERF_EVENT_IOC_ENABLE);
    }

    TEST_CASE("the siblings are closed before their leader, or they would count on alone") {
        fake::Kernel kernel{fake::Kernel::made_up};
        { REQUIRE(CounterGroup::open(three())); }
        REQUIRE(kernel.closes().size() == 3);
        CHECK(kernel.closes()[2] == kernel.opens()[0].fd);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("one read gives all counts with their times") {
        fake::Kernel kernel{fake::Kernel::made_up};
        auto group = CounterGroup::open(three());
        REQUIRE(group);
        kernel.set_times(100, 50);
        kernel.set_value(0, 7);
        kernel.set_value(1, 8);
        kernel.set_value(2, 9);
        const std::size_t before = kernel.reads();
        const Reading reading = group->read();
        CHECK(kernel.reads() == before + 1);
        CHECK(reading.size() == 3);
        const auto [cycles, instructions, branches] = group->ids<3>();
        CHECK(reading[cycles].raw() == 7);
        CHECK(reading[instructions].raw() == 8);
        CHECK(reading[branches].raw() == 9);
        CHECK(reading[branches].value() == 18.0);
        CHECK(reading.enabled_ns() == 100);
        CHECK(reading.running_ns() == 50);
        CHECK(group->read_path() == pmc::ReadPath::system_call);
    }

    TEST_CASE("a software event asked for first does not lead, but keeps its place") {
        fake::Kernel kernel{fake::Kernel::made_up};
        auto group = CounterGroup::open(std::vector{sample::task_clock(), sample::cycles(), sample::page_faults()});
        REQUIRE(group);
        CHECK(kernel.opens()[0].attr.type == PERF_TYPE_HARDWARE);
        kernel.set_value(0, 10); // cycles
        kernel.set_value(1, 20); // task-clock
        kernel.set_value(2, 30); // page-faults
        const Reading reading = group->read();
        const auto [clock, cycles, faults] = group->ids<3>();
        CHECK(reading[clock].raw() == 20);
        CHECK(reading[cycles].raw() == 10);
        CHECK(reading[faults].raw() == 30);
        CHECK(group->id("cycles").index == 1);
    }

    TEST_CASE("a read that gives nothing, too little, an error or other counters is not counted") {
        fake::Kernel kernel{fake::Kernel::made_up};
        auto group = CounterGroup::open(three());
        REQUIRE(group);
        const Reading good = group->read();
        REQUIRE(good.state() == State::counted);
        SUBCASE("end of file: a group in error") {
            kernel.on_read([](std::vector<std::uint64_t>& words) {
                words.clear();
                return 0;
            });
        }
        SUBCASE("short") {
            kernel.on_read([](std::vector<std::uint64_t>& words) {
                words.pop_back();
                return 0;
            });
        }
        SUBCASE("another number of counters") {
            kernel.on_read([](std::vector<std::uint64_t>& words) {
                words[0] = 1;
                return 0;
            });
        }
        SUBCASE("error") {
            kernel.on_read([](std::vector<std::uint64_t>&) { return -ECHILD; });
        }
        SUBCASE("never on the PMU") {
            kernel.set_times(500, 0);
        }
        const Reading bad = group->read();
        CHECK(bad.state() == State::not_counted);
        CHECK(bad.size() == 3);
        CHECK_FALSE(bad[CounterId{0}].has_value());
        CHECK((bad - good).state() == State::not_counted);
        CHECK((good - bad).state() == State::not_counted);
    }

    TEST_CASE("a read that is interrupted is asked again, when it opens and later") {
        fake::Kernel kernel{fake::Kernel::made_up};
        int reads = 0;
        kernel.on_read([&](std::vector<std::uint64_t>&) { return ++reads % 3 == 0 ? 0 : -EINTR; });
        auto group = CounterGroup::open(three());
        REQUIRE(group);
        const Reading before = group->read();
        CHECK(before.state() == State::counted);
        CHECK((group->read() - before).state() == State::counted);
        CHECK(reads == 9);
    }

    TEST_CASE("readings of two groups of the same events don't mix") {
        fake::Kernel kernel{fake::Kernel::made_up};
        auto one = CounterGroup::open(three());
        auto two = CounterGroup::open(three());
        REQUIRE(one);
        REQUIRE(two);
        CHECK((two->read() - one->read()).state() == State::not_counted);
        CHECK((one->read() - one->read()).state() == State::counted);
    }

    TEST_CASE("a moved-from group reads as not counted, and closes nothing") {
        fake::Kernel kernel{fake::Kernel::made_up};
        auto opened = CounterGroup::open(three());
        REQUIRE(opened);
        CounterGroup group = std::move(*opened);
        const Reading before = group.read();
        CounterGroup moved = std::move(group);
        CHECK(group.read().state() == State::not_counted); // NOLINT(bugprone-use-after-move): that is the question
        CHECK(group.size() == 0);
        CHECK(group.events().empty());
        CHECK(kernel.live() == 3);
        CHECK((moved.read() - before).state() == State::counted);
        moved = std::move(group);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("every open of a group may fail with any errno: the cause is told, and no file is left") {
        for (const int error : {EACCES, EPERM, ENOENT, EINVAL, EMFILE, ENOSPC, EBUSY, ENOSYS, EOPNOTSUPP, ESRCH}) {
            for (std::size_t nth = 0; nth < 3; ++nth) {
                CAPTURE(error);
                CAPTURE(nth);
                fake::Kernel kernel{fake::Kernel::made_up};
                const std::uint64_t failing = three()[nth].config;
                kernel.fail_open_if(
                    [&](const fake::OpenCall& call) { return call.attr.config == failing ? error : 0; });
                const pmc::Error told = error_of(three());
                CHECK(told.kind() == ErrorKind::not_available);
                CHECK(told.stage() == Stage::open);
                CHECK(told.subject() == three()[nth].name);
                CHECK(told.error_number() == error);
                const pmc::Reason expected = pmc::Machine::host().why(error, told.subject(), "cpu", false);
                CHECK(told.reason().cause == expected.cause);
                CHECK(told.reason().evidence == expected.evidence);
                CHECK_FALSE(told.tried().empty());
                CHECK(kernel.live() == 0);
            }
        }
    }

    TEST_CASE("a group that the kernel finds too large says so") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.limit_group(2);
        const pmc::Error told = error_of(three());
        CHECK(told.reason().cause == Cause::group_too_large);
        CHECK(told.subject() == "branches");
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("a group that opens but never runs is found out (arm64 overlooks a disabled leader)") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.limit_group(2);
        kernel.overlook_disabled_leader();
        const pmc::Error told = error_of(three());
        CHECK(told.stage() == Stage::verify);
        CHECK(told.reason().cause == Cause::group_too_large);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("a group that fits but never runs is kept out by somebody else") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.set_times(1000, 0);
        const pmc::Error told = error_of(three());
        CHECK(told.stage() == Stage::verify);
        CHECK(told.reason().cause == Cause::counters_busy);
        CHECK_FALSE(told.hint().empty());
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("a group whose first reads come before the clock moved is given time") {
        fake::Kernel kernel{fake::Kernel::made_up};
        int reads = 0;
        kernel.on_read([&](std::vector<std::uint64_t>& words) {
            if (++reads < 4)
                words[1] = words[2] = 0;
            return 0;
        });
        CHECK(CounterGroup::open(three()));
    }

    TEST_CASE("a group that can't be started says so") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_ioctl(ENODEV);
        const pmc::Error told = error_of(three());
        CHECK(told.stage() == Stage::enable);
        CHECK(told.error_number() == ENODEV);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("what has no meaning is refused before the kernel is asked") {
        fake::Kernel kernel{fake::Kernel::made_up};
        SUBCASE("no event") {
            CHECK(error_of({}).kind() == ErrorKind::misuse);
        }
        SUBCASE("more than a reading holds") {
            CHECK(error_of(std::vector<pmc::Event>(17, sample::cycles())).kind() == ErrorKind::misuse);
        }
        SUBCASE("two PMUs") {
            const pmc::Error told = error_of({sample::cycles(), sample::event("atom", "cpu_atom", 10, 1)});
            CHECK(told.kind() == ErrorKind::misuse);
            CHECK(std::string{told.what()}.find("cpu_atom") != std::string::npos);
            CHECK_FALSE(told.hint().empty());
        }
        SUBCASE("context switches in user mode: they would read 0 for ever") {
            CHECK(error_of({sample::context_switches()}).reason().cause == Cause::needs_kernel_mode);
        }
        SUBCASE("a socket's energy") {
            CHECK(error_of({sample::energy()}).reason().cause == Cause::counts_elsewhere);
        }
        SUBCASE("an event that this machine lacks") {
            pmc::Event event = sample::branches();
            event.unavailable = {.cause = Cause::not_on_this_cpu, .error = 0, .evidence = "x", .remedy = ""};
            CHECK(error_of({sample::cycles(), event}).reason().cause == Cause::not_on_this_cpu);
        }
        CHECK(kernel.opens().empty());
    }

    TEST_CASE("16 events fit into one group") {
        fake::Kernel kernel{fake::Kernel::made_up};
        auto group = CounterGroup::open(std::vector<pmc::Event>(16, sample::page_faults()));
        REQUIRE(group);
        CHECK(group->read()[CounterId{15}].raw() == 16000);
    }

    TEST_CASE("ids are as many as the counters, and known by name") {
        fake::Kernel kernel{fake::Kernel::made_up};
        auto group = CounterGroup::open(three());
        REQUIRE(group);
        CHECK(group->size() == 3);
        CHECK(group->events()[2].name == "branches");
        CHECK_THROWS_AS((void)group->ids<2>(), pmc::Error);
        CHECK(group->id("branches").index == 2);
        try {
            (void)group->id("tea");
            FAIL("no exception");
        } catch (const pmc::Error& error) {
            CHECK(error.kind() == ErrorKind::unknown_name);
            CHECK(error.hint().find("cycles, instructions, branches") != std::string::npos);
        }
    }

    TEST_CASE("names are resolved, one each or as a list") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const CounterGroup list{"task-clock,page-faults:u"};
        CHECK(list.size() == 2);
        CHECK(list.events()[1].name == "page-faults:u");
        CHECK(list.events()[1].mode == pmc::Mode::user);
        const CounterGroup names{"task-clock", "{page-faults,minor-faults}:uk"};
        CHECK(names.size() == 3);
        CHECK_FALSE(kernel.opens().back().attr.exclude_kernel);
    }

    TEST_CASE("a metric's name is an error whose hint names MetricSet") {
        const auto group = CounterGroup::open({"ipc"});
        REQUIRE_FALSE(group);
        CHECK(group.error().kind() == ErrorKind::unknown_name);
        CHECK(group.error().hint().find("MetricSet") != std::string::npos);
        CHECK_THROWS_AS((CounterGroup{"ipc"}), pmc::Error);
        const auto formula = CounterGroup::open({"x=cycles/instructions"});
        REQUIRE_FALSE(formula);
        CHECK(formula.error().kind() == ErrorKind::misuse);
        const auto nonsense = CounterGroup::open({"task-clock,,"});
        REQUIRE_FALSE(nonsense);
        CHECK(nonsense.error().kind() == ErrorKind::syntax);
    }

    TEST_CASE("the real kernel counts page faults exactly, in a group") {
        fake::Kernel kernel;
        {
            auto group =
                CounterGroup::open(std::vector{sample::page_faults(), sample::minor_faults(), sample::task_clock()});
            REQUIRE(group);
            const auto [faults, minor, clock] = group->ids<3>();
            oracle::fault(4); // brings the code itself into memory
            (void)(group->read() - group->read());
            const Reading before = group->read();
            oracle::fault(64);
            const Reading spent = group->read() - before;
            CHECK(spent[faults].value() == 64.0);
            CHECK(spent[minor].value() == 64.0);
            CHECK(spent[clock].value() > 0.0);
            CHECK(spent[faults].coverage() == 1.0);
        }
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("a group counts the thread that made it, whichever thread reads it") {
        auto group = CounterGroup::open(std::vector{sample::minor_faults()});
        REQUIRE(group);
        oracle::fault(1);
        Reading before;
        Reading after;
        std::thread other{[&] {
            before = group->read();
            oracle::fault(64);
            after = group->read();
        }};
        other.join();
        CHECK((after - before)[CounterId{0}].value() < 64.0);
    }

    TEST_CASE("the real kernel counts the calls of a function exactly") {
        auto group = CounterGroup::open(std::vector{oracle::calls(), sample::task_clock()});
        if (!group) { // without CAP_PERFMON
            CHECK(group.error().reason().cause == Cause::paranoid);
            return;
        }
        const Reading before = group->read();
        oracle::call(1234);
        CHECK((group->read() - before)[CounterId{0}].value() == 1234.0);
    }
}
