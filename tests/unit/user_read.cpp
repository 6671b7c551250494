// CounterGroup over pages made by hand. arm64's instruction runs for real in the lab (tests/system/lab_user_read.cpp).
#ifdef __x86_64__
#include <doctest/doctest.h>

#include <pmc/counter_group.hpp>

#include "allocations.hpp"
#include "fake_counter.hpp"
#include "fake_kernel.hpp"
#include "sample_events.hpp"

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using pmc::Cause;
using pmc::CounterGroup;
using pmc::CounterId;
using pmc::Reading;
using pmc::ReadPath;
using pmc::ReadPolicy;
using pmc::State;

namespace {

constexpr CounterId first{0};
constexpr CounterId second{1};

/// A machine whose counters can be read, as far as a group can tell. The nth event is on counter n, whose page's offset
/// is 1000 × (n + 1), and whose register holds n.
struct Readable {
    explicit Readable(std::size_t size) : pages(size) {
        for (std::size_t i = 0; i < size; ++i) {
            pages[i].emplace();
            const auto index = static_cast<std::uint32_t>(i + 1);
            page(i).set(index, static_cast<std::int64_t>(1000 * (i + 1)));
            page(i).set_times(500, 500);
            give_clock(i, 40);
            counters.set(index, i);
            kernel.set_page(i, &*page(i));
        }
    }
    const fake::Page& page(std::size_t i) { return *pages[i]; }
    /// A clock that stands still, `since` ns after the page's times were taken.
    void give_clock(std::size_t i, std::uint64_t since) {
        page(i)->cap_user_time = 1;
        page(i)->time_mult = 1;
        page(i)->time_shift = 63;
        page(i)->time_offset = since;
    }
    CounterGroup open(ReadPolicy policy = ReadPolicy::automatic) {
        std::vector<pmc::Event> events;
        for (std::size_t i = 0; i < pages.size(); ++i)
            events.push_back(sample::raw(i));
        return CounterGroup::open(std::move(events), policy).value();
    }

    fake::Kernel kernel{fake::Kernel::made_up};
    fake::Counters counters;
    std::vector<std::optional<fake::Page>> pages;
};

bool by_system_call(const CounterGroup& group, const char* because) {
    CAPTURE(group.read_path_reason().evidence);
    return group.read_path() == ReadPath::system_call && group.read_path_reason().cause == Cause::no_user_read &&
           group.read_path_reason().evidence.find(because) != std::string::npos;
}

} // namespace

