// What a scope does between its begin and its end, over pages made by hand: x86's instruction, emulated. arm64's runs
// for real in the lab.
#ifdef __x86_64__
#include <doctest/doctest.h>

#include "counter/counter_group_state.hpp"
#include "fake_counter.hpp"
#include "fake_kernel.hpp"
#include "region/thread_record.hpp"
#include "sample_events.hpp"

#include <memory>
#include <optional>
#include <vector>

using pmc::CounterGroup;
using pmc::RegionFrame;
using pmc::RegionLayout;
using pmc::RegionSums;
using pmc::ThreadOwner;
using pmc::ThreadRecord;

namespace {

/// A thread with one group whose nth counter is on register n, and a clock that stands still.
class Thread {
public:
    explicit Thread(std::size_t size, std::uint16_t width = 48, bool has_clock = true)
        : sizes_{size}, layout_{sizes_}, pages_(size) {
        for (std::size_t i = 0; i < size; ++i) {
            const auto index = static_cast<std::uint32_t>(i + 1);
            page(i).set(index, static_cast<std::int64_t>(1000 * (i + 1)), width);
            page(i).set_times(500, 500);
            page(i)->cap_user_time = has_clock;
            page(i)->time_mult = has_clock;
            page(i)->time_shift = 63;
            page(i)->time_offset = 0;
            counters.set(index, 0);
            kernel.set_page(i, &*page(i));
        }
        std::vector<pmc::Event> events;
        for (std::size_t i = 0; i < size; ++i)
            events.push_back(sample::raw(i));
        owner_.groups.emplace_back(CounterGroup::open(std::move(events)).value());
        const auto clock = pmc::CounterGroupAccess::state(*owner_.groups[0]).head.layout->clock;
        REQUIRE(owner_.make_record(layout_, 4, clock));
    }

    std::uint64_t begin(std::uint64_t region) {
        ThreadRecord& record = *owner_.record;
        const std::uint64_t token = record.next;
        record.next = token + record.frame_size;
        RegionFrame& frame = *RegionFrame::of(token);
        frame.token = token;
        frame.sums = &record.sums_of(region);
        return record.take(token, record, frame);
    }
    void end(std::uint64_t token) { owner_.record->finish(token, *owner_.record); }

    bool end_within(std::uint64_t token) { return pmc::end_within(*owner_.record, token); }

    [[nodiscard]] RegionSums& sums(std::uint64_t region) const { return owner_.record->sums_of(region); }
    [[nodiscard]] std::uint64_t count(std::uint64_t region, std::size_t i) const { return sums(region).total()[4 + i]; }
    [[nodiscard]] std::uint64_t nested(std::uint64_t region, std::size_t i) const {
        return sums(region).nested(layout_.words)[4 + i];
    }
    [[nodiscard]] std::uint64_t enabled(std::uint64_t region) const { return sums(region).total()[1]; }
    [[nodiscard]] std::uint64_t running(std::uint64_t region) const { return sums(region).total()[2]; }
    [[nodiscard]] std::uint64_t untimed(std::uint64_t region) const { return sums(region).total()[3]; }
    fake::Page& page(std::size_t i) { return pages_[i]; }

    fake::Kernel kernel{fake::Kernel::made_up};
    fake::Counters counters;

private:
    std::vector<std::size_t> sizes_;
    RegionLayout layout_;
    std::vector<fake::Page> pages_;
    ThreadOwner owner_;
};

Thread* interrupted = nullptr;

/// A signal handler with a scope in it.
void handler() {
    const std::uint64_t token = interrupted->begin(2);
    interrupted->counters.set(1, 100);
    interrupted->end(token);
}

} // namespace