TEST_SUITE("user_read") {
    TEST_CASE("a group is read by the processor's instruction: no system call, no allocation") {
        Readable machine{2};
        const CounterGroup group = machine.open();
        CHECK(group.read_path() == ReadPath::user_read);
        CHECK_FALSE(group.read_path_reason());
        const std::size_t calls = machine.kernel.reads();
        const std::size_t allocated = allocations();
        const int registers = machine.counters.reads();
        const Reading before = group.read();
        machine.counters.set(1, 7);
        machine.counters.set(2, 0xffff'ffff'ffff); // -1: the page's offset is made for a signed number
        const Reading after = group.read();
        const Reading spent = after - before;
        CHECK(machine.kernel.reads() == calls);
        CHECK(allocations() == allocated);
        CHECK(machine.counters.reads() == registers + 4);
        CHECK(before.size() == 2);
        CHECK(before[first].raw() == 1000);
        CHECK(before[second].raw() == 2001);
        CHECK(before.enabled_ns() == 540);
        CHECK(before.running_ns() == 540);
        CHECK(after[first].raw() == 1007);
        CHECK(after[second].raw() == 1999);
        CHECK(spent.state() == State::not_counted); // it went backwards
        CHECK((after - after)[first].has_value());
    }

    TEST_CASE("any number of counters is read, each into its place") {
        for (std::size_t size = 1; size <= Reading::capacity; ++size) {
            CAPTURE(size);
            Readable machine{size};
            const CounterGroup group = machine.open();
            REQUIRE(group.read_path() == ReadPath::user_read);
            const Reading reading = group.read();
            REQUIRE(reading.size() == size);
            for (std::uint32_t i = 0; i < size; ++i)
                CHECK(reading[{i}].raw() == 1000 * (i + 1) + i);
        }
    }

    TEST_CASE("differences are exact, with the time that passed") {
        Readable machine{1};
        const CounterGroup group = machine.open();
        const Reading before = group.read();
        machine.counters.set(1, 123);
        machine.give_clock(0, 90);
        const Reading spent = group.read() - before;
        CHECK(spent[first].value() == 123.0);
        CHECK(spent.enabled_ns() == 50);
        CHECK(spent[first].coverage() == 1.0);
    }

    TEST_CASE("an interrupt in the middle makes it read again, for the whole group") {
        Readable machine{2};
        const CounterGroup group = machine.open();
        static Readable* world = nullptr;
        world = &machine;
        machine.counters.interrupt_once([] {
            world->page(0).set(2, 5000);
            world->page(1).set(1, 6000);
            world->counters.set(2, 5);
            world->counters.set(1, 6);
        });
        const Reading reading = group.read();
        CHECK(reading[first].raw() == 5005);
        CHECK(reading[second].raw() == 6006);
    }

    TEST_CASE("while one counter has no register, one system call reads all of the group") {
        Readable machine{3};
        const CounterGroup group = machine.open();
        machine.page(1).set(0, 77);
        machine.kernel.set_times(900, 800);
        const std::size_t calls = machine.kernel.reads();
        const Reading reading = group.read();
        CHECK(machine.kernel.reads() == calls + 1);
        CHECK(reading[first].raw() == 1000);
        CHECK(reading[second].raw() == 2000);
        CHECK(reading.enabled_ns() == 900);
        CHECK(reading.running_ns() == 800);
        CHECK(group.read_path() == ReadPath::user_read);
    }

    TEST_CASE("the first loss of the counters is scaled by the times of both ends, not by the page's old ones") {
        Readable machine{1};
        const CounterGroup group = machine.open();
        machine.give_clock(0, 10'000); // long after the page's times were taken
        const Reading before = group.read();
        machine.page(0).set(0, 0);
        machine.kernel.set_value(0, 1100);
        machine.kernel.set_times(10'500 + 400, 10'500 + 100);
        const Reading spent = group.read() - before;
        CHECK(spent[first].raw() == 100);
        CHECK(spent[first].coverage() == doctest::Approx(0.25));
        CHECK(spent[first].value() == 400.0);
    }

    TEST_CASE("a multiplexed group is still read by the instruction while it has its counters") {
        Readable machine{1};
        const CounterGroup group = machine.open();
        machine.page(0).set_times(1000, 400);
        const std::size_t calls = machine.kernel.reads();
        const Reading reading = group.read();
        CHECK(machine.kernel.reads() == calls);
        CHECK(reading.enabled_ns() == 1040);
        CHECK(reading.running_ns() == 440);
    }

    TEST_CASE("without the page's clock: old times as long as nothing was lost, then the kernel's") {
        Readable machine{1};
        machine.page(0)->cap_user_time = 0;
        const CounterGroup group = machine.open();
        REQUIRE(group.read_path() == ReadPath::user_read);
        const std::size_t calls = machine.kernel.reads();
        const Reading before = group.read();
        machine.counters.set(1, 50);
        const Reading spent = group.read() - before;
        CHECK(machine.kernel.reads() == calls);
        CHECK(before.enabled_ns() == 500);
        CHECK(spent[first].value() == 50.0);
        machine.page(0).set_times(600, 550);
        machine.kernel.set_times(700, 650);
        CHECK(group.read().enabled_ns() == 700);
        CHECK(machine.kernel.reads() == calls + 1);
    }

    TEST_CASE("another thread reads the group by a system call: its registers count something else") {
        Readable machine{1};
        const CounterGroup group = machine.open();
        const int registers = machine.counters.reads();
        const std::size_t calls = machine.kernel.reads();
        Reading reading;
        std::thread{[&] { reading = group.read(); }}.join();
        CHECK(machine.counters.reads() == registers);
        CHECK(machine.kernel.reads() == calls + 1);
        CHECK(reading[first].raw() == 1000);
    }

    TEST_CASE("in a fork's child a group is not counted, however it is read, and can be closed") {
        Readable machine{1};
        machine.kernel.set_page(1, &*machine.page(0));
        for (const ReadPolicy policy : {ReadPolicy::automatic, ReadPolicy::system_call}) {
            std::optional<CounterGroup> group{machine.open(policy)};
            const Reading before = group->read();
            const pid_t child = fork();
            if (child == 0) {
                const std::size_t calls = machine.kernel.reads();
                const std::size_t mapped = machine.kernel.mapped();
                const Reading reading = group->read();
                const bool right = reading.state() == State::not_counted && reading.size() == 1 &&
                                   (reading - before).state() == State::not_counted && machine.kernel.reads() == calls;
                group.reset();
                _exit(right && machine.kernel.mapped() == mapped ? 0 : 1);
            }
            int status = -1;
            REQUIRE(waitpid(child, &status, 0) == child);
            CHECK(status == 0);
            CHECK(group->read().state() == State::counted);
        }
    }

    TEST_CASE("pages are unmapped before the files are closed, and none is left") {
        Readable machine{4};
        {
            CounterGroup group = machine.open();
            CHECK(machine.kernel.mapped() == 4);
            CounterGroup moved = std::move(group);
            CHECK(moved.read()[first].raw() == 1000);
            CHECK(machine.kernel.mapped() == 4);
        }
        CHECK(machine.kernel.mapped() == 0);
        CHECK(machine.kernel.live() == 0);
        CHECK_FALSE(machine.kernel.closed_while_mapped());
    }

    TEST_CASE("a page that can't be mapped leaves system calls, and says so") {
        for (std::size_t missing = 0; missing < 3; ++missing) {
            Readable machine{3};
            machine.kernel.set_page(missing, nullptr);
            const CounterGroup group = machine.open();
            CHECK(by_system_call(group, "could not be mapped (errno EPERM"));
            CHECK(group.read_path_reason().remedy.find("perf_event_mlock_kb") != std::string::npos);
            CHECK(machine.kernel.mapped() == 0);
            CHECK(group.read()[second].raw() == 2000);
            CHECK(machine.counters.reads() == 0);
        }
    }

    TEST_CASE("a page that may not be read, or never has an index, leaves system calls") {
        Readable machine{2};
        SUBCASE("no user access") {
            machine.page(1)->cap_user_rdpmc = 0;
            CHECK(by_system_call(machine.open(), "lets no user code read"));
        }
        SUBCASE("no width") {
            machine.page(1)->pmc_width = 0;
            CHECK(by_system_call(machine.open(), "lets no user code read"));
        }
        SUBCASE("it runs, but without an index") {
            machine.page(1).set(0, 0);
            CHECK(by_system_call(machine.open(), "no counter's number"));
        }
        CHECK(machine.kernel.mapped() == 0);
    }

    TEST_CASE("a group that waits for its turn when it is opened is read by the instruction later") {
        Readable machine{1};
        machine.page(0).set(0, 0);
        machine.page(0).set_times(100, 90);
        const CounterGroup group = machine.open();
        CHECK(group.read_path() == ReadPath::user_read);
        machine.page(0).set(1, 123);
        CHECK(group.read()[first].raw() == 123);
    }

    TEST_CASE("system calls can be asked for, by the program and from outside") {
        Readable machine{2};
        CHECK(by_system_call(machine.open(ReadPolicy::system_call), "ReadPolicy::system_call"));
        setenv("PMC_READ", "syscall", 1);
        CHECK(by_system_call(machine.open(), "PMC_READ=syscall"));
        unsetenv("PMC_READ");
        CHECK(machine.counters.reads() == 0);
    }

    TEST_CASE("a group with a software event maps nothing") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const auto group = CounterGroup::open(std::vector{sample::cycles(), sample::page_faults()});
        REQUIRE(group);
        CHECK(by_system_call(*group, "page-faults"));
    }

    TEST_CASE("a group that was moved from says that it is read by nothing") {
        Readable machine{1};
        CounterGroup group = machine.open();
        const CounterGroup taken = std::move(group);
        CHECK(by_system_call(group, "moved from")); // NOLINT(bugprone-use-after-move): that is the question
    }
}
#endif