TEST_SUITE("snapshot") {
    TEST_CASE("a scope of few counters is read by instructions alone") {
        for (std::size_t size = 1; size <= 6; ++size) {
            CAPTURE(size);
            Thread thread(size);
            const std::size_t calls = thread.kernel.reads();
            for (std::uint64_t pass = 1; pass <= 3; ++pass) {
                const std::uint64_t token = thread.begin(1);
                for (std::size_t i = 0; i < size; ++i)
                    thread.counters.set(static_cast<std::uint32_t>(i + 1), pass * 10 * (i + 1));
                thread.end(token);
            }
            CHECK(thread.kernel.reads() == calls);
            CHECK(thread.sums(1).calls() == 3);
            for (std::size_t i = 0; i < size; ++i)
                CHECK(thread.count(1, i) == 30 * (i + 1));
        }
    }

    TEST_CASE("more counters than there is a fast way for are read all the same") {
        Thread thread(9);
        const std::uint64_t token = thread.begin(1);
        thread.counters.set(9, 77);
        thread.end(token);
        CHECK(thread.count(1, 8) == 77);
        CHECK(thread.count(1, 0) == 0);
    }

    TEST_CASE("a register that wraps is no loss") {
        Thread thread(2, 32);
        thread.page(0).set(1, 0x8000'0000, 32);
        thread.counters.set(1, 0x7fff'fff0);
        const std::uint64_t token = thread.begin(1);
        thread.counters.set(1, 0x8000'0010); // negative now: the kernel moves the offset at its next chance
        thread.page(0).set(1, 0x1'8000'0000, 32);
        thread.end(token);
        CHECK(thread.count(1, 0) == 0x20);
    }

    TEST_CASE("the times are the page's: what the group lost within the scope is known") {
        Thread thread(2);
        const std::uint64_t token = thread.begin(1);
        thread.page(0).set_times(1500, 900);
        thread.end(token);
        CHECK(thread.enabled(1) == 1000);
        CHECK(thread.running(1) == 400);
    }

    TEST_CASE("a group that has lost its counters is read by the kernel, which says the same") {
        Thread thread(2);
        thread.kernel.set_times(500, 500);
        thread.kernel.set_value(0, 1007);
        thread.kernel.set_value(1, 2009);
        std::uint64_t token = thread.begin(1);
        thread.page(0).set(0, 0);
        thread.end(token);
        CHECK(thread.count(1, 0) == 7);
        CHECK(thread.count(1, 1) == 9);
        CHECK(thread.enabled(1) == 0);
        token = thread.begin(1);
        thread.page(0).set(1, 1007);
        thread.page(1).set(2, 2010);
        thread.end(token);
        CHECK(thread.count(1, 0) == 7);
        CHECK(thread.count(1, 1) == 10);
        CHECK(thread.sums(1).calls() == 2);
        CHECK(thread.sums(1).uncounted == 0);
    }

    TEST_CASE("what is nested is known apart, also where both ways of reading meet") {
        Thread thread(1);
        const std::uint64_t outer = thread.begin(1);
        thread.counters.set(1, 5);
        const std::uint64_t inner = thread.begin(2);
        thread.counters.set(1, 25);
        thread.end(inner);
        const std::uint64_t second = thread.begin(2);
        thread.counters.set(1, 26);
        thread.end(second);
        thread.end(outer);
        CHECK(thread.count(1, 0) == 26);
        CHECK(thread.nested(1, 0) == 21);
        CHECK(thread.count(2, 0) == 21);
        CHECK(thread.sums(2).calls() == 2);
    }

    TEST_CASE("a signal handler's scope, in the midst of a begin or an end, harms nothing") {
        Thread thread(2);
        interrupted = &thread;
        thread.counters.interrupt_once(handler);
        const std::uint64_t first = thread.begin(1);
        thread.counters.set(1, 200);
        thread.counters.interrupt_once(handler); // sets the counter to 100 again
        thread.end(first);
        CHECK(thread.sums(1).calls() == 1);
        CHECK(thread.sums(2).calls() == 2);
        CHECK(thread.sums(1).dropped + thread.sums(2).dropped == 0);
        CHECK(thread.nested(1, 0) == 0); // neither of the two was within the outer one's snapshots
        const std::uint64_t next = thread.begin(1);
        thread.counters.set(1, 300);
        thread.end(next);
        CHECK(thread.sums(1).calls() == 2);
    }

    TEST_CASE("a reading that failed takes the outer scope's counts away, and with them what was nested") {
        Thread thread(1);
        thread.page(0).set(0, 0);
        thread.kernel.on_read([](std::vector<std::uint64_t>& words) {
            words.clear();
            return 0;
        });
        const std::uint64_t outer = thread.begin(1);
        thread.page(0).set(1, 1000);
        const std::uint64_t inner = thread.begin(2);
        thread.counters.set(1, 5);
        thread.end(inner);
        thread.end(outer);
        CHECK(thread.sums(1).uncounted == 1);
        CHECK(thread.count(1, 0) == 0);
        CHECK(thread.nested(1, 0) == 0);
        CHECK(thread.count(2, 0) == 5);
    }

    TEST_CASE("without a clock in the page, ticks tell how long a group was counted in full") {
        Thread thread(1, 48, false);
        const std::uint64_t token = thread.begin(1);
        thread.counters.set(1, 5);
        thread.end(token);
        CHECK(thread.count(1, 0) == 5);
        CHECK(thread.enabled(1) == 0);
        CHECK(thread.running(1) == 0);
        CHECK(thread.untimed(1) == thread.sums(1).total()[0]);
        CHECK(thread.untimed(1) > 0);
    }

    TEST_CASE("a thread's tokens are not those of an ended thread whose memory it got") {
        std::uint64_t old = 0;
        {
            Thread thread(1);
            old = thread.begin(1);
        }
        Thread thread(1);
        const std::uint64_t own = thread.begin(1);
        CHECK(RegionFrame::of(own)->token != old);
        CHECK_FALSE(thread.end_within(old));
        thread.end(own);
    }

    TEST_CASE("a handler's scope of the region whose sums are being changed is dropped") {
        Thread thread(1);
        const std::uint64_t outer = thread.begin(1);
        const std::uint64_t inner = thread.begin(1);
        thread.sums(1).sequence += 1; // as within the end of a scope
        thread.end(inner);
        CHECK(thread.sums(1).dropped == 1);
        thread.sums(1).sequence -= 1;
        thread.counters.set(1, 3);
        thread.end(outer);
        CHECK(thread.sums(1).calls() == 1);
        CHECK(thread.count(1, 0) == 3);
    }
}
#endif
